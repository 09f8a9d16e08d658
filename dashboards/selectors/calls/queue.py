"""A person's list of the day: obligations, by value, done, and what does not fit."""

from dataclasses import dataclass
from datetime import date, datetime

from alerts.rules.capacity import places_of
from alerts.selectors import (
    Card,
    call_list,
    cards_of,
    count_cards,
    open_tasks,
    split,
)
from alerts.selectors.lost import lost_cards
from customers.models import Customer
from dashboards.selectors.calls.done import Done, done_of
from dashboards.selectors.calls.head import Head, head_from, head_of, left_of, progress_of
from dashboards.selectors.calls.rows import Row, row_of
from dashboards.selectors.days import Day
from stores.access import Reader
from stores.choices import Role

# Of what does not fit today so many are shown; a list may be ten days long.
LATER = 10


@dataclass(frozen=True)
class Queue:
    """Inputs of templates/dashboards/today/queue.html."""

    duties: list[Row]
    by_value: list[Row]
    later: list[Row]
    # What does not fit today either and is not shown.
    more_later: int
    done: list[Done]
    head: Head
    day: Day
    capacity: int
    # A specialist's: lost customers by what they were worth.
    is_of_lost: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing to do and nothing done."""
        return not (self.duties or self.by_value or self.later or self.done)

    @property
    def later_count(self) -> int:
        return len(self.later) + self.more_later

    @property
    def is_all_done(self) -> bool:
        return bool(self.done) and not (self.duties or self.by_value)

    @property
    def first(self) -> Customer | None:
        """Whose card is open at first: the first that asks for a call, else the first."""
        rows = [*self.duties, *self.by_value]
        calls = [row for row in rows if not row.is_with_manager]
        return next((row.customer for row in calls + rows), None)

    @property
    def more(self) -> Customer | None:
        """The first of those who did not fit: for whoever is done and wants more."""
        return self.later[0].customer if self.later else None


def queue_of(reader: Reader, days: dict[int, Day], now: datetime) -> Queue:
    """The reader's own list; `days` are the latest computed days of the reader's stores."""
    day = next(iter(days.values()))
    on = list_day(days)
    capacity = day.capacity(reader.role)
    done = done_of(reader.staff.pk, days, now)
    places = places_of(capacity, len(done))
    cards = cards_for(reader, on, places, LATER)
    today, later = split(cards, places)
    # Lost customers have no task and are not among the counted.
    shown = sum(bool(card.tasks) for card in cards)
    is_cut = shown >= places + LATER
    return Queue(
        duties=[row_of(card, days) for card in today if card.is_duty],
        by_value=[row_of(card, days) for card in today if not card.is_duty],
        later=[row_of(card, days) for card in later],
        more_later=max(0, count_cards(reader.staff.pk, on) - shown) if is_cut else 0,
        done=done,
        head=head_of(reader, day, now, sum(not card.is_with_manager for card in today)),
        day=day,
        capacity=capacity,
        is_of_lost=reader.role == Role.SPECIALIST,
    )


def cards_for(reader: Reader, on: date, places: int, later: int = 0) -> list[Card]:
    """The reader's first cards: obligations, calls that fit, `later` more.

    A specialist's tasks come first, then lost customers.
    """
    cards = call_list(reader.staff.pk, on, places + later)
    if reader.role != Role.SPECIALIST:
        return cards
    free = max(0, places - sum(not card.is_with_manager for card in cards))
    return cards + lost_cards(reader.staff, reader.store_ids, on, free)


@dataclass(frozen=True)
class Rest:
    """What an outcome leaves: the day's progress, the cards the menu counts, the customer's line.

    `row` is None when the customer is not on the list any more, as after most outcomes.
    """

    head: Head
    cards: int
    row: Row | None


def rest_of(reader: Reader, days: dict[int, Day], now: datetime, customer_id: int) -> Rest:
    """The list after an outcome on this customer; two queries, a specialist's four."""
    day, on = next(iter(days.values())), list_day(days)
    found = progress_of(reader, day, now)
    left = left_of(reader, day, found.done, on=on, customer_id=customer_id)
    row = _row(reader, days, customer_id) if left.is_listed else None
    if reader.role != Role.SPECIALIST:
        return Rest(head_from(found, day, now, left.calls), left.cards, row)
    places = places_of(day.capacity(reader.role), found.done)
    cards = cards_for(reader, on, places)
    today, _later = split(cards, places)
    calls = sum(not card.is_with_manager for card in today)
    lost = sum(not card.tasks for card in cards)
    return Rest(head_from(found, day, now, calls), left.cards + lost, row)


def next_for(reader: Reader, days: dict[int, Day], *, but: int) -> int | None:
    """Whose card comes first on the list now, `but` last; the list's own queries."""
    cards = cards_for(reader, list_day(days), 2)
    calls = [card.customer.pk for card in cards if not card.is_with_manager]
    others = [pk for pk in calls if pk != but]
    return next(iter(others + calls), None)


def _row(reader: Reader, days: dict[int, Day], customer_id: int) -> Row | None:
    """The line of one customer, None when it is not on the list (any more)."""
    mine = open_tasks(list_day(days)).filter(owner=reader.staff, customer_id=customer_id)
    return next((row_of(card, days) for card in cards_of(mine)), None)


def list_day(days: dict[int, Day]) -> date:
    """The day a person's list is of: the newest of the stores'."""
    return max(day.as_of for day in days.values())
