"""A specialist's list: lost customers, shared out, the most valuable first."""

import datetime

import pytest

from alerts.selectors.lost import lost_cards, lost_customer
from customers.models import ConsentEvent
from customers.selectors import consents
from stores.choices import Role
from stores.scope import stores_scope
from tests import factories
from tests.dashboards.lists import TODAY, car, customer, days_ago, task

pytestmark = pytest.mark.django_db
GIVEN = factories.at(days_ago(900))


@pytest.fixture(autouse=True)
def scope(north, south):
    with stores_scope([north.pk, south.pk]):
        yield


@pytest.fixture
def sam(north):
    return specialist("SAM", north)


def specialist(code, *stores, **fields):
    return factories.StaffFactory(
        group=stores[0].group, code=code, role=Role.SPECIALIST, at=stores, **fields
    )


def lost(store, name, *, yearly=1000, idle_from_on=None, state=None, **fields):
    """A lost customer with one car."""
    person = customer(store, name, **fields)
    factories.ConsentEventFactory(customer=person, channel="phone", given_at=GIVEN)
    facts = {"stage": "lost", "yearly_amount": yearly}
    type(person.state).objects.filter(pk=person.state.pk).update(**facts)
    car(person, state={"is_lost": True, "phase": "early",
                       "idle_from_on": idle_from_on or days_ago(120), **(state or {})})  # fmt: skip
    return person


def names(staff, *stores, limit=50):
    cards = lost_cards(staff, [store.pk for store in stores], TODAY, limit)
    return [card.customer.name for card in cards]


def test_the_most_valuable_come_first_up_to_the_capacity(north, sam):
    for name, yearly in (("Low", 500), ("High", 9000), ("Mid", 3000)):
        lost(north, name, yearly=yearly)
    assert names(sam, north) == ["High", "Mid", "Low"]
    assert names(sam, north, limit=2) == ["High", "Mid"]


def test_a_card_has_the_car_that_was_lost_last_and_no_task(
    north, sam, django_assert_max_num_queries
):
    person = lost(north, "Two cars", idle_from_on=days_ago(400))
    later = car(person, state={"is_lost": True, "idle_from_on": days_ago(100)})
    car(person, state={"is_lost": False, "is_gone": True, "idle_from_on": days_ago(1)})
    with django_assert_max_num_queries(1):
        (card,) = lost_cards(sam, [north.pk], TODAY, 50)
        assert card.vehicle == later
        assert all((card.vehicle.state.is_lost, card.vehicle.rollup, card.customer.state))
    assert card.tasks == ()
    assert (card.is_duty, card.is_with_manager, card.stands_in_for) == (False, False, None)


def undone(person):
    factories.OutcomeFactory(customer=person, undone_at=factories.at(TODAY, 10))


def outcome_days_ago(days):
    return lambda person: factories.OutcomeFactory(customer=person, on_date=days_ago(days))


def a_task(**fields):
    return lambda person: task(person.vehicles.get(), None, kind="complaint", **fields)


def customers_fields(**fields):
    return lambda person: type(person).objects.filter(pk=person.pk).update(**fields)


def cars_state(**fields):
    return lambda person: person.vehicle_states.update(**fields)


@pytest.mark.parametrize(
    ("change", "is_there"),
    [
        (lambda person: None, True),
        (undone, True),
        (outcome_days_ago(29), False),
        (outcome_days_ago(30), True),
        (a_task(), False),
        (a_task(due_on=TODAY + datetime.timedelta(days=3)), False),
        (a_task(closed_on=TODAY, closed_as="done"), True),
        (customers_fields(erased_on=TODAY), False),
        (customers_fields(is_phone_dead=True), False),
        (customers_fields(phone_index=b""), False),
        (cars_state(is_lost=False), False),
        (cars_state(is_gone=True), False),
        (cars_state(is_booked=True), False),
        (lambda person: type(person.state).objects.update(stage="growth"), False),
    ],
    ids=[
        "lost",
        "an outcome was undone",
        "an outcome 29 days ago",
        "an outcome 30 days ago",
        "an open task",
        "a resting task",
        "a closed task",
        "erased",
        "dead phone",
        "no phone",
        "came in meanwhile",
        "car sold",
        "booked",
        "another car is not lost",
    ],
)
def test_who_is_on_the_list(north, sam, change, is_there):
    person = lost(north, "Somebody")
    change(person)
    assert names(sam, north) == (["Somebody"] if is_there else [])
    assert (lost_customer(sam, [north.pk], TODAY, person.pk) is not None) == is_there


EARLY, LATE = factories.at(days_ago(20)), factories.at(days_ago(10))


@pytest.mark.parametrize(
    ("events", "may_call"),
    [
        # Nothing was ever said: winning back is marketing, and a blank consent is none.
        ([], False),
        ([("phone", True, EARLY)], True),
        ([("phone", False, EARLY)], False),
        ([("sms", True, EARLY)], False),
        ([("phone", True, EARLY), ("sms", False, LATE)], True),
        ([("phone", False, EARLY), ("phone", True, LATE)], True),
        ([("phone", True, EARLY), ("phone", False, LATE)], False),
        ([("phone", True, LATE), ("phone", False, LATE)], False),
        ([("phone", False, EARLY), ("phone", True, None)], False),
        ([("phone", True, EARLY), ("phone", False, None)], False),
    ],
)
def test_only_who_agreed_to_calls_is_called_to_be_won_back(north, sam, events, may_call):
    person = lost(north, "Somebody")
    ConsentEvent.objects.filter(customer=person).delete()
    for channel, is_granted, given_at in events:
        factories.ConsentEventFactory(
            customer=person, channel=channel, is_granted=is_granted, given_at=given_at
        )
    assert bool(names(sam, north)) == may_call
    standing = {one.channel: one.is_granted for one in consents(person)}
    assert standing.get("phone", False) == may_call


def test_the_specialists_present_share_everybody_once(north, sam):
    others = [specialist("TOM", north), specialist("UMA", north)]
    expected = sorted(lost(north, f"Customer {n:02}").name for n in range(12))
    shares = [names(one, north) for one in (sam, *others)]
    assert sorted(name for share in shares for name in share) == expected
    assert [len(share) for share in shares] == [4, 4, 4]
    factories.AbsenceFactory(staff=others[0])
    shares = [names(one, north) for one in (sam, *others)]
    assert sorted(name for share in shares for name in share) == expected
    assert [len(share) for share in shares] == [6, 0, 6]


def test_each_store_has_its_own_specialists(north, south, sam):
    both = specialist("VIC", north, south)
    here, there = lost(north, "Here"), lost(south, "There")
    lost(north, "Here too")
    assert names(sam, north, south) == names(sam, north)
    assert sorted(names(sam, north) + names(both, north, south)) == ["Here", "Here too", "There"]
    assert lost_customer(sam, [north.pk, south.pk], TODAY, there.pk) is None
    assert here.name in names(sam, north) + names(both, north)


def test_without_a_specialist_nobody_gets_them(north, ben, ada, sam):
    lost(north, "Somebody")
    assert names(ben, north) == names(ada, north) == []
    type(sam).objects.filter(pk=sam.pk).update(is_active=False)
    assert names(sam, north) == []
