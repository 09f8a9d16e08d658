"""The people behind a number of the store's board, as rows of one list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F

from alerts.selectors import Card, split, store_cards
from customers.models import Customer
from dashboards import presentation
from dashboards.presentation import Chip
from dashboards.selectors.board import KIND_CHOICES, places_left
from dashboards.selectors.calls import car_text, row_of
from dashboards.selectors.days import Day
from lifecycle.selectors import living_cars, living_customers, warned

PAGE_SIZE = 50
_Lists = dict[int | None, list[Card]]


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


def page_of_people(kind: str, rows: Any, day: Day, number: str | None) -> Any:
    """One page of a filtered list; its `object_list` holds PersonRow."""
    build: Callable[[Any, Day], PersonRow] = _BUILD.get(kind, _car_row)
    page: Any = Paginator(rows, PAGE_SIZE).get_page(number)
    page.object_list = [build(row, day) for row in page.object_list]
    return page


def people_behind(kind: str, day: Day) -> Any:
    """All rows of a kind in a store, before filters (cards have a reader of their own)."""
    if kind == "stage":
        people = living_customers(day.store.pk).select_related("customer__advisor")
        return people.order_by(F("yearly_amount").desc(), "pk")
    cars = living_cars(day.store.pk)
    if kind == "cards":
        return cars.none()
    related = ("vehicle", "customer__advisor", "customer__state")
    ordered = cars.filter(warned(kind)).order_by(F("due_on").asc(nulls_last=True), "pk")
    return ordered.select_related(*related)


def chosen_cards(
    day: Day, now: datetime, *, owner: str = "", level: str = "", tier: str = ""
) -> list[Card]:
    """Cards of one person (an id, `none`) or of everybody in the store, in each list's order."""
    lists = store_cards(day.store.pk, day.as_of)
    chosen = {key: cards for key, cards in lists.items() if owner in ("", str(key or "none"))}
    if level == "over":
        chosen = _over(chosen, day, now)
    found = [card for cards in chosen.values() for card in cards if level != "duty" or card.is_duty]
    return [card for card in found if not tier or _tier(card.customer) == tier]


def _over(lists: _Lists, day: Day, now: datetime) -> _Lists:
    """What does not fit into each person's day; what nobody has waits for nobody's."""
    owners = [cards[0].first.owner for key, cards in lists.items() if key]
    left = places_left(owners, day, now)
    return {key: split(cards, left[key])[1] for key, cards in lists.items() if key}


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


_BUILD: dict[str, Callable[[Any, Day], PersonRow]] = {"cards": _card_row, "stage": _stage_row}
