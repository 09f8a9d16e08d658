"""Reads of tasks: a person's call list in the order of TASK-2, and who has what in a store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import StrIndex

from alerts.choices import TaskKind
from alerts.models import Task
from alerts.rules.capacity import fitting
from common.sql import rows, statement
from customers.models import Customer, Vehicle
from stores.models import Staff
from stores.scope import ScopedQuerySet, scope_ids

# TASK-5: belong to the manager until settled.
MANAGERS_KINDS = (TaskKind.CRITICAL, TaskKind.COMPLAINT)

_SPARE_CARDS = 10
# Of a customer a line of the list shows little, and there are many lines.
_NOT_ON_A_LINE = (
    "name_pinyin",
    "name_initials",
    "name_parts",
    "phone_index",
    "phone_last4_index",
    "address_sealed",
    "email_sealed",
    "wechat_sealed",
    "phone_digest",
    "address_digest",
    "email_digest",
    "wechat_digest",
    "occupation",
    "interests",
    "dislikes",
    "notes",
)
# Where a kind stands in it is its rank: one small expression for the planner and for Django.
_KINDS = " ".join(TaskKind.values)
# The same of `store_tasks`.
LIST_ORDER = """
    priority_group, CASE priority_group WHEN 0 THEN deadline_at END NULLS LAST,
    CASE priority_group WHEN 1 THEN value_amount END DESC NULLS LAST, opened_on, vehicle_id,
    strpos(%(kinds)s, kind)"""
_LOADS = """
    SELECT owner_id, count(DISTINCT customer_id) AS cards,
           count(DISTINCT customer_id) FILTER (WHERE priority_group = 0) AS duties,
           count(DISTINCT customer_id) FILTER (WHERE NOT is_with_manager) AS calls,
           count(DISTINCT customer_id)
               FILTER (WHERE NOT is_with_manager AND priority_group = 0) AS duty_calls,
           min(opened_on) AS oldest_on
    FROM ({tasks}) t
    GROUP BY owner_id"""
_ORDER = (
    "priority_group",
    Case(When(priority_group=0, then=F("deadline_at"))).asc(nulls_last=True),
    Case(When(priority_group=1, then=F("value_amount"))).desc(nulls_last=True),
    "opened_on",
    "vehicle_id",
    StrIndex(Value(_KINDS), "kind"),
)


@dataclass(frozen=True)
class Card:
    """A customer on a call list with every open task of one owner; the first one ranks it.

    A specialist's card has no task but a car: the customer is lost (alerts.selectors.lost).
    """

    customer: Customer
    tasks: tuple[Any, ...]
    vehicle: Vehicle | None = None

    @property
    def first(self) -> Any:
        return self.tasks[0]

    @property
    def is_duty(self) -> bool:
        """Whether it stands among the obligations (priority group 0)."""
        return any(task.priority_group == 0 for task in self.tasks[:1])

    @property
    def is_with_manager(self) -> bool:
        """A colleague settles a complaint or a low survey first: no call is asked for (TASK-5)."""
        return any(task.is_with_manager for task in self.tasks[:1])

    @property
    def stands_in_for(self) -> Staff | None:
        return next((task.stands_in_for for task in self.tasks if task.stands_in_for), None)


@dataclass(frozen=True)
class Load:
    """What one person of a store has open; `owner_id` None: nobody has it."""

    owner_id: int | None
    cards: int
    duties: int
    # Cards that ask for a call, and those of them that are obligations.
    calls: int
    duty_calls: int
    oldest_on: date | None

    def over(self, places: int) -> int:
        """How many cards do not fit today (alerts.rules.capacity)."""
        return self.calls - fitting(self.calls, self.duty_calls, places)


@dataclass(frozen=True)
class Counts:
    """How many cards a list has, how many ask for a call, and how many of those are duties.

    `is_listed`: whether the customer asked about is on it.
    """

    cards: int
    calls: int
    duties: int
    is_listed: bool


def open_tasks(on: date) -> ScopedQuerySet[Task]:
    """Open tasks on the lists of a day, each knowing whether the customer is with the manager.

    `on` is the store's day: what was due before it is there too, what is due later rests (TASK-4).
    """
    settling = Task.objects.filter(kind__in=MANAGERS_KINDS, closed_on__isnull=True)
    elsewhere = settling.filter(customer=OuterRef("customer")).exclude(owner=OuterRef("owner"))
    # Few customers have one: they are found once, then asked about one by one.
    is_with_manager = Q(customer__in=settling.values("customer")) & Exists(elsewhere)
    tasks: ScopedQuerySet[Task] = Task.objects.filter(closed_on__isnull=True, due_on__lte=on)
    return tasks.annotate(
        is_with_manager=ExpressionWrapper(is_with_manager, output_field=BooleanField())
    )


def resting(customer_id: int, on: date) -> list[Any]:
    """A customer's open tasks that come back after the day `on`, the next first; one query."""
    tasks = Task.objects.filter(customer_id=customer_id, closed_on__isnull=True, due_on__gt=on)
    return list(tasks.select_related("vehicle", "owner").order_by("due_on", "pk"))


def in_list_order(tasks: ScopedQuerySet[Task]) -> ScopedQuerySet[Task]:
    """TASK-2: obligations by deadline; then by expected value, opened first, vehicle."""
    return tasks.order_by(*_ORDER)


def call_list(owner_id: int, on: date, calls: int | None = None) -> list[Card]:
    """A person's cards of a day in order; one query, with what a line of the list shows.

    With `calls` only every obligation and then cards until so many ask for a call: a list may be
    ten days long, its page is not. (A list with very many obligations asks once more.)
    """
    mine = open_tasks(on).filter(owner_id=owner_id)
    if calls is None:
        return cards_of(mine)
    reach = max(0, calls) + _SPARE_CARDS
    # Of each customer the task that ranks the card.
    ranking = mine.order_by("customer_id", *_ORDER).distinct("customer_id").values("pk")
    while True:
        first = in_list_order(mine.filter(pk__in=ranking)).values("customer_id")[:reach]
        cards = cards_of(mine.filter(customer_id__in=first))
        found = _until(cards, calls)
        if len(found) < len(cards) or len(cards) < reach:
            return found
        reach *= 4


def count_cards(owner_id: int, on: date) -> int:
    """How many cards a person's list of a day has."""
    mine = Task.objects.filter(owner_id=owner_id, closed_on__isnull=True, due_on__lte=on)
    return int(mine.aggregate(cards=Count("customer", distinct=True))["cards"])


def open_counts(owner_id: int, on: date, customer_id: int | None = None) -> Counts:
    """What a person's list of a day holds, without reading it; one query."""
    params = {
        "owner": owner_id,
        "on": on,
        "managers": list(MANAGERS_KINDS),
        "stores": scope_ids(),
        "customer": customer_id,
    }
    return Counts(**rows(statement("alerts", "open_counts"), params)[0])


def is_listed(owner_id: int, customer_id: int, on: date) -> bool:
    """Whether a customer is on a person's list of a day."""
    open_now = Task.objects.filter(customer_id=customer_id, closed_on__isnull=True)
    return bool(open_now.filter(owner_id=owner_id, due_on__lte=on).exists())


def _until(cards: list[Card], calls: int) -> list[Card]:
    left = calls
    for place, card in enumerate(cards):
        if left <= 0 and not card.is_duty:
            return cards[:place]
        left -= not card.is_with_manager
    return cards


def store_cards(store_id: int, on: date) -> dict[int | None, list[Card]]:
    """{owner: cards of a day in order} of a store, None for nobody's; one query."""
    by_owner: dict[int | None, list[Task]] = {}
    tasks = open_tasks(on).filter(store_id=store_id).select_related("owner")
    for task in _with_facts(tasks):
        by_owner.setdefault(task.owner_id, []).append(task)
    return {owner: _gathered(found) for owner, found in by_owner.items()}


def cards_of(tasks: ScopedQuerySet[Task]) -> list[Card]:
    """One card a customer, at the place of the customer's first task."""
    return _gathered(_with_facts(tasks))


def _with_facts(tasks: ScopedQuerySet[Task]) -> ScopedQuerySet[Task]:
    facts = tasks.select_related("customer__state", "vehicle__state", "stands_in_for")
    facts = facts.defer(*(f"customer__{name}" for name in _NOT_ON_A_LINE))
    return in_list_order(facts.annotate(last_visit_on=F("vehicle__rollup__last_visit_on")))


def _gathered(tasks: Iterable[Task]) -> list[Card]:
    by_customer: dict[int, list[Task]] = {}
    for task in tasks:
        by_customer.setdefault(task.customer_id, []).append(task)
    return [Card(found[0].customer, tuple(found)) for found in by_customer.values()]


def split(cards: Sequence[Card], places: int) -> tuple[list[Card], list[Card]]:
    """(today, does not fit) of cards in list order (alerts.rules.capacity)."""
    calls = [card for card in cards if not card.is_with_manager]
    left = fitting(len(calls), sum(card.is_duty for card in calls), places)
    today: list[Card] = []
    later: list[Card] = []
    for card in cards:
        if left > 0 or card.is_with_manager:
            today.append(card)
            left -= not card.is_with_manager
        else:
            later.append(card)
    return today, later


def loads(store_id: int, on: date) -> list[Load]:
    """Who has what in a store: one row an owner with tasks on the day's list; one query."""
    sql, params = store_tasks(store_id, on)
    return [Load(**row) for row in rows(_LOADS.format(tasks=sql), params)]


def store_tasks(store_id: int, on: date) -> tuple[str, dict[str, Any]]:
    """The tasks on a store's lists of a day: a statement for others to read from."""
    params = {
        "store": store_id,
        "on": on,
        "managers": list(MANAGERS_KINDS),
        "stores": scope_ids(),
        "kinds": _KINDS,
    }
    return statement("alerts", "store_tasks"), params
