"""The fix list: rows accepted with a warning, with the customer and the car they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from customers.choices import FindingKind
from customers.models import Customer, Finding, Vehicle, Visit
from stores.models import Store


@dataclass(frozen=True)
class Line:
    """A finding and where to go to mend it."""

    kind: FindingKind
    store: str
    found_at: datetime
    customer: Customer | None
    vehicle: Vehicle | None
    work_order_no: str


def open_findings(kind: str = "", store: Store | None = None) -> QuerySet[Finding]:
    """Open findings of the reader's stores, newest first."""
    found: QuerySet[Finding] = Finding.objects.filter(resolved_at__isnull=True).select_related(
        "store"
    )
    if kind:
        found = found.filter(kind=kind)
    if store:
        found = found.filter(store=store)
    return found.order_by("-found_at", "-pk")


def counts(store: Store | None = None) -> list[tuple[FindingKind, int]]:
    """How many are open of each kind."""
    rows = open_findings("", store).order_by().values("kind").annotate(n=Count("id"))
    found = {row["kind"]: row["n"] for row in rows}
    return [(kind, found.get(kind.value, 0)) for kind in FindingKind]


def lines(findings: Iterable[Finding]) -> list[Line]:
    """The findings of a page with what they are about: one query a table, all inside the scope."""
    findings = list(findings)
    visits = Visit.objects.in_bulk(_ids(findings, "customers_visit"))
    cars = [*_ids(findings, "customers_vehicle"), *(row.vehicle_id for row in visits.values())]
    vehicles = Vehicle.objects.in_bulk(cars)
    people = [
        *_ids(findings, "customers_customer"),
        *(row.customer_id for row in vehicles.values()),
    ]
    customers = Customer.objects.in_bulk(people)
    return [_line(finding, visits, vehicles, customers) for finding in findings]


def _ids(findings: Iterable[Finding], table: str) -> list[int]:
    return [finding.row_id for finding in findings if finding.table == table]


def _line(
    finding: Finding,
    visits: dict[int, Visit],
    vehicles: dict[int, Vehicle],
    customers: dict[int, Customer],
) -> Line:
    row_id = finding.row_id
    visit = visits.get(row_id) if finding.table == "customers_visit" else None
    if visit is not None:
        vehicle = vehicles.get(visit.vehicle_id)
    else:
        vehicle = vehicles.get(row_id) if finding.table == "customers_vehicle" else None
    customer_id = vehicle.customer_id if vehicle else row_id
    is_about_person = vehicle is not None or finding.table == "customers_customer"
    customer = customers.get(customer_id) if is_about_person else None
    return Line(
        kind=FindingKind(finding.kind),
        store=finding.store.name,
        found_at=finding.found_at,
        customer=customer,
        vehicle=vehicle,
        work_order_no=visit.work_order_no if visit else "",
    )
