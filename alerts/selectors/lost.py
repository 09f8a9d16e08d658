"""A specialist's list: the lost customers of the stores, shared out among the present ones.

Without tasks of their own until win-back has cases: the list is read, not kept, so what comes of a
call shows in the outcome (TASK-4) and takes the customer off the list for a while.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from alerts.models import Outcome, Task
from alerts.selectors.lists import Card
from customers.choices import Channel
from customers.models import ConsentEvent
from lifecycle.choices import Stage
from lifecycle.models import CustomerState, VehicleState
from stores.choices import Role
from stores.models import Absence, Staff, StaffStore
from stores.scope import ScopedQuerySet

# Whoever was spoken to or tried is left alone for so long.
REST_DAYS = 30
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def lost_cards(staff: Staff, store_ids: Iterable[int], on: date, limit: int) -> list[Card]:
    """The person's share of the lost customers, the highest yearly value first; one query.

    `limit` is what today's calls leave of the capacity: whoever was called makes room for another.
    A card without tasks, with the car that was lost last (its `state` and `rollup` are there).
    Nobody gets anything where the store has no specialist present (TASK-5).
    """
    people = _share(staff, store_ids, on).order_by("-yearly_amount", "customer_id")
    return _cards(people.values("customer_id")[:limit]) if limit > 0 else []


def lost_customer(
    staff: Staff, store_ids: Iterable[int], on: date, customer_id: int
) -> Card | None:
    """The card of one customer, None when it is not in the person's share; one query."""
    people = _share(staff, store_ids, on).filter(customer_id=customer_id)
    return next(iter(_cards(people.values("customer_id"))), None)


def lost_count(staff: Staff, store_ids: Iterable[int], on: Any, limit: int) -> Func:
    """For a query of something else: how many `lost_cards` would find, at most `limit`.

    `on` may be an expression. Nobody is put in order, so it ends with the first `limit` found.
    """
    people = _share(staff, store_ids, on).order_by().values("customer_id")[:limit]
    return Func(ArraySubquery(people), function="CARDINALITY", output_field=IntegerField())


def _share(staff: Staff, store_ids: Iterable[int], on: Any) -> ScopedQuerySet[Any]:
    """Customers of this person: those whose id, modulo the specialists present, is the place.

    Places and sizes are asked in the same query, once a store. Where the person is not among the
    present ones the place is null, and so is the answer.
    """
    away = Absence.objects.filter(starts_on__lte=on, ends_on__gte=on).values("staff_id")
    here = StaffStore.objects.filter(staff__role=Role.SPECIALIST, staff__is_active=True).exclude(
        staff_id__in=away
    )
    share = Q(pk__in=())
    for store_id in store_ids:
        team = here.filter(store_id=store_id).order_by().values("store_id")
        before = Count("pk", filter=Q(staff__code__lt=staff.code))
        mine = team.annotate(place=before, own=Count("pk", filter=Q(staff=staff)))
        place = Subquery(mine.filter(own__gt=0).values("place"))
        size = Subquery(team.annotate(size=Count("pk")).values("size"))
        turn = Func(F("customer_id"), size, function="MOD", output_field=BigIntegerField())
        share |= Q(customer__store_id=store_id) & Q(Exact(turn, place))
    return _people(on).filter(share)


def _people(on: Any) -> ScopedQuerySet[Any]:
    """States of lost customers who may be called and whom nobody is busy with."""
    person = OuterRef("customer")
    busy = Task.objects.filter(customer=person, closed_on__isnull=True)
    lately = Outcome.objects.filter(
        customer=person, undone_at__isnull=True, on_date__gt=on - timedelta(days=REST_DAYS)
    )
    cars = VehicleState.objects.filter(customer=person, is_gone=False)
    found: ScopedQuerySet[Any] = CustomerState.objects.filter(
        ~Q(customer__phone_index=b""),
        Exists(cars.filter(is_lost=True)),
        # Winning back is marketing: it needs consent given, a blank one is none (DOMAIN §9).
        Coalesce(Subquery(_phone_consent().values("is_granted")[:1]), Value(False)),
        stage=Stage.LOST,
        customer__erased_on__isnull=True,
        customer__merged_into__isnull=True,
        customer__is_phone_dead=False,
    )
    booked = cars.filter(is_booked=True)
    return found.exclude(Exists(busy)).exclude(Exists(lately)).exclude(Exists(booked))


def _cards(people: Any) -> list[Card]:
    """Cards of these customers, each with one car; fenced, so that only they are read in full."""
    lost = VehicleState.objects.filter(customer__in=people, is_lost=True, is_gone=False)
    lost = lost.order_by("customer_id", "-idle_from_on", "-vehicle_id").distinct("customer_id")
    rows = lost.select_related("vehicle__rollup", "customer__state", "customer__advisor")
    cards = [Card(row.customer, (), row.vehicle) for row in rows]
    return sorted(cards, key=_rank)


def _rank(card: Card) -> tuple[Decimal, int]:
    return -card.customer.state.yearly_amount, card.customer.pk


def _phone_consent() -> ScopedQuerySet[ConsentEvent]:
    """What was last said about calls; the order of customers.selectors.consents."""
    undated = Case(When(is_granted=True, then=Value(_LONG_AGO)), default=F("recorded_at"))
    events: ScopedQuerySet[ConsentEvent] = ConsentEvent.objects.filter(
        customer=OuterRef("customer"), channel=Channel.PHONE
    )
    return events.order_by(Coalesce("given_at", undated).desc(), "is_granted")
