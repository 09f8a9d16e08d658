"""Absences: whole days, one at a time, with a stand-in who is there."""

from datetime import date, timedelta

import pytest

from common.exceptions import DomainError
from stores import selectors
from stores.choices import AuditAction, Role
from stores.models import Absence, AuditEntry, StaffStore
from stores.services import absences
from stores.services.absences import Away
from tests import factories
from tests.factories import TODAY

pytestmark = pytest.mark.django_db


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.fixture
def fay(north):
    return factories.StaffFactory(group=north.group, name="Fay", at=[north])


@pytest.fixture
def known(ben):
    """Ben is away from the tenth to the fifteenth day from now."""
    return factories.AbsenceFactory(staff=ben, starts_on=in_days(10), ends_on=in_days(15))


def test_an_absence_is_entered_and_written_down(ada, ben, fay):
    one = absences.plan(Away(ben, TODAY, in_days(2), fay), by=ada)
    assert (one.staff, one.stand_in) == (ben, fay)
    entry = AuditEntry.objects.get(action=AuditAction.ABSENCE_SET)
    assert (entry.actor, entry.thing, entry.thing_id) == (ada, "absence", one.pk)
    assert entry.detail["stand_in"] == fay.pk


def test_the_same_absence_sent_twice_is_there_once(ada, ben):
    first = absences.plan(Away(ben, TODAY, TODAY), by=ada)
    assert absences.plan(Away(ben, TODAY, TODAY), by=ada) == first
    assert AuditEntry.objects.filter(action=AuditAction.ABSENCE_SET).count() == 1


@pytest.mark.parametrize(
    ("starts", "ends", "is_refused"),
    [
        (8, 9, False),
        (8, 10, True),
        (12, 13, True),
        (15, 18, True),
        (16, 18, False),
        (9, 16, True),
    ],
    ids=["before", "up to its first day", "within", "from its last day", "after", "around"],
)
def test_an_absence_that_meets_another_is_refused(ada, ben, known, starts, ends, is_refused):
    away = Away(ben, in_days(starts), in_days(ends))
    if is_refused:
        with pytest.raises(DomainError) as error:
            absences.plan(away, by=ada)
        assert error.value.code == "overlap"
        assert Absence.objects.count() == 1
    else:
        absences.plan(away, by=ada)
        assert Absence.objects.count() == 2


@pytest.mark.parametrize(("ends", "is_refused"), [(-1, True), (0, False)])
def test_the_last_day_is_not_before_the_first(ada, ben, ends, is_refused):
    away = Away(ben, TODAY, in_days(ends))
    if is_refused:
        with pytest.raises(DomainError, match="before the first"):
            absences.plan(away, by=ada)
    else:
        assert absences.plan(away, by=ada).ends_on == TODAY


@pytest.mark.parametrize(
    ("starts", "is_refused"), [(9, True), (15, True), (16, False)], ids=["meets", "last", "after"]
)
def test_who_is_away_in_that_time_cannot_stand_in(ada, ben, fay, known, starts, is_refused):
    away = Away(fay, in_days(starts), in_days(starts + 1), ben)
    if is_refused:
        with pytest.raises(DomainError) as error:
            absences.plan(away, by=ada)
        assert (error.value.code, error.value.data["field"]) == ("stand_in_away", "stand_in")
    else:
        absences.plan(away, by=ada)


def test_nobody_stands_in_for_himself(ada, ben):
    with pytest.raises(DomainError) as error:
        absences.plan(Away(ben, TODAY, TODAY, ben), by=ada)
    assert error.value.code == "own_stand_in"


def test_a_stand_in_works_at_the_same_store(ada, ben, cleo, fay, north, south):
    with pytest.raises(DomainError) as error:
        absences.plan(Away(ben, TODAY, TODAY, cleo), by=ada)
    assert error.value.code == "other_store"
    StaffStore.objects.create(staff=cleo, store=north)
    assert absences.plan(Away(ben, TODAY, TODAY, cleo), by=ada).stand_in == cleo


def test_who_left_cannot_stand_in(ada, ben, fay):
    fay.is_active = False
    fay.save()
    with pytest.raises(DomainError) as error:
        absences.plan(Away(ben, TODAY, TODAY, fay), by=ada)
    assert error.value.code == "other_store"


@pytest.mark.parametrize(
    ("starts", "ends", "left"),
    [
        (-3, 4, (-3, -1)),
        (0, 4, None),
        (2, 4, None),
        (-3, 0, (-3, -1)),
        (-3, -1, (-3, -1)),
    ],
    ids=["under way", "began today", "to come", "last day", "over"],
)
def test_ending_leaves_the_days_before(ada, ben, starts, ends, left):
    one = factories.AbsenceFactory(staff=ben, starts_on=in_days(starts), ends_on=in_days(ends))
    absences.end(one, back_on=TODAY, by=ada)
    absences.end(one, back_on=TODAY, by=ada)
    rows = [(row.starts_on, row.ends_on) for row in Absence.objects.all()]
    assert rows == ([(in_days(left[0]), in_days(left[1]))] if left else [])
    is_over = ends < 0
    entries = AuditEntry.objects.filter(action=AuditAction.ABSENCE_ENDED).count()
    assert entries == (0 if is_over else 1)


def test_callers_are_a_stores_advisors_specialists_and_managers(north, ada, ben, cleo, dora):
    factories.StaffFactory(group=north.group, at=[north], is_active=False)
    hugo = factories.StaffFactory(group=north.group, name="Hugo", role=Role.SPECIALIST, at=[north])
    assert list(selectors.callers(north)) == [ada, ben, hugo]


@pytest.mark.parametrize(("day", "is_away"), [(9, False), (10, True), (15, True), (16, False)])
def test_both_days_of_an_absence_count(ben, known, day, is_away):
    assert (ben.pk in selectors.away([ben.pk], in_days(day))) is is_away


def test_the_plan_holds_what_is_not_over_yet(north, ben, fay, cleo):
    factories.AbsenceFactory(staff=ben, starts_on=in_days(-5), ends_on=in_days(-1))
    now = factories.AbsenceFactory(staff=fay, starts_on=in_days(-5), ends_on=TODAY)
    later = factories.AbsenceFactory(staff=ben, starts_on=in_days(3), ends_on=in_days(4))
    factories.AbsenceFactory(staff=cleo)
    assert list(selectors.absences(north, TODAY)) == [now, later]
