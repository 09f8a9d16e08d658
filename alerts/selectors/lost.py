"""A specialist's list: the lost customers of the stores, shared out among the present ones.

Without tasks of their own until win-back has cases: the list is read, not kept, so what comes of a
call shows in the outcome (TASK-4) and takes the customer off the list for a while.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

from alerts.selectors.lists import Card
from common.sql import positional, statement
from lifecycle.models import VehicleState
from stores.models import Staff

# Whoever was spoken to or tried is left alone for so long.
REST_DAYS = 30
ON = "%(on)s::date"
_DEAREST = "ORDER BY s.yearly_amount DESC, s.customer_id"


def lost_cards(staff: Staff, store_ids: Iterable[int], on: date, limit: int) -> list[Card]:
    """The person's share of the lost customers, the highest yearly value first; one query.

    `limit` is what today's calls leave of the capacity: whoever was called makes room for another.
    A card without tasks, with the car that was lost last (its `state` and `rollup` are there).
    Nobody gets anything where the store has no specialist present (TASK-5).
    """
    if limit < 1:
        return []
    return _cards(_share(staff, store_ids, on, limit, order=_DEAREST))


def lost_customer(
    staff: Staff, store_ids: Iterable[int], on: date, customer_id: int
) -> Card | None:
    """The card of one customer, None when it is not in the person's share; one query."""
    found = _cards(_share(staff, store_ids, on, 1, customer_id=customer_id))
    return next(iter(found), None)


def lost_count(
    staff: Staff, store_ids: Iterable[int], on: date, limit: int, *, day: str = ON
) -> RawSQL:
    """For a query of something else: how many cards the share has, counted up to `limit`.

    `day`: SQL for the day, where it is read in the same query; it may use `on` and `stores`.
    """
    share = _share(staff, store_ids, on, limit, day=day)
    # S608, S611: the statement of alerts/sql/lost.sql; what comes from outside is a parameter.
    return RawSQL(f"SELECT count(*) FROM ({share.sql}) share", share.params, IntegerField())  # noqa: S608, S611


def _share(
    staff: Staff,
    store_ids: Iterable[int],
    on: date,
    limit: int,
    *,
    day: str = ON,
    order: str = "",
    customer_id: int | None = None,
) -> RawSQL:
    """Ids of customers, one column."""
    who = "true" if customer_id is None else "s.customer_id = %(customer)s"
    facts = {
        "staff": staff.pk,
        "code": staff.code,
        "stores": list(store_ids),
        "on": on,
        "rest": REST_DAYS,
        "limit": limit,
        "customer": customer_id,
    }
    sql = statement("alerts", "lost").format(day=day, who=who, order=order)
    return RawSQL(*positional(sql, facts))  # noqa: S611 - our own file, with parameters


def _cards(people: RawSQL) -> list[Card]:
    """Cards of these customers, each with one car; only they are read in full."""
    lost = VehicleState.objects.filter(customer_id__in=people, is_lost=True, is_gone=False)
    lost = lost.order_by("customer_id", "-idle_from_on", "-vehicle_id").distinct("customer_id")
    rows = lost.select_related("vehicle__rollup", "customer__state", "customer__advisor")
    cards = [Card(row.customer, (), row.vehicle) for row in rows]
    return sorted(cards, key=_rank)


def _rank(card: Card) -> tuple[Decimal, int]:
    return -card.customer.state.yearly_amount, card.customer.pk
