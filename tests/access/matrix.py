"""The access table of every address: who may, how it answers, and which object it is about.

Written by hand and not read from the marks on the views: two sources that must agree.
"""

import dataclasses
import datetime
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from customers.models import Vehicle
from stores.choices import Role
from stores.models import Staff, Store
from tests import factories

EVERYBODY = frozenset(Role)
ADMIN = frozenset({Role.ADMIN})
BOARDS = frozenset({Role.MANAGER, Role.GROUP_MANAGER, Role.ADMIN})
CALLERS = frozenset({Role.ADVISOR, Role.SPECIALIST, Role.MANAGER})
UNMASKERS = frozenset(Role) - {Role.GROUP_MANAGER}
AUDITORS = frozenset({Role.MANAGER, Role.ADMIN})
TEAM = frozenset({Role.MANAGER, Role.GROUP_MANAGER})
GROUP_WIDE = frozenset({Role.GROUP_MANAGER, Role.ADMIN})
PUBLIC = None

Kwargs = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Row:
    """One address.

    `answers` maps each method to what it answers to those who may; every other method is a 405.
    `about` makes an object of a store (in reach of `staff`) and gives the address's arguments,
    with a question mark those of the query; `data` is what unsafe methods send; `given` are
    arguments that name no object (a kind of setting, say).
    """

    roles: frozenset[Role] | None
    answers: Mapping[str, int] = dataclasses.field(default_factory=lambda: {"get": 200})
    about: Callable[[Store, Staff], Kwargs] | None = None
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    given: Kwargs = dataclasses.field(default_factory=dict)
    why: str = ""


def _person(store: Store, staff: Staff) -> Kwargs:
    return {"pk": factories.StaffFactory(group=store.group, at=[store]).pk}


def _store(store: Store, staff: Staff) -> Kwargs:
    return {"?store": store.code}


def _figure(store: Store, staff: Staff) -> Kwargs:
    return {"?store": store.code, "?board": "retention"}


def _own_figure(store: Store, staff: Staff) -> Kwargs:
    """One's own, were the store within reach."""
    return {"?store": store.code, "?board": "scorecard", "?advisor": staff.pk if staff else 0}


def _version(store: Store, staff: Staff) -> Kwargs:
    policy = factories.PolicyFactory(group=store.group, store=store, kind="warning")
    return {"?store": store.code, "number": policy.number}


def _customer(store: Store, staff: Staff) -> Kwargs:
    return {"pk": _with_state(store).customer_id}


def _vehicle(store: Store, staff: Staff) -> Kwargs:
    return {"pk": _with_state(store).pk}


def _reminder(store: Store, staff: Staff) -> Kwargs:
    """One's own, were the store within reach."""
    task = factories.TaskFactory(
        vehicle=_with_state(store), kind="reminder", owner=staff, assigned_to=staff
    )
    return {"pk": task.pk}


def _appointment(store: Store, staff: Staff) -> Kwargs:
    """Still ahead, whatever the clock says."""
    day = timezone.localdate() + datetime.timedelta(days=30)
    return {"pk": factories.AppointmentFactory(vehicle=_with_state(store), starts_on=day).pk}


def _card(store: Store, staff: Staff) -> Kwargs:
    """On the reader's own list, were the store within reach."""
    vehicle = _with_state(store)
    factories.TaskFactory(vehicle=vehicle, owner=staff)
    return {"customer_id": vehicle.customer_id}


def _given(store: Store, staff: Staff) -> Kwargs:
    return {"customer_id": _with_state(store).customer_id}


def _task(store: Store, staff: Staff) -> Kwargs:
    return {"pk": factories.TaskFactory(vehicle=_with_state(store)).pk}


def _absence(store: Store, staff: Staff) -> Kwargs:
    away = factories.StaffFactory(group=store.group, at=[store])
    return {"pk": factories.AbsenceFactory(staff=away).pk}


def _outcome(store: Store, staff: Staff) -> Kwargs:
    """Its time is up: the page says so and leads back to the card."""
    by = staff or factories.StaffFactory(group=store.group)
    return {"pk": factories.OutcomeFactory(customer=_with_state(store).customer, staff=by).pk}


def _with_state(store: Store) -> Vehicle:
    customer = factories.CustomerFactory(store=store)
    vehicle = factories.VehicleFactory(customer=customer)
    factories.VehicleRollupFactory(vehicle=vehicle)
    factories.VehicleStateFactory(vehicle=vehicle)
    factories.CustomerStateFactory(customer=customer)
    return vehicle


def _run(store: Store, staff: Staff) -> Kwargs:
    # Running it again takes the next attempt: leave room.
    run = factories.JobRunFactory(attempt=next(_ATTEMPTS))
    return {"pk": factories.JobChunkFactory(run=run, store_ids=[store.pk]).run_id}


def _import(store: Store, staff: Staff) -> Kwargs:
    """Files belong to a group: out of reach only for the other one."""
    record = factories.ImportFileFactory(group=store.group, rejected=1)
    factories.ImportRejectionFactory(file=record)
    return {"pk": record.pk}


# Far from the factory's own numbers.
_ATTEMPTS = itertools.count(1001, 10)
POST = {"post": 302}
FORM = {"get": 200, "post": 200}  # an empty form comes back with what is missing

ROWS: dict[str, Row] = {
    # stores
    "login": Row(PUBLIC, FORM, why="signed in: on to the start page"),
    "logout": Row(EVERYBODY, POST),
    "language": Row(PUBLIC, POST, data={"language": "en", "next": "/account/"}),
    "welcome": Row(PUBLIC, {"get": 404}, given={"token": "x" * 22}),
    "new_password": Row(PUBLIC, {"get": 404}, given={"token": "x" * 22}),
    "set_password": Row(PUBLIC, {"get": 404, "post": 404}),
    "two_factor": Row(EVERYBODY, {"get": 404, "post": 404}, why="switched off in this table"),
    "two_factor_setup": Row(EVERYBODY, {"get": 404, "post": 404}),
    "two_factor_picture": Row(EVERYBODY, {"get": 404}),
    "account": Row(EVERYBODY, FORM),
    "account_weekly_mail": Row(EVERYBODY, POST),
    "account_end_sessions": Row(EVERYBODY, POST),
    "account_drop_two_factor": Row(EVERYBODY, POST),
    "staff": Row(ADMIN),
    "person_new": Row(ADMIN, FORM),
    "person": Row(ADMIN, FORM, about=_person),
    "person_invite": Row(ADMIN, {"post": 200}, about=_person),
    "person_reset_password": Row(ADMIN, {"post": 200}, about=_person),
    "person_reset_two_factor": Row(ADMIN, POST, about=_person),
    "person_end_sessions": Row(ADMIN, POST, about=_person),
    "audit": Row(AUDITORS),
    # crm_project
    "healthz": Row(PUBLIC),
    "healthz-jobs": Row(PUBLIC, {"get": 503}, why="no background process runs in a test"),
    "metrics": Row(PUBLIC, {"get": 404}, why="no token is configured in a test"),
    "lists_health": Row(BOARDS),
    # dashboards
    "home": Row(EVERYBODY, {"get": 302}),
    "today": Row(CALLERS),
    "today_export": Row(CALLERS),
    "today_print": Row(CALLERS),
    "card": Row(CALLERS, about=_card),
    "card_slots": Row(CALLERS, {"get": 302}, about=_card),
    "outcome": Row(CALLERS, {"post": 422}, about=_card, why="an empty form says what is missing"),
    "outcome_undo": Row(CALLERS, POST, about=_outcome),
    "today_changes": Row(CALLERS),
    "today_seen": Row(CALLERS, POST),
    "brief": Row(BOARDS, about=_store),
    "brief_people": Row(BOARDS, about=_store),
    "store": Row(BOARDS, about=_store),
    "store_warnings": Row(BOARDS, about=_store),
    "lifecycle": Row(BOARDS, about=_store),
    "board_people_tasks": Row(TEAM, {"post": 200}, about=_figure),
    "board_people_export": Row(BOARDS, {"get": 404}, about=_figure, why="nothing counted yet"),
    "kpi": Row(BOARDS, about=_store),
    "data_health": Row(BOARDS, about=_store),
    "warnings_board": Row(BOARDS, about=_store),
    "cohorts": Row(BOARDS, about=_store),
    "board_people": Row(BOARDS, about=_figure),
    "scorecard": Row(EVERYBODY, about=_store),
    "scorecard_people": Row(EVERYBODY, about=_own_figure),
    "stores_board": Row(GROUP_WIDE),
    "weekly": Row(BOARDS, about=_store),
    "money": Row(BOARDS, about=_store),
    "spending": Row(TEAM, about=_store),
    "spending_save": Row(TEAM, POST, about=_store),
    "targets": Row(TEAM, about=_store),
    "targets_save": Row(TEAM, POST, about=_store),
    "targets_copy": Row(TEAM, POST, about=_store),
    "lane": Row(CALLERS, about=_store),
    "team": Row(TEAM, about=_store),
    "team_people": Row(TEAM, about=_store),
    "team_give": Row(TEAM, POST, about=_given),
    "team_give_to": Row(TEAM, {"get": 302}, about=_task),
    "team_absence": Row(TEAM, {"post": 200}, about=_store, why="nobody named: the page says so"),
    "team_absence_end": Row(TEAM, POST, about=_absence),
    "customers": Row(EVERYBODY),
    "customer": Row(EVERYBODY, about=_customer),
    "customer_new": Row(CALLERS, FORM),
    "car_new": Row(CALLERS, FORM, about=_customer),
    "customer_correct": Row(CALLERS, FORM, about=_customer),
    "vehicle_status": Row(CALLERS, POST, about=_vehicle),
    "contact_log": Row(CALLERS, FORM, about=_customer),
    "complaint_add": Row(CALLERS, FORM, about=_customer),
    "reminder_add": Row(CALLERS, FORM, about=_customer),
    "reminder_change": Row(CALLERS, FORM, about=_reminder),
    "reminder_remove": Row(CALLERS, POST, about=_reminder),
    "appointment_cancel": Row(CALLERS, POST, about=_appointment),
    "customer_phone": Row(UNMASKERS, {"post": 200}, about=_customer),
    "settings": Row(BOARDS, {"get": 302}),
    "settings_kind": Row(BOARDS, about=_store, given={"kind": "warning"}),
    "settings_save": Row(ADMIN, {"post": 200}, about=_store, given={"kind": "warning"}),
    "settings_history": Row(BOARDS, about=_store, given={"kind": "warning"}),
    "settings_restore": Row(ADMIN, POST, about=_version, given={"kind": "warning"}),
    "scripts": Row(AUDITORS, about=_store),
    "script": Row(AUDITORS, about=_store, given={"kind": "due_call"}),
    "script_preview": Row(AUDITORS, {"post": 200}, about=_store, given={"kind": "due_call"}),
    "script_save": Row(AUDITORS, {"post": 200}, about=_store, given={"kind": "due_call"}),
    "script_reset": Row(AUDITORS, POST, about=_store, given={"kind": "due_call"}),
    "jobs": Row(BOARDS),
    "job": Row(BOARDS, about=_run),
    "job_again": Row(ADMIN, POST, about=_run),
    # exchange
    "imports": Row(ADMIN),
    "imports_upload": Row(ADMIN, {"post": 200}),
    "import_file": Row(ADMIN, about=_import),
    "import_rejected": Row(ADMIN, about=_import),
    "import_template": Row(ADMIN, given={"kind": "customers"}),
    "import_findings": Row(ADMIN, about=_store),
}
