"""Lays a past beside its world (world_rows.py): spells, transitions, outcomes, single columns."""

from datetime import UTC, datetime, time, timedelta

from alerts.models import Outcome
from customers.models import Contact, Customer, Survey, Vehicle
from lifecycle.models import AdvisorSpell, StageTransition
from tests.engine.record_rows import lay_records
from tests.engine.world_rows import Laid
from tests.oracle.past import Past


def lay_past(laid: Laid, past: Past) -> None:
    """Rows and columns of a past; its keys are those of the world that was laid."""
    _columns(laid, past)
    people = laid.customers
    StageTransition.objects.bulk_create(
        StageTransition(
            store=people[m.customer].store,
            customer=people[m.customer],
            changed_on=m.on,
            from_stage=m.left,
            to_stage=m.to,
            is_reconstructed=m.is_reconstructed,
        )
        for m in past.moves
    )
    AdvisorSpell.objects.bulk_create(
        AdvisorSpell(
            store=people[s.customer].store,
            customer=people[s.customer],
            advisor=laid.staff[s.advisor] if s.advisor else None,
            since_on=s.since,
        )
        for s in past.spells
    )
    _outcomes(laid, past)
    lay_records(laid, past.records)


def _columns(laid: Laid, past: Past) -> None:
    for person in laid.customers.values():
        referrer = past.referred_by.get(person.external_id)
        person.referred_by = laid.customers[referrer] if referrer else None
    Customer.objects.bulk_update(laid.customers.values(), ["referred_by"])
    for vin, (months, km) in past.warranties.items():
        laid.vehicles[vin].warranty_months, laid.vehicles[vin].warranty_km = months, km
    Vehicle.objects.bulk_update(laid.vehicles.values(), ["warranty_months", "warranty_km"])
    contacts = list(Contact.objects.filter(customer__in=laid.customers.values()))
    for contact in contacts:
        contact.staff = laid.staff.get(past.staff_of.get(contact.external_id, ""))
    Contact.objects.bulk_update(contacts, ["staff"])
    surveys = list(Survey.objects.filter(visit__in=laid.visits.values()).select_related("visit"))
    for survey in surveys:
        survey.nps = past.nps.get(survey.visit.work_order_no)
    Survey.objects.bulk_update(surveys, ["nps"])


def _outcomes(laid: Laid, past: Past) -> None:
    somebody = next(iter(laid.staff.values()))
    for one in past.said:
        at = datetime.combine(one.on, time(4), tzinfo=UTC)
        Outcome.objects.create(
            store=laid.customers[one.customer].store,
            customer=laid.customers[one.customer],
            vehicle=laid.vehicles[one.vin] if one.vin else None,
            staff=somebody,
            at=at,
            on_date=one.on,
            result="refused",
            reason=one.reason,
            final_at=at + timedelta(seconds=30),
            undone_at=at if one.is_undone else None,
        )
