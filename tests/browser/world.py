"""A store whose day the engine computes, with a customer for every outcome of a morning."""

import datetime
import uuid
from decimal import Decimal
from typing import Any

from alerts.models import Task
from alerts.services import reminders
from customers.models import Customer, Vehicle
from pipeline.choices import JobState
from pipeline.models import StoreDay
from pipeline.services import chunks, days
from stores.models import Staff, Store
from stores.scope import all_stores
from tests import factories
from tests.factories import TODAY, at

# The service of a petrol car is due half a year after the last one.
HALF_A_YEAR = 182
NAMES = ("王建国 李慧 张伟 刘洋 陈静 杨帆 赵敏 黄磊 周婷 吴昊 徐丽 孙杰 胡军 朱琳 高远 林涛 何洁 "
         "郭亮 马超 罗丹").split()  # fmt: skip


def night_of(on: datetime.date, *stores: Store) -> None:
    """The nightly run of these stores, through runs and chunks."""
    run = days.start_day(stores=stores, on=on)
    for chunk_id in run.chunks.values_list("id", flat=True):
        chunks.run_next("test", chunk_id)
    run.refresh_from_db()
    assert run.state == JobState.DONE, [chunk.error for chunk in run.chunks.all()]
    with all_stores():
        # The database's clock is not the test's: what the night opened is no news to anybody.
        Task.objects.filter(opened_on=on).update(opened_at=at(on, 1))


def serviced_car(
    owner: Customer, *, ago: int, visits: int = 3, amount: int = 800, **fields: Any
) -> Vehicle:
    """A car last serviced `ago` days ago, before that every half year.

    The larger the `amount`, the more its calls are worth.
    """
    vehicle: Vehicle = factories.VehicleFactory(customer=owner, **fields)
    factories.OwnershipFactory(vehicle=vehicle)
    for number in range(visits):
        back = ago + HALF_A_YEAR * (visits - 1 - number)
        factories.VisitFactory(
            vehicle=vehicle,
            arrived_on=TODAY - datetime.timedelta(days=back),
            odometer_km=4000 * (number + 1),
            amount=Decimal(amount),
        )
    return vehicle


def customer_of(advisor: Staff, store: Store, name: str, **fields: Any) -> Customer:
    one: Customer = factories.CustomerFactory(store=store, advisor=advisor, name=name, **fields)
    return one


def twenty(store: Store, advisor: Staff, plans: list[str]) -> dict[str, Customer]:
    """{plan: its customer}: what each needs to be worked as planned, the day computed.

    All are due in about a week but for the first service of yesterday (`agreed`), and who only has
    a reminder (`reminded`); `two cars` is due with both, `written` asked not to be called.
    """
    people = {}
    for number, plan in enumerate(plans):
        one = people[plan] = customer_of(advisor, store, NAMES[number])
        if plan == "agreed":
            serviced_car(one, ago=1, visits=1)
            continue
        serviced_car(one, ago=60 if plan == "reminded" else 174, amount=1500 - 20 * number)
        if plan == "two cars":
            serviced_car(one, ago=172, amount=100, model="Polo", plate="沪B22222")
        if plan == "written":
            factories.ConsentEventFactory(customer=one, channel="phone", is_granted=False)
    night_of(TODAY, store)
    if "reminded" in people:
        remind(advisor, people["reminded"], "Ask about the new child seat")
    return people


def remind(staff: Staff, customer: Customer, text: str) -> Task:
    """A reminder for today."""
    with all_stores():
        return reminders.add(
            reminders.Reminder(on=TODAY, text=text),
            vehicle=customer.vehicles.order_by("pk").first(),
            policy_set_id=StoreDay.objects.get(store=customer.store, on=TODAY).policy_set_id,
            key=uuid.uuid4(),
            by=staff,
            now=at(TODAY, 2),
        )
