"""What can be chosen on the list of people behind a number of the store's board."""

from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dashboards import presentation
from dashboards.selectors.board import KIND_CHOICES
from lifecycle.choices import ValueTier
from lifecycle.selectors import KINDS, warned
from stores.models import Staff

CARD_LEVELS = (("duty", _("Must be done")), ("over", _("Does not fit today")))
SORTS = (
    ("due", _("Due date, earliest first")),
    ("score", _("Health score, lowest first")),
    ("value", _("Yearly spend, highest first")),
    ("name", _("Name")),
)


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
        return rows.filter(_of_person(value))

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


def _of_person(owner: str) -> Q:
    """Customers of one advisor by id, of nobody for `none`."""
    if owner == "none":
        return Q(customer__advisor__isnull=True)
    return Q(customer__advisor_id=int(owner))
