"""Giving work away: a task, a customer's calls, the customer; and what a rule says afterwards."""

import pytest

from alerts.models import Task
from alerts.services import giving
from common.exceptions import DomainError
from customers.models import Customer, DirtyVehicle
from pipeline.services.settle import settle, settling
from stores.choices import AuditAction, Role
from stores.models import AuditEntry
from stores.scope import stores_scope
from stores.services import absences
from stores.services.absences import Away
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
NOW = factories.at(TODAY, 10)


@pytest.fixture(autouse=True)
def scope(north, south):
    with stores_scope([north.pk, south.pk]):
        yield


@pytest.fixture
def fay(north):
    return factories.StaffFactory(group=north.group, name="Fay", code="FAY", at=[north])


@pytest.fixture
def zhang(north, ben):
    """Ben's customer with two calls, a complaint and a reminder."""
    computed_day(north)
    one = customer(north, "Zhang", advisor=ben)
    task(car(one), ben)
    task(car(one), ben, kind="callback", priority_group=0)
    task(car(one), None, kind="complaint", cycle_key="1", priority_group=0)
    task(car(one), ben, kind="reminder", assigned_to=ben)
    return one


def give(zhang, to, by, **more):
    return giving.give_tasks(customer=zhang, to=to, by=by, on=TODAY, now=NOW, **more)


def kinds_of(staff):
    return set(Task.objects.filter(owner=staff).values_list("kind", flat=True))


def test_all_calls_go_and_complaint_and_reminder_stay(zhang, ada, ben, fay):
    assert give(zhang, fay, ada) == 2
    assert kinds_of(fay) == {"due_call", "callback"}
    assert kinds_of(ben) == {"reminder"}


def test_a_given_task_says_for_whom_and_since_when(zhang, ada, ben, fay):
    give(zhang, fay, ada)
    one = Task.objects.get(kind="due_call")
    assert (one.owner, one.assigned_to, one.stands_in_for) == (fay, fay, ben)
    assert one.given_at == NOW


def test_one_task_goes_alone(zhang, ada, fay):
    one = Task.objects.get(kind="callback")
    assert give(zhang, fay, ada, task_ids=[one.pk]) == 1
    assert kinds_of(fay) == {"callback"}


def test_a_complaint_is_given_when_it_is_named_and_is_nobodys_customer(zhang, ada, fay):
    one = Task.objects.get(kind="complaint")
    give(zhang, fay, ada, task_ids=[one.pk])
    one.refresh_from_db()
    assert (one.owner, one.stands_in_for) == (fay, None)


def test_given_to_the_advisor_it_is_for_nobody_else(zhang, ada, ben):
    Task.objects.filter(kind="due_call").update(owner=ada, stands_in_for=ben)
    give(zhang, ben, ada)
    one = Task.objects.get(kind="due_call")
    assert (one.owner, one.stands_in_for) == (ben, None)


def test_a_double_click_gives_once(zhang, ada, fay):
    give(zhang, fay, ada)
    assert give(zhang, fay, ada) == 0
    assert AuditEntry.objects.filter(action=AuditAction.TASK_GIVEN).count() == 2


def test_a_manager_may_take_it_himself(zhang, ada):
    assert give(zhang, ada, ada) == 2


@pytest.mark.parametrize("who", ["away", "elsewhere", "left", "an administrator"])
def test_only_somebody_present_at_the_store_gets_anything(zhang, ada, cleo, dora, fay, who):
    to = {"elsewhere": cleo, "an administrator": dora}.get(who, fay)
    if who == "away":
        factories.AbsenceFactory(staff=fay)
    if who == "left":
        fay.is_active = False
        fay.save()
    with pytest.raises(DomainError) as error:
        give(zhang, to, ada)
    assert error.value.code == ("away" if who == "away" else "not_here")
    with pytest.raises(DomainError):
        giving.give_customer(customer=zhang, to=to, by=ada, on=TODAY, now=NOW)
    assert not AuditEntry.objects.exists()


def test_what_was_closed_meanwhile_is_said(zhang, ada, fay):
    one = Task.objects.get(kind="callback")
    Task.objects.filter(pk=one.pk).update(closed_on=TODAY, closed_as="done")
    with pytest.raises(DomainError) as error:
        give(zhang, fay, ada, task_ids=[one.pk])
    assert error.value.code == "nothing_open"


def test_a_customer_given_for_good_takes_the_calls_along(zhang, ada, ben, fay):
    give(zhang, ada, ada)
    done = giving.give_customer(customer=zhang, to=fay, by=ada, on=TODAY, now=NOW)
    assert done
    assert Customer.objects.get(pk=zhang.pk).advisor == fay
    assert kinds_of(fay) == {"due_call", "callback"}
    assert not Task.objects.filter(assigned_to__isnull=False).exclude(kind="reminder").exists()
    entry = AuditEntry.objects.get(action=AuditAction.CUSTOMER_GIVEN)
    assert entry.detail == {"from": ben.pk, "to": fay.pk}
    assert DirtyVehicle.objects.count() == 4
    assert not giving.give_customer(customer=zhang, to=fay, by=ada, on=TODAY, now=NOW)


# With the engine: what the rule of TASK-5 makes of it.


@pytest.fixture
def overdue(north, ada, ben):
    """Three of Ben's customers whose cars are overdue, on his list by the rule."""
    computed_day(north)
    cars = []
    for number in range(3):
        one = factories.CustomerFactory(store=north, name=f"Person {number}", advisor=ben)
        vehicle = factories.VehicleFactory(customer=one)
        factories.OwnershipFactory(vehicle=vehicle)
        factories.VisitFactory(vehicle=vehicle, arrived_on=days_ago(156))
        cars.append(vehicle)
    settle([vehicle.pk for vehicle in cars])
    assert set(Task.objects.values_list("owner", flat=True)) == {ben.pk}
    return cars


def lists():
    """{owner: cars} of the open tasks."""
    found: dict[str, set[int]] = {}
    rows = Task.objects.filter(closed_on__isnull=True).values_list("owner__name", "vehicle_id")
    for name, pk in rows:
        found.setdefault(name, set()).add(pk)
    return found


def ids(cars):
    return {vehicle.pk for vehicle in cars}


def test_what_was_given_by_hand_stays_until_it_is_given_back(overdue, ada, ben, fay):
    one = overdue[0].customer
    with settling():
        give(one, fay, ada)
    settle([overdue[0].pk])
    assert lists() == {"Fay": {overdue[0].pk}, "Ben": ids(overdue[1:])}
    pks = list(Task.objects.filter(customer=one).values_list("pk", flat=True))
    with settling():
        giving.give_back(customer=one, by=ada, task_ids=pks)
        giving.give_back(customer=one, by=ada, task_ids=pks)
    assert lists() == {"Ben": ids(overdue)}
    assert not Task.objects.filter(stands_in_for__isnull=False).exists()


def test_the_rule_agrees_with_a_customer_given_for_good(overdue, ada, fay):
    with settling():
        giving.give_customer(customer=overdue[0].customer, to=fay, by=ada, on=TODAY, now=NOW)
    assert lists() == {"Fay": {overdue[0].pk}, "Ben": ids(overdue[1:])}
    assert not Task.objects.filter(stands_in_for__isnull=False).exists()


def leave(ada, away):
    with settling():
        one = absences.plan(away, by=ada)
        giving.mark_moved(away.staff)
    return one


def come_back(ada, one):
    with settling():
        absences.end(one, back_on=TODAY, by=ada)
        giving.mark_moved(one.staff)


def test_the_list_of_somebody_ill_goes_to_the_stand_in_and_comes_back(overdue, ada, ben, fay):
    one = leave(ada, Away(ben, TODAY, TODAY, fay))
    assert lists() == {"Fay": ids(overdue)}
    assert set(Task.objects.values_list("stands_in_for", flat=True)) == {ben.pk}
    come_back(ada, one)
    assert lists() == {"Ben": ids(overdue)}
    assert set(Task.objects.values_list("stands_in_for", flat=True)) == {None}


def test_without_a_stand_in_the_team_shares(overdue, ada, ben, fay, north):
    gus = factories.StaffFactory(group=north.group, name="Gus", code="GUS", at=[north])
    leave(ada, Away(ben, TODAY, TODAY))
    assert set(lists()) == {"Fay", "Gus"}
    # Gus goes home, too: his share moves on.
    one = leave(ada, Away(gus, TODAY, TODAY))
    assert lists() == {"Fay": ids(overdue)}
    come_back(ada, one)
    assert set(lists()) == {"Fay", "Gus"}


def test_when_the_stand_in_goes_home_too_the_team_shares(overdue, ada, ben, fay, north):
    factories.StaffFactory(group=north.group, name="Gus", code="GUS", at=[north])
    leave(ada, Away(ben, TODAY, TODAY, fay))
    leave(ada, Away(fay, TODAY, TODAY))
    assert lists() == {"Gus": ids(overdue)}


def test_complaints_go_to_the_managers_deputy_and_come_back(overdue, ada, fay):
    factories.ComplaintFactory(vehicle=overdue[0])
    settle([overdue[0].pk])
    assert lists()["Ada"] == {overdue[0].pk}
    one = leave(ada, Away(ada, TODAY, TODAY, fay))
    assert "Ada" not in lists()
    assert lists()["Fay"] == {overdue[0].pk}
    come_back(ada, one)
    assert lists()["Ada"] == {overdue[0].pk}


def test_an_absence_of_another_day_moves_nothing(overdue, ada, ben, fay):
    factories.AbsenceFactory(
        staff=ben, stand_in=fay, starts_on=TODAY.replace(day=16), ends_on=TODAY.replace(day=18)
    )
    settle(ids(overdue))
    assert lists() == {"Ben": ids(overdue)}


def test_a_specialist_may_get_a_call(overdue, ada, north):
    hugo = factories.StaffFactory(group=north.group, role=Role.SPECIALIST, name="Hugo", at=[north])
    with settling():
        give(overdue[0].customer, hugo, ada)
    assert lists()["Hugo"] == {overdue[0].pk}
