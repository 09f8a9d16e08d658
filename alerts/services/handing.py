"""A manager turns people of a list into tasks: a reminder each, on their advisors' lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from alerts.services.reminders import Reminder, add_for
from customers.models import Customer, Vehicle
from stores.models import Staff

# So many calls are days of work for one advisor; a longer list is narrowed first.
MOST = 200


@dataclass(frozen=True)
class Handed:
    """How many tasks there are now, and how many people have no advisor or no car in use."""

    tasks: int
    left_out: int


@transaction.atomic
def hand_out(
    customer_ids: Sequence[int],
    reminder: Reminder,
    *,
    policy_sets: dict[int, int],
    key: UUID,
    by: Staff,
    now: datetime,
) -> Handed:
    """One reminder a customer, for its advisor; the same `key` again makes none twice.

    `policy_sets`: {store id: id of the set its day pinned}.
    """
    people = Customer.objects.filter(pk__in=customer_ids, erased_on=None, merged_into=None)
    cars = _first_cars([person.pk for person in people])
    given = 0
    for person in people.select_related("advisor").order_by("pk"):
        car = cars.get(person.pk)
        if car is None or person.advisor is None or not person.advisor.is_active:
            continue
        add_for(
            reminder,
            owner=person.advisor,
            vehicle=car,
            policy_set_id=policy_sets[car.store_id],
            key=uuid5(key, str(person.pk)),
            by=by,
            now=now,
        )
        given += 1
    return Handed(given, len(set(customer_ids)) - given)


def _first_cars(customer_ids: Sequence[int]) -> dict[int, Vehicle]:
    found = Vehicle.objects.filter(customer__in=customer_ids, status="active")
    cars: dict[int, Vehicle] = {}
    for car in found.select_related("store").order_by("-pk"):
        cars[car.customer_id] = car
    return cars
