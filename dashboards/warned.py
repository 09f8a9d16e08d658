"""The people behind a number of the store's board: rows, filters, order."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.core.paginator import Paginator
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from alerts.selectors import Card, split, store_cards
from customers.models import Customer
from dashboards import presentation
from dashboards.board import KIND_CHOICES, owner_filter
from dashboards.calls import car_text, row_of
from dashboards.days import Day
from dashboards.presentation import Chip
from lifecycle.choices import ValueTier
from lifecycle.selectors import KINDS, living_cars, living_customers, warned
from stores.models import Staff

PAGE_SIZE = 50
CARD_LEVELS = (("duty", _("Must be done")), ("over", _("Does not fit today")))
SORTS = (
    ("due", _("Due date, earliest first")),
    ("score", _("Health score, lowest first")),
    ("value", _("Yearly spend, highest first")),
    ("name", _("Name")),
)


@dataclass(frozen=True)
class PersonRow:
    """A line of the list: a person, usually with a car."""

    customer: Customer
    car: str
    chips: list[Chip]
    tier: str
    yearly_amount: Any
    due_on: Any
    owner: str


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select form-select-sm"})


class WarnedFilter(django_filters.FilterSet):  # type: ignore[misc]
    """`level`, `tier`, `owner` and `sort` of one kind; the kind and the store are the page's."""

    level = django_filters.ChoiceFilter(
        label=_("Level"), empty_label=_("All levels"), method="by_level", widget=_select()
    )
    tier = django_filters.ChoiceFilter(
        label=_("Value"), empty_label=_("Every value"), method="by_tier", widget=_select()
    )
    owner = django_filters.ChoiceFilter(
        label=_("Person"), empty_label=_("Everybody"), method="by_owner", widget=_select()
    )
    sort = django_filters.ChoiceFilter(
        label=_("Order"), choices=SORTS, method="by_sort", widget=_select(), empty_label=None
    )

    def __init__(self, *args: Any, kind: str, people: list[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        fields = self.form.fields
        fields["level"].choices = _levels(kind)
        fields["tier"].choices = _titles(ValueTier)
        names = [(str(person.pk), person.name) for person in people]
        fields["owner"].choices = [*names, ("none", _("Nobody"))]
        self.form.label_suffix = ""
        if kind == "cards":
            del fields["sort"]
        elif kind == "stage":
            fields["sort"].choices = [SORTS[2], SORTS[3]]

    def by_level(self, rows: Any, name: str, value: str) -> Any:
        return (
            rows.filter(stage=value)
            if self.kind == "stage"
            else rows.filter(warned(self.kind, value))
        )

    def by_tier(self, rows: Any, name: str, value: str) -> Any:
        path = "value_tier" if self.kind == "stage" else "customer__state__value_tier"
        return rows.filter(**{path: value})

    def by_owner(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(owner_filter(value, "customer__advisor"))

    def by_sort(self, rows: Any, name: str, value: str) -> Any:
        amount = "yearly_amount" if self.kind == "stage" else "customer__state__yearly_amount"
        orders = {
            "due": F("due_on").asc(nulls_last=True),
            "score": F("score").asc() if self.kind != "stage" else F(amount).desc(),
            "value": F(amount).desc(nulls_last=True),
            "name": F("customer__name_pinyin").asc(),
        }
        return rows.order_by(orders[value], "pk")


def _titles(kind: Any) -> list[tuple[str, str]]:
    return [(value, presentation.title(kind, value)) for value in kind.values]


def _levels(kind: str) -> list[tuple[str, Any]]:
    if kind == "cards":
        return list(CARD_LEVELS)
    choice = KIND_CHOICES[kind]
    return [(level, presentation.title(choice, level)) for level in KINDS[kind]]


def page_of_people(filters: WarnedFilter, day: Day, number: str | None) -> Any:
    """One page of the filtered list; its `object_list` holds PersonRow."""
    rows, build = {
        "cards": (lambda: _cards(filters, day), _card_row),
        "stage": (lambda: filters.qs, _stage_row),
    }.get(filters.kind, (lambda: filters.qs, _car_row))
    page: Any = Paginator(rows(), PAGE_SIZE).get_page(number)
    page.object_list = [build(row, day) for row in page.object_list]
    return page


def people_behind(kind: str, day: Day) -> Any:
    """All rows of a kind in a store, before filters."""
    related = ("customer__advisor", "customer__state")
    if kind == "stage":
        rows = living_customers(day.store.pk).select_related("customer__advisor")
        return rows.order_by(F("yearly_amount").desc(), "pk")
    cars = living_cars(day.store.pk).filter(warned("due" if kind == "cards" else kind))
    ordered = cars.order_by(F("due_on").asc(nulls_last=True), "pk")
    return ordered.select_related("vehicle", *related)


def _cards(filters: WarnedFilter, day: Day) -> list[Card]:
    """Cards of one person or, without `owner`, of everybody in the store."""
    chosen = filters.form.cleaned_data
    owner, tier = chosen["owner"], chosen["tier"]
    found: list[Card] = []
    for key, cards in store_cards(day.store.pk).items():
        if owner in ("", str(key or "none")):
            found += _level(cards, chosen["level"], day)
    return [card for card in found if not tier or _tier(card.customer) == tier]


def _level(cards: list[Card], level: str, day: Day) -> list[Card]:
    if level == "duty":
        return [card for card in cards if any(t.priority_group == 0 for t in card.tasks)]
    if level == "over" and cards:
        owner = cards[0].first.owner
        return split(cards, day.capacity(owner.role))[1] if owner else []
    return cards


def _tier(customer: Customer) -> str:
    state = getattr(customer, "state", None)
    return state.value_tier if state else ""


def _card_row(card: Card, day: Day) -> PersonRow:
    row = row_of(card, {day.store.pk: day})
    owner = card.first.owner
    state = getattr(card.customer, "state", None)
    return PersonRow(
        customer=card.customer,
        car=row.lines[0].car,
        chips=row.lines[0].chips,
        tier=_tier(card.customer),
        yearly_amount=state.yearly_amount if state else None,
        due_on=getattr(getattr(card.first.vehicle, "state", None), "due_on", None),
        owner=owner.name if owner else "",
    )


def _car_row(car: Any, day: Day) -> PersonRow:
    state = getattr(car.customer, "state", None)
    return PersonRow(
        customer=car.customer,
        car=car_text(car.vehicle),
        chips=presentation.why_chips(car, day.as_of),
        tier=_tier(car.customer),
        yearly_amount=state.yearly_amount if state else None,
        due_on=car.due_on,
        owner=car.customer.advisor.name if car.customer.advisor else "",
    )


def _stage_row(state: Any, day: Day) -> PersonRow:
    customer = state.customer
    return PersonRow(
        customer=customer,
        car="",
        chips=[presentation.chip(KIND_CHOICES["stage"], state.stage)],
        tier=state.value_tier,
        yearly_amount=state.yearly_amount,
        due_on=None,
        owner=customer.advisor.name if customer.advisor else "",
    )
