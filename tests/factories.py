"""One factory for every model; rows come out valid, dated in 2026, in one store of one group."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import factory
from factory.django import DjangoModelFactory

from alerts.models import ListLook, Outcome, OutcomeTask, Script, Task, Warning
from common.crypto import blind_index, digest, normal_phone, seal
from common.models import Heartbeat
from customers import models as customers
from customers.rules import name_keys
from dashboards.models import WeeklyMail, WeeklyReport
from exchange.models import ImportFile, ImportRejection
from lifecycle import models as lifecycle
from pipeline.models import JobChunk, JobRun, StoreDay
from stores import models as stores
from stores.choices import LinkPurpose, PolicyKind, Role

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = datetime.date(2026, 6, 15)


def at(day: datetime.date, hour: int = 10, minute: int = 0) -> datetime.datetime:
    """A moment of `day` on the clock of Shanghai."""
    return datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def _same(path: str) -> Any:
    """The value another field of the same row already has."""
    return factory.SelfAttribute(path)


class GroupFactory(DjangoModelFactory[stores.Group]):
    class Meta:
        model = stores.Group

    name = factory.Sequence(lambda n: f"Group {n}")


class StoreFactory(DjangoModelFactory[stores.Store]):
    class Meta:
        model = stores.Store

    group = factory.SubFactory(GroupFactory)
    code = factory.Sequence(lambda n: f"S{n:03}")
    name = factory.Sequence(lambda n: f"Store {n}")
    opens_at = datetime.time(8, 30)
    closes_at = datetime.time(17, 30)


class StaffFactory(DjangoModelFactory[stores.Staff]):
    """`at=[store, …]` assigns stores; without it the person works nowhere."""

    class Meta:
        model = stores.Staff
        skip_postgeneration_save = True

    group = factory.SubFactory(GroupFactory)
    code = factory.Sequence(lambda n: f"P{n:03}")
    name = factory.Sequence(lambda n: f"Person {n}")
    username = factory.Sequence(lambda n: f"person{n}")
    role = Role.ADVISOR
    password = "!no password"

    @factory.post_generation
    def at(self, create: bool, extracted: list[stores.Store] | None, **kwargs: Any) -> None:
        for store in extracted or []:
            stores.StaffStore.objects.create(staff=self, store=store)


class StaffStoreFactory(DjangoModelFactory[stores.StaffStore]):
    class Meta:
        model = stores.StaffStore

    store = factory.SubFactory(StoreFactory)
    staff = factory.SubFactory(StaffFactory, group=_same("..store.group"))


class AbsenceFactory(DjangoModelFactory[stores.Absence]):
    class Meta:
        model = stores.Absence

    staff = factory.SubFactory(StaffFactory)
    starts_on = TODAY
    ends_on = TODAY + datetime.timedelta(days=4)


class AccessLinkFactory(DjangoModelFactory[stores.AccessLink]):
    class Meta:
        model = stores.AccessLink

    staff = factory.SubFactory(StaffFactory)
    purpose = LinkPurpose.INVITE
    token_digest = factory.Sequence(lambda n: n.to_bytes(32, "big"))
    expires_at = at(TODAY + datetime.timedelta(days=3))


class LinkMissFactory(DjangoModelFactory[stores.LinkMiss]):
    class Meta:
        model = stores.LinkMiss

    address_digest = factory.Sequence(lambda n: n.to_bytes(16, "big"))
    since = at(TODAY)


class PolicyFactory(DjangoModelFactory[stores.Policy]):
    class Meta:
        model = stores.Policy

    group = factory.SubFactory(GroupFactory)
    kind = PolicyKind.WARNING
    number = factory.Sequence(lambda n: n + 1)


class PolicySetFactory(DjangoModelFactory[stores.PolicySet]):
    class Meta:
        model = stores.PolicySet

    store = factory.SubFactory(StoreFactory)
    versions = factory.LazyFunction(dict)
    values = factory.LazyFunction(dict)
    digest = factory.Sequence(lambda n: f"{n:064}")


class AuditEntryFactory(DjangoModelFactory[stores.AuditEntry]):
    class Meta:
        model = stores.AuditEntry

    actor = factory.SubFactory(StaffFactory)
    action = "login"


class HeartbeatFactory(DjangoModelFactory[Heartbeat]):
    class Meta:
        model = Heartbeat

    name = factory.Sequence(lambda n: f"process{n}")
    beat_at = at(TODAY)


class CustomerFactory(DjangoModelFactory[customers.Customer]):
    """`phone`, `address`, `email` and `wechat` are given in clear and kept sealed."""

    class Meta:
        model = customers.Customer

    class Params:
        phone = factory.Sequence(lambda n: f"138{n:08}")
        address = ""
        email = ""
        wechat = ""

    uid = factory.Faker("uuid4", cast_to=None)
    store = factory.SubFactory(StoreFactory)
    external_id = factory.Sequence(lambda n: f"C{n:05}")
    name = factory.Sequence(lambda n: f"Customer {n}")
    name_pinyin = factory.LazyAttribute(lambda row: name_keys(row.name).pinyin)
    name_initials = factory.LazyAttribute(lambda row: name_keys(row.name).initials)
    name_parts = factory.LazyAttribute(lambda row: list(name_keys(row.name).parts))
    received_on = datetime.date(2025, 1, 1)
    phone_sealed = factory.LazyAttribute(lambda row: _sealed(row, "phone"))
    address_sealed = factory.LazyAttribute(lambda row: _sealed(row, "address"))
    email_sealed = factory.LazyAttribute(lambda row: _sealed(row, "email"))
    wechat_sealed = factory.LazyAttribute(lambda row: _sealed(row, "wechat"))
    phone_digest = factory.LazyAttribute(lambda row: digest([row.phone]))
    phone_index = factory.LazyAttribute(lambda row: blind_index("phone", normal_phone(row.phone)))
    phone_last4_index = factory.LazyAttribute(
        lambda row: blind_index("phone last4", normal_phone(row.phone)[-4:], 4)
    )


def _sealed(row: Any, column: str) -> bytes:
    return seal("customers_customer", column, row.uid, getattr(row, column))


class VehicleFactory(DjangoModelFactory[customers.Vehicle]):
    class Meta:
        model = customers.Vehicle

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")
    group = _same("store.group")
    vin = factory.Sequence(lambda n: f"LSVAA4182E2{n:06}")
    plate = factory.Sequence(lambda n: f"沪A{n:05}")
    brand = "Volkswagen"
    model = "Passat"
    powertrain = "ICE"
    delivered_on = datetime.date(2023, 3, 1)
    received_on = datetime.date(2025, 1, 1)


class OwnershipFactory(DjangoModelFactory[customers.Ownership]):
    class Meta:
        model = customers.Ownership

    vehicle = factory.SubFactory(VehicleFactory)
    customer = _same("vehicle.customer")


class VisitFactory(DjangoModelFactory[customers.Visit]):
    class Meta:
        model = customers.Visit

    vehicle = factory.SubFactory(VehicleFactory)
    store = _same("vehicle.store")
    customer = _same("vehicle.customer")
    work_order_no = factory.Sequence(lambda n: f"W{n:06}")
    arrived_on = datetime.date(2025, 11, 3)
    arrived_at = factory.LazyAttribute(lambda row: at(row.arrived_on))
    odometer_km = 24_000
    kind = "maintenance"
    amount = 800
    received_on = _same("arrived_on")


class SurveyFactory(DjangoModelFactory[customers.Survey]):
    class Meta:
        model = customers.Survey

    visit = factory.SubFactory(VisitFactory)
    store = _same("visit.store")
    vehicle = _same("visit.vehicle")
    answered_on = factory.LazyAttribute(
        lambda row: row.visit.arrived_on + datetime.timedelta(days=1)
    )
    answered_at = factory.LazyAttribute(lambda row: at(row.answered_on))
    score = 5
    scale = 5
    satisfaction = 100
    received_on = _same("answered_on")


class ComplaintFactory(DjangoModelFactory[customers.Complaint]):
    class Meta:
        model = customers.Complaint

    vehicle = factory.SubFactory(VehicleFactory)
    store = _same("vehicle.store")
    external_id = factory.Sequence(lambda n: f"K{n:05}")
    opened_on = datetime.date(2026, 6, 1)
    opened_at = factory.LazyAttribute(lambda row: at(row.opened_on))
    received_on = _same("opened_on")


class ContactFactory(DjangoModelFactory[customers.Contact]):
    class Meta:
        model = customers.Contact

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")
    external_id = factory.Sequence(lambda n: f"T{n:05}")
    happened_on = datetime.date(2026, 6, 1)
    happened_at = factory.LazyAttribute(lambda row: at(row.happened_on))
    channel = "phone"
    outcome = "connected"
    received_on = _same("happened_on")


class AppointmentFactory(DjangoModelFactory[customers.Appointment]):
    class Meta:
        model = customers.Appointment

    vehicle = factory.SubFactory(VehicleFactory)
    store = _same("vehicle.store")
    external_id = factory.Sequence(lambda n: f"A{n:05}")
    starts_on = TODAY + datetime.timedelta(days=3)
    starts_at = factory.LazyAttribute(lambda row: at(row.starts_on))
    status = "confirmed"
    received_on = TODAY


class AppointmentChangeFactory(DjangoModelFactory[customers.AppointmentChange]):
    class Meta:
        model = customers.AppointmentChange

    appointment = factory.SubFactory(AppointmentFactory)
    status = "confirmed"
    from_on = TODAY


class EngagementFactory(DjangoModelFactory[customers.Engagement]):
    class Meta:
        model = customers.Engagement

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")
    month = datetime.date(2026, 5, 1)
    app_opens = 3


class ConsentEventFactory(DjangoModelFactory[customers.ConsentEvent]):
    class Meta:
        model = customers.ConsentEvent

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")
    channel = "sms"
    is_granted = True
    given_at = at(datetime.date(2026, 1, 5))


class CorrectionFactory(DjangoModelFactory[customers.Correction]):
    class Meta:
        model = customers.Correction

    store = factory.SubFactory(StoreFactory)
    table = "customers_customer"
    row_id = factory.Sequence(lambda n: n + 1)
    column = "name"
    corrected_by = factory.SubFactory(StaffFactory, group=_same("..store.group"))


class FindingFactory(DjangoModelFactory[customers.Finding]):
    class Meta:
        model = customers.Finding

    store = factory.SubFactory(StoreFactory)
    kind = "odometer"
    table = "customers_visit"
    row_id = factory.Sequence(lambda n: n + 1)


class DirtyVehicleFactory(DjangoModelFactory[customers.DirtyVehicle]):
    class Meta:
        model = customers.DirtyVehicle

    vehicle = factory.SubFactory(VehicleFactory)


class VehicleRollupFactory(DjangoModelFactory[lifecycle.VehicleRollup]):
    class Meta:
        model = lifecycle.VehicleRollup

    vehicle = factory.SubFactory(VehicleFactory)
    store = _same("vehicle.store")
    customer = _same("vehicle.customer")
    computed_on = TODAY
    delivered_on = _same("vehicle.delivered_on")


class CustomerRollupFactory(DjangoModelFactory[lifecycle.CustomerRollup]):
    class Meta:
        model = lifecycle.CustomerRollup

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")
    computed_on = TODAY


class VehicleStateFactory(DjangoModelFactory[lifecycle.VehicleState]):
    class Meta:
        model = lifecycle.VehicleState

    vehicle = factory.SubFactory(VehicleFactory)
    store = _same("vehicle.store")
    customer = _same("vehicle.customer")
    policy_set = factory.SubFactory(PolicySetFactory, store=_same("..store"))
    due_on = TODAY
    due_basis = "time"
    daily_km = 40
    level = "orange"
    score = 100
    risk_level = "low"
    phase = ""


class CustomerStateFactory(DjangoModelFactory[lifecycle.CustomerState]):
    class Meta:
        model = lifecycle.CustomerState

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")
    policy_set = factory.SubFactory(PolicySetFactory, store=_same("..store"))
    stage = "growth"
    stage_since_on = datetime.date(2025, 11, 3)
    value_tier = "mid"
    yearly_amount = 1600


class StageTransitionFactory(DjangoModelFactory[lifecycle.StageTransition]):
    class Meta:
        model = lifecycle.StageTransition

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")
    changed_on = TODAY
    to_stage = "growth"


class MonthSnapshotFactory(DjangoModelFactory[lifecycle.MonthSnapshot]):
    class Meta:
        model = lifecycle.MonthSnapshot

    store = factory.SubFactory(StoreFactory)
    month_end_on = datetime.date(2026, 5, 31)
    dimension = "stage"
    key = "growth"
    count = 7


class AdvisorSpellFactory(DjangoModelFactory[lifecycle.AdvisorSpell]):
    class Meta:
        model = lifecycle.AdvisorSpell

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")


class BoardDayFactory(DjangoModelFactory[lifecycle.BoardDay]):
    class Meta:
        model = lifecycle.BoardDay

    store = factory.SubFactory(StoreFactory)
    board = "retention"
    as_of = TODAY
    policy_set = factory.SubFactory(PolicySetFactory, store=factory.SelfAttribute("..store"))


class BoardCellFactory(DjangoModelFactory[lifecycle.BoardCell]):
    class Meta:
        model = lifecycle.BoardCell

    store = factory.SubFactory(StoreFactory)
    board = "retention"
    period = "2026-05"
    item = "first"
    n = 50
    hits = 47
    amount = 0


class RevenueTargetFactory(DjangoModelFactory[lifecycle.RevenueTarget]):
    class Meta:
        model = lifecycle.RevenueTarget

    staff = factory.SubFactory(StaffFactory)
    store = factory.SubFactory(StoreFactory)
    month_on = datetime.date(2026, 5, 1)
    amount = 20_000


class SpendingFactory(DjangoModelFactory[lifecycle.Spending]):
    class Meta:
        model = lifecycle.Spending

    store = factory.SubFactory(StoreFactory)
    set_by = factory.SubFactory(StaffFactory)
    month_on = datetime.date(2026, 5, 1)
    purpose = "new"
    amount = 8_000


class PreChurnScreeningFactory(DjangoModelFactory[lifecycle.PreChurnScreening]):
    class Meta:
        model = lifecycle.PreChurnScreening

    vehicle = factory.SubFactory(VehicleFactory)
    store = _same("vehicle.store")
    screened_on = TODAY
    index = 70


class WarningFactory(DjangoModelFactory[Warning]):
    class Meta:
        model = Warning

    vehicle = factory.SubFactory(VehicleFactory)
    store = _same("vehicle.store")
    kind = "due"
    level = "orange"
    opened_on = TODAY


class TaskFactory(DjangoModelFactory[Task]):
    class Meta:
        model = Task

    vehicle = factory.SubFactory(VehicleFactory)
    customer = _same("vehicle.customer")
    store = _same("vehicle.store")
    kind = "due_call"
    cycle_key = "2025-11-03"
    opened_on = TODAY
    due_on = TODAY
    policy_set = factory.SubFactory(PolicySetFactory, store=_same("..store"))


class OutcomeFactory(DjangoModelFactory[Outcome]):
    """Spoken to a minute before ten on TODAY."""

    class Meta:
        model = Outcome

    customer = factory.SubFactory(CustomerFactory)
    store = _same("customer.store")
    staff = factory.SubFactory(StaffFactory, group=factory.SelfAttribute("..store.group"))
    at = factory.LazyFunction(lambda: at(TODAY, 9, 59))
    on_date = TODAY
    final_at = factory.LazyFunction(lambda: at(TODAY, 10))
    result = "connected"


class OutcomeTaskFactory(DjangoModelFactory[OutcomeTask]):
    class Meta:
        model = OutcomeTask

    task = factory.SubFactory(TaskFactory)
    outcome = factory.SubFactory(OutcomeFactory, customer=factory.SelfAttribute("..task.customer"))


class ScriptFactory(DjangoModelFactory[Script]):
    class Meta:
        model = Script

    group = factory.SubFactory(GroupFactory)
    kind = "due_call"
    language = "zh-hans"
    text = "{name}您好,我是{advisor}。"


class ListLookFactory(DjangoModelFactory[ListLook]):
    class Meta:
        model = ListLook

    staff = factory.SubFactory(StaffFactory)
    seen_at = at(TODAY, 9)


class WeeklyReportFactory(DjangoModelFactory[WeeklyReport]):
    class Meta:
        model = WeeklyReport

    store = factory.SubFactory(StoreFactory)
    monday_on = datetime.date(2026, 6, 8)
    as_of = TODAY
    made_at = at(TODAY, 7, 30)


class WeeklyMailFactory(DjangoModelFactory[WeeklyMail]):
    class Meta:
        model = WeeklyMail

    report = factory.SubFactory(WeeklyReportFactory)
    staff = factory.SubFactory(StaffFactory)
    next_at = at(TODAY, 7, 30)


class JobRunFactory(DjangoModelFactory[JobRun]):
    class Meta:
        model = JobRun

    kind = "day"
    business_date = TODAY
    attempt = factory.Sequence(lambda n: n + 1)
    state = "done"


class JobChunkFactory(DjangoModelFactory[JobChunk]):
    class Meta:
        model = JobChunk

    run = factory.SubFactory(JobRunFactory)
    number = factory.Sequence(lambda n: n + 1)
    store_ids = factory.LazyFunction(list)
    as_of = _same("run.business_date")
    state = "done"


class StoreDayFactory(DjangoModelFactory[StoreDay]):
    class Meta:
        model = StoreDay

    store = factory.SubFactory(StoreFactory)
    on = TODAY
    run = factory.SubFactory(JobRunFactory, business_date=_same("..on"))
    policy_set = factory.SubFactory(PolicySetFactory, store=_same("..store"))
    computed_at = at(TODAY, 1)


class ImportFileFactory(DjangoModelFactory[ImportFile]):
    class Meta:
        model = ImportFile

    group = factory.SubFactory(GroupFactory)
    kind = "customers"
    name = "customers.csv"
    header = factory.LazyFunction(lambda: ["external_id", "name", "phone"])
    state = "done"


class ImportRejectionFactory(DjangoModelFactory[ImportRejection]):
    class Meta:
        model = ImportRejection

    file = factory.SubFactory(ImportFileFactory)
    uid = factory.Faker("uuid4", cast_to=None)
    line = 2
    column = "phone"
    reason = "missing"
    row_sealed = factory.LazyAttribute(
        lambda row: seal("exchange_importrejection", "row", row.uid, '["C1", "Somebody", ""]')
    )


class JudgedWarningFactory(DjangoModelFactory[lifecycle.JudgedWarning]):
    class Meta:
        model = lifecycle.JudgedWarning

    vehicle = factory.SubFactory(VehicleFactory)
    store = _same("vehicle.store")
    customer = _same("vehicle.customer")
    month_end_on = datetime.date(2026, 2, 28)
    risk_level = "high"
    score = 40
    is_due = True
    days_overdue = 28
    idle_days = 220
    has_come = False
    is_lost = False
