"""Lays what stands in the records (tests/oracle/records.py) beside its world."""

from alerts.models import Task, Warning
from customers.models import ConsentEvent, Customer, Vehicle
from tests.engine.world_rows import Laid
from tests.factories import PolicySetFactory
from tests.oracle.records import Records


def lay_records(laid: Laid, records: Records) -> None:
    for who, person in laid.customers.items():
        person.phone_index = records.phones.get(who, "").encode()
        person.is_phone_dead = who in records.dead
    Customer.objects.bulk_update(laid.customers.values(), ["phone_index", "is_phone_dead"])
    for vin, car in laid.vehicles.items():
        car.plate = records.plates.get(vin, "")
    Vehicle.objects.bulk_update(laid.vehicles.values(), ["plate"])
    _consents(laid, records)
    _corrections(laid, records)
    Warning.objects.bulk_create(
        Warning(
            store=laid.vehicles[one.vin].store,
            vehicle=laid.vehicles[one.vin],
            kind=one.kind,
            level=one.level,
            opened_on=one.on,
            closed_on=one.on,
        )
        for one in records.warned
    )


def _consents(laid: Laid, records: Records) -> None:
    made = ConsentEvent.objects.bulk_create(
        ConsentEvent(
            store=laid.customers[one.customer].store,
            customer=laid.customers[one.customer],
            channel=one.channel,
            is_granted=one.is_granted,
            given_at=one.at if one.is_dated else None,
        )
        for one in records.consents
    )
    for row, one in zip(made, records.consents, strict=True):
        row.recorded_at = one.at
    ConsentEvent.objects.bulk_update(made, ["recorded_at"])


def _corrections(laid: Laid, records: Records) -> None:
    """Kept with a set of policies, which no board reads."""
    for one in records.corrections:
        store = laid.customers[one.customer].store
        Task.objects.create(
            store=store,
            customer=laid.customers[one.customer],
            vehicle=laid.vehicles[one.vin],
            kind="correct_data",
            cycle_key=one.vin,
            proposal=one.proposal,
            opened_on=one.opened_on,
            due_on=one.opened_on,
            closed_on=one.closed_on,
            policy_set=PolicySetFactory(store=store),
        )
