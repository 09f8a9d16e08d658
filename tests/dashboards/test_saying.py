"""What a card says: the customer's facts, whose words, in which language, what may be given."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from alerts.models import Script
from dashboards.selectors import days
from dashboards.selectors.saying import Saying, saying_of
from stores.access import reader_of
from stores.models import Staff, Store
from stores.scope import all_stores
from tests import factories
from tests.dashboards.lists import TODAY, car, computed_day, customer, days_ago, task

pytestmark = pytest.mark.django_db
ZH, EN = "zh-hans", "en"
SATURDAY = factories.at(datetime.date(2026, 6, 20), 9, 30)
SUNDAY = factories.at(datetime.date(2026, 6, 28), 14)


@pytest.fixture(autouse=True)
def scope(db: None) -> Any:
    with all_stores():
        yield


@pytest.fixture
def day(north: Store) -> None:
    computed_day(north)


def said(
    one: Any, by: Staff, language: str = EN, *, slots: Any = (SATURDAY, SUNDAY), **known: Any
) -> Saying:
    """The card of a task, as the page of `by` shows it."""
    vehicle = one.vehicle
    visits = list(vehicle.visits.select_related("survey").order_by("-arrived_at"))
    with translation.override(language):
        found = saying_of(
            vehicle.customer,
            [one],
            state=vehicle.state,
            rollup=vehicle.rollup,
            visit=visits[0] if visits else None,
            visits=visits,
            slots=slots,
            reader=reader_of(by),
            store_day=days.latest([vehicle.store])[vehicle.store_id],
            **known,
        )
    assert found is not None
    return found


@pytest.fixture
def wang(north: Store, ben: Staff, day: None) -> Any:
    """A due call of somebody of whom much is known, by mileage, 5 days ahead."""
    one = customer(north, "王建国", advisor=ben, gender="male")
    state = {
        "due_on": TODAY + datetime.timedelta(days=5), "due_basis": "mileage", "daily_km": 52,
        "level": "orange", "window_km": 9000,
    }  # fmt: skip
    vehicle = car(one, state=state, model="Model Y")
    for number, days_back in enumerate((7 * 26, 7 * 52, 7 * 78)):
        # Saturdays.
        on = days_ago(days_back + 2)
        visit = factories.VisitFactory(
            vehicle=vehicle, arrived_on=on, arrived_at=factories.at(on, 9, 40),
            promised_minutes=60, actual_minutes=100 if number == 0 else 50,
            items="更换机油;更换空调滤芯;23 项车辆检查", recommendations="前刹车片剩余 4 mm;其他",
        )  # fmt: skip
        if number == 0:
            factories.SurveyFactory(visit=visit, comment="讲得清楚。就是等了一会儿！" + "长" * 80)
    return task(vehicle, ben)


def test_a_chinese_page_says_it_in_chinese(wang: Any, ben: Staff) -> None:
    assert said(wang, ben, ZH).plain == (
        "王先生您好，我是North的Ben。按您每天52公里算，您的Model Y到6月20日就该保养了，怕您忙忘了。"
        "上次检查单上记着“前刹车片剩余 4 mm”，这次一起给您看。您一般周六上午来，周六上午9:30我可以"
        "给您留工位，大约1小时15分钟就好；不合适的话，6月28日周日下午2:00也行。您看方便吗？"
    )


def test_an_english_page_says_it_in_english(wang: Any, ben: Staff) -> None:
    assert said(wang, ben).plain == (
        "Hello Mr Wang, this is Ben of North. At 52 km a day, your Model Y is due for service on "
        "20 June, and I did not want it to slip in a busy week. We noted “前刹车片剩余 4 mm”; we "
        "will look at it together. You usually come on Saturday mornings: I can keep Saturday at "
        "9:30 am for you, about 1 hour 15 minutes; or Sunday 28 June at 2:00 pm. Would that suit "
        "you?"
    )


def test_facts_are_marked_and_nothing_else(wang: Any, ben: Staff) -> None:
    marked = [part.text for part in said(wang, ben, ZH).parts if part.is_fact]
    assert marked[:5] == ["王先生", "North", "Ben", "52公里", "Model Y"]


def test_of_a_stranger_only_what_is_known_is_said(north: Store, ben: Staff, day: None) -> None:
    vehicle = car(customer(north, "Firm Ltd"), state={"due_on": None, "level": "none"})
    found = said(task(vehicle, ben), ben, slots=())
    assert found.plain == (
        "Hello Firm Ltd, this is Ben of North. Your Passat will soon be due for service; no hurry, "
        "I only want you to know in good time. Which day would suit you? I will keep a place."
    )


@pytest.mark.parametrize(
    ("name", "gender", "chinese", "english"),
    [
        ("王建国", "male", "王先生", "Mr Wang"),
        ("欧阳静", "female", "欧阳女士", "Ms Ouyang"),
        ("欧静", "female", "欧女士", "Ms Ou"),
        ("王建国", "unknown", "王建国", "Wang Jianguo"),
        ("上海某某贸易有限公司", "unknown", "上海某某贸易有限公司", "上海某某贸易有限公司"),
        ("John Lee", "male", "Lee先生", "Mr Lee"),
    ],
)
def test_people_are_addressed_as_people_are(
    name: str, gender: str, chinese: str, english: str, north: Store, ben: Staff, day: None
) -> None:
    one = task(car(customer(north, name, gender=gender), state={}), ben)
    assert said(one, ben, ZH).plain.startswith(f"{chinese}您好，")
    assert said(one, ben).plain.startswith(f"Hello {english}, ")


def test_whoever_stands_in_names_the_own_advisor(
    wang: Any, ben: Staff, ada: Staff, north: Store
) -> None:
    assert "我是North的Ada，和Ben一起照顾您的车。" in said(wang, ada, ZH).plain
    Staff.objects.filter(pk=ben.pk).update(is_active=False)
    wang.refresh_from_db()
    assert "Ben" not in said(wang, ada, ZH).plain


def test_a_usual_time_is_not_named_beside_another_one(wang: Any, ben: Staff) -> None:
    assert "您一般" not in said(wang, ben, ZH, slots=(SUNDAY,)).plain


@pytest.mark.parametrize(
    ("actual", "is_told"), [(89, False), (90, True)], ids=["a little late", "half as long again"]
)
def test_a_long_wait_is_owned_up_to(
    actual: int, is_told: bool, north: Store, ben: Staff, day: None
) -> None:
    vehicle = car(customer(north, "Lee"), state={})
    factories.VisitFactory(vehicle=vehicle, promised_minutes=60, actual_minutes=actual)
    found = said(task(vehicle, ben, kind="risk_call"), ben).plain
    assert ("Last time it took 1 hour 30 minutes instead of 1 hour" in found) is is_told


@pytest.mark.parametrize(
    ("overdue", "told"),
    [
        (6, "was due a short while ago"),
        (7, "was due on 8 June and is now a week late"),
        (20, "was due on 26 May and is now 2 weeks late"),
        (62, "was due on 14 April and is now 8 weeks late"),
        (63, "was due on 13 April and is now 2 months late"),
    ],
)
def test_how_long_overdue_is_told_in_full_weeks(
    overdue: int, told: str, north: Store, ben: Staff, day: None
) -> None:
    state = {"due_on": days_ago(overdue), "level": "red"}
    one = task(car(customer(north, "Lee"), state=state), ben)
    assert told in said(one, ben).plain


def test_the_plans_distance_is_not_said_to_be_the_customers(
    north: Store, ben: Staff, day: None
) -> None:
    state = {"due_on": TODAY, "due_basis": "mileage", "daily_km": 50, "window_km": 0}
    assert "50" not in said(task(car(customer(north, "Lee"), state=state), ben), ben).plain


def test_a_promised_call_names_the_time_and_else_the_day(
    north: Store, ben: Staff, day: None
) -> None:
    vehicle = car(customer(north, "Lee"), state={})
    one = task(vehicle, ben, kind="callback", deadline_at=factories.at(TODAY, 10, 30))
    assert "call you back today at 10:30 am:" in said(one, ben).plain
    one.deadline_at = factories.at(TODAY, 17, 30)
    assert "call you back today:" in said(one, ben).plain


def test_a_confirmation_names_its_appointment(north: Store, ben: Staff, day: None) -> None:
    vehicle = car(customer(north, "Lee"), state={})
    on = TODAY + datetime.timedelta(days=1)
    booked = factories.AppointmentFactory(
        vehicle=vehicle, starts_on=on, starts_at=factories.at(on, 14)
    )
    key = f"{booked.pk}:{on}"
    found = said(task(vehicle, ben, kind="booking_confirm", cycle_key=key), ben)
    assert "confirm your appointment tomorrow at 2:00 pm:" in found.plain
    assert not found.giving.limit


def test_a_complaint_is_named_and_comes_before_every_other_reason(
    north: Store, ada: Staff, day: None
) -> None:
    vehicle = car(customer(north, "Lee"), state={"due_on": TODAY})
    complaint = factories.ComplaintFactory(vehicle=vehicle, category="waiting")
    tasks = [
        task(vehicle, ada),
        task(vehicle, ada, kind="complaint", cycle_key=str(complaint.pk)),
    ]
    with translation.override(EN):
        found = saying_of(
            vehicle.customer, tasks, state=vehicle.state, rollup=vehicle.rollup, visit=None,
            slots=(), reader=reader_of(ada), store_day=days.latest([north])[north.pk],
        )  # fmt: skip
    assert found
    assert found.kind == "complaint"
    assert "your complaint about the waiting time with your Passat" in found.plain
    assert found.giving.is_put_right_first


def test_a_low_survey_speaks_of_the_visit_that_was_judged(
    north: Store, ada: Staff, day: None
) -> None:
    vehicle = car(customer(north, "Lee"), state={})
    old = factories.VisitFactory(vehicle=vehicle, arrived_on=days_ago(40))
    survey = factories.SurveyFactory(visit=old, satisfaction=40, comment="Two hours late.")
    factories.VisitFactory(vehicle=vehicle, arrived_on=days_ago(2))
    found = said(task(vehicle, ada, kind="critical", cycle_key=str(survey.pk)), ada)
    assert "your Passat on 6 May: “Two hours late”." in found.plain


def test_nothing_is_said_while_a_colleague_puts_it_right(wang: Any, ben: Staff) -> None:
    wang.is_with_manager = True
    with pytest.raises(AssertionError):
        said(wang, ben)


def test_what_the_other_car_needs_is_not_said_of_this_one(
    north: Store, ben: Staff, day: None
) -> None:
    one = customer(north, "Lee")
    vehicle = car(one, state={})
    other = factories.VisitFactory(vehicle=car(one, state={}), recommendations="new tyres")
    with translation.override(EN):
        found = saying_of(
            one, [task(vehicle, ben)], state=vehicle.state, rollup=vehicle.rollup, visit=other,
            slots=(), reader=reader_of(ben), store_day=days.latest([north])[north.pk],
        )  # fmt: skip
    assert found
    assert "new tyres" not in found.plain


@pytest.mark.parametrize("reason", ["channel", "refused"])
def test_where_no_call_is_wanted_there_is_something_to_write(
    reason: str, wang: Any, ben: Staff
) -> None:
    wang.channel = "wechat" if reason == "channel" else "phone"
    found = said(wang, ben, refused={"phone"} if reason == "refused" else ())
    assert found.is_written
    assert "answer with a word and I keep it for you." in found.plain


# What may be given.


def red(north: Store, ben: Staff, yearly: Any, **state: Any) -> Any:
    one = customer(north, "Lee", advisor=ben)
    one.state.yearly_amount = Decimal(yearly)
    one.state.save()
    return task(car(one, state={"due_on": days_ago(9), "level": "red", **state}), ben)


def test_the_offer_stands_with_its_cost_and_its_limit(north: Store, ben: Staff, day: None) -> None:
    giving = said(red(north, ben, 3000), ben).giving
    assert giving.offer == "You may offer: a free check of wheels and battery (cost ¥60)."
    assert giving.limit == (
        "Limit ¥420 = customer value ¥7,000 × 30% ÷ 5 years; above it the manager decides."
    )
    assert giving.reckoning.startswith(
        "Customer value ¥7,000 = ¥3,000 a year × 50% × 5 years − ¥500"
    )


@pytest.mark.parametrize(
    ("yearly", "is_offered"), [("600", True), ("599.99", False)], ids=["just within", "just above"]
)
def test_an_offer_above_the_limit_is_not_named(
    yearly: str, is_offered: bool, north: Store, ben: Staff, day: None
) -> None:
    # ¥60 = (600 × 50 % × 5 − 500) × 30 % ÷ 5
    giving = said(red(north, ben, yearly), ben).giving
    assert bool(giving.offer) is is_offered
    assert giving.limit


def test_the_limit_is_reckoned_with_the_settings_pinned_for_the_day(
    north: Store, ben: Staff
) -> None:
    computed_day(north, expected_years=2, acquisition_amount=0)
    assert "Limit ¥450 = customer value ¥3,000 × 30% ÷ 2 years" in (
        said(red(north, ben, 3000), ben).giving.limit
    )


@pytest.mark.parametrize("points", ["complaint_points", "satisfaction_points"])
def test_nothing_is_given_as_the_answer_to_bad_service(
    points: str, north: Store, ben: Staff, day: None
) -> None:
    giving = said(red(north, ben, 3000, **{points: 20}), ben).giving
    assert giving.is_put_right_first
    assert not giving.offer
    assert not giving.limit


# Whose words.


def own(store: Store | None, group: Any, text: str, **case: Any) -> Script:
    values = {"language": EN, "kind": "due_call", **case}
    return factories.ScriptFactory(group=group, store=store, text=text, **values)


def test_the_stores_words_come_before_the_groups_and_these_before_ours(
    wang: Any, ben: Staff, north: Store, south: Store
) -> None:
    own(south, north.group, "{car} of another store")
    own(None, factories.GroupFactory(), "{car} of another group")
    own(None, north.group, "{car} in Chinese", language=ZH)
    assert said(wang, ben).plain.startswith("Hello Mr Wang")
    own(None, north.group, "{car} of the group", level="orange")
    assert said(wang, ben).plain == "Model Y of the group"
    own(north, north.group, "{car} of the store")
    assert said(wang, ben).plain == "Model Y of the store"


def test_of_the_stores_words_the_most_specific_are_said(
    wang: Any, ben: Staff, north: Store
) -> None:
    group = north.group
    for text, case in (
        ("{car} for all", {}),
        ("{car} for mid", {"tier": "mid"}),
        ("{car} for orange", {"level": "orange"}),
        ("{car} for orange and mid", {"level": "orange", "tier": "mid"}),
    ):
        own(north, group, text, **case)
        assert said(wang, ben).plain == text.replace("{car}", "Model Y")
    own(north, group, "{car} for others", level="red", tier="high")
    assert said(wang, ben).plain == "Model Y for orange and mid"


def test_words_for_the_phone_are_not_written(wang: Any, ben: Staff, north: Store) -> None:
    own(north, north.group, "{car} for all")
    assert said(wang, ben, refused={"phone"}).plain.startswith("Hello Mr Wang, Ben of North here")
    own(north, north.group, "{car} in writing", level="wechat")
    assert said(wang, ben, refused={"phone"}).plain == "Model Y in writing"


def test_words_that_would_leave_a_hole_give_way_to_ours(
    wang: Any, ben: Staff, north: Store
) -> None:
    own(north, north.group, "{car} {weather}")
    assert said(wang, ben).plain.startswith("Hello Mr Wang")


def test_it_costs_one_query(wang: Any, ben: Staff, north: Store) -> None:
    vehicle = wang.vehicle
    store_day = days.latest([north])[north.pk]
    reader = reader_of(ben)
    known = {"state": vehicle.state, "rollup": vehicle.rollup, "visit": None, "slots": ()}
    assert vehicle.customer.state
    assert vehicle.customer.advisor
    with CaptureQueriesContext(
        connection,
    ) as queries:
        saying_of(vehicle.customer, [wang], reader=reader, store_day=store_day, **known)
    assert len(queries) == 1


def test_a_lost_customer_without_a_task_is_asked_what_went_wrong(
    north: Store, ben: Staff, day: None
) -> None:
    vehicle = car(customer(north, "Lee"), state={})
    with translation.override(EN):
        found = saying_of(
            vehicle.customer, [], state=vehicle.state, rollup=vehicle.rollup, visit=None, slots=(),
            reader=reader_of(ben), store_day=days.latest([north])[north.pk], vehicle=vehicle,
        )  # fmt: skip
    assert found
    assert found.kind == "risk_call"


def test_a_reminder_has_its_note_and_no_script(north: Store, ben: Staff, day: None) -> None:
    vehicle = car(customer(north, "Lee"), state={})
    one = task(vehicle, ben, kind="reminder", note="Ask about the tyres")
    with pytest.raises(AssertionError):
        said(one, ben)


def test_refusals_are_answered_with_this_customers_facts(wang: Any, ben: Staff) -> None:
    refusals = said(wang, ben, ZH).refusals
    assert [one.said for one in refusals][:2] == ["太贵了", "太远了"]
    slow = "".join(part.text for part in refusals[3].parts)
    assert "上次让您等了1小时40分钟，而说好的是1小时，是我们没安排好" in slow
