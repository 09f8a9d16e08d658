"""The settings pages: bounds, errors at fields, versions, two administrators, plans, stores."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from dashboards import policy_fields
from lifecycle.policies import PlanPolicy, WarningPolicy
from stores.models import AuditEntry, Policy, Staff, Store
from stores.services import policies
from tests.factories import VehicleFactory

SAVE = "/settings/warning/save/"


@pytest.fixture
def admin(client: Client, dora: Staff) -> Client:
    dora.language = "en"
    dora.save()
    client.force_login(dora, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _opened(client: Client, url: str = "/settings/warning/") -> dict[str, Any]:
    """What a browser would send back unchanged."""
    form = client.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields}
    if hasattr(form, "rows"):
        data["row"] = [row.place for row in form.rows]
        for row in form.rows:
            data |= {row[name].html_name: row[name].value() for name in row.fields}
    return {name: "" if value is None else value for name, value in data.items()}


def _row(client: Client, key: str, url: str = "/settings/plan/") -> str:
    form = client.get(url).context["form"]
    return str(next(row.prefix for row in form.rows if row.plan_key == key))


def _in_force(place: Store | None, staff: Staff, kind: Any = WarningPolicy) -> dict[str, Any]:
    return policies.values_in_force(kind, staff.group, place)


@pytest.mark.parametrize("kind", ["plan", "warning", "segment", "task", "scorecard"])
def test_every_kind_has_a_page_that_can_be_saved_unchanged(admin: Client, kind: str) -> None:
    page = f"/settings/{kind}/"
    answer = admin.post(f"{page}save/", _opened(admin, page), follow=True)
    assert answer.status_code == 200
    assert "Nothing was changed." in answer.content.decode()
    assert not Policy.objects.exists()


def test_a_kind_that_does_not_exist_is_not_found(admin: Client) -> None:
    assert admin.get("/settings/weather/").status_code == 404


def test_saving_makes_a_version_of_what_differs_and_says_when_it_counts(
    admin: Client, dora: Staff
) -> None:
    answer = admin.post(SAVE, {**_opened(admin), "orange_days": 21, "note": "winter"}, follow=True)
    policy = Policy.objects.get()
    assert (policy.number, policy.values, policy.note) == (1, {"orange_days": 21}, "winter")
    assert policy.author == dora
    assert "Saved as version 1, used from the next run." in answer.content.decode()
    entry = AuditEntry.objects.get(action="settings_published")
    assert (entry.actor, entry.thing_id, entry.reason) == (dora, policy.pk, "winter")


def test_weights_of_the_scorecard_are_said_to_hold_at_once(admin: Client) -> None:
    page = "/settings/scorecard/"
    assert "use these weights at once" in admin.get(page).content.decode()
    changed = {**_opened(admin, page), "revenue": 20, "satisfaction": 30}
    answer = admin.post(f"{page}save/", changed, follow=True).content.decode()
    assert "Saved as version 1, used at once." in answer
    assert "next run" not in answer


@pytest.mark.parametrize(
    ("kind", "field", "entered", "stored"),
    [
        ("task", "orange_probability", "62.5", 0.625),
        ("task", "attempt_factor", "0", 0.0),
        ("task", "advisor_capacity", "500", 500),
        ("warning", "index_idle_factor", "0.35", 0.35),
        ("warning", "phase_by_last_visit", "1", True),
        ("warning", "red_days", "90", 90),
        ("segment", "diamond_percent", "20", 20),
    ],
)
def test_entered_values_are_kept_in_the_units_of_the_rules(
    admin: Client, kind: str, field: str, entered: str, stored: object
) -> None:
    page = f"/settings/{kind}/"
    admin.post(f"{page}save/", {**_opened(admin, page), field: entered})
    assert Policy.objects.get().values == {field: stored}


@pytest.mark.parametrize(
    ("kind", "entered", "at"),
    [
        pytest.param("warning", {"orange_days": 31}, "orange_days", id="orange before yellow"),
        pytest.param("warning", {"red_days": 0}, "red_days", id="red on the due day"),
        pytest.param("warning", {"red_days": 91}, "lost_days", id="red after lost"),
        pytest.param("warning", {"decline_days": 91}, "decline_days", id="decline after lost"),
        pytest.param("warning", {"low_above": 59}, "low_above", id="low below high"),
        pytest.param("warning", {"deep_from": 120}, "early_from", id="phases out of order"),
        pytest.param("warning", {"yellow_days": "soon"}, "yellow_days", id="not a number"),
        pytest.param("warning", {"yellow_days": ""}, "yellow_days", id="empty"),
        pytest.param("warning", {"yellow_days": 10_001}, "yellow_days", id="too many days"),
        pytest.param("warning", {"maturity_visits": 1}, "maturity_visits", id="mature at once"),
        pytest.param("segment", {"gold_percent": 4}, "gold_percent", id="gold below diamond"),
        pytest.param(
            "segment",
            {"recency_weight": 0, "frequency_weight": 0, "money_weight": 0},
            "recency_weight",
            id="no weight at all",
        ),
        pytest.param("scorecard", {"revenue": 31}, "satisfaction", id="a sum above 100"),
        pytest.param("segment", {"mid_amount": 5001}, "mid_amount", id="medium above high"),
        pytest.param("task", {"manager_capacity": 0}, "manager_capacity", id="no capacity"),
        pytest.param("task", {"yellow_probability": 101}, "yellow_probability", id="over 100 %"),
    ],
)
def test_values_that_do_not_fit_are_told_at_their_field(
    admin: Client, kind: str, entered: dict[str, object], at: str
) -> None:
    page = f"/settings/{kind}/"
    answer = admin.post(f"{page}save/", {**_opened(admin, page), **entered})
    assert list(answer.context["form"].errors) == [at]
    assert f'id="id_{at}_error"' in answer.content.decode()
    assert not Policy.objects.exists()


def test_every_rule_between_fields_is_told_in_the_readers_language(
    admin: Client, dora: Staff
) -> None:
    dora.language = "zh-hans"
    dora.save()
    answer = admin.post(SAVE, {**_opened(admin), "orange_days": 31})
    with translation.override("zh-hans"):
        told = policy_fields.message("warning", "orange_days")
    assert answer.context["form"].errors["orange_days"] == [told]
    assert escape(told) in answer.content.decode()
    assert "yellow comes before orange" not in answer.content.decode()


def test_the_second_of_two_administrators_is_told_and_nothing_is_overwritten(
    admin: Client, dora: Staff
) -> None:
    opened = _opened(admin)
    admin.post(SAVE, {**opened, "orange_days": 20})
    answer = admin.post(SAVE, {**opened, "yellow_days": 40})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Dora saved version 1 while this page was open." in page
    assert 'value="40"' in page
    assert _in_force(None, dora)["orange_days"] == 20
    assert Policy.objects.count() == 1
    again = {name: answer.context["form"][name].value() or "" for name in opened}
    admin.post(SAVE, again)
    assert Policy.objects.count() == 2


def test_a_double_click_makes_one_version(admin: Client) -> None:
    data = {**_opened(admin), "orange_days": 20}
    answers = [admin.post(SAVE, data), admin.post(SAVE, data)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Policy.objects.count() == 1


def test_a_store_keeps_only_what_differs_and_can_go_back_to_the_group(
    admin: Client, dora: Staff, north: Store
) -> None:
    page = "/settings/warning/?store=NORTH"
    data = {**_opened(admin, page), "store": "NORTH"}
    admin.post(SAVE, {**data, "orange_days": 10, "lost_days": 100})
    assert Policy.objects.get().values == {"orange_days": 10, "lost_days": 100}
    assert _in_force(None, dora)["orange_days"] == 15
    rows = [row for _section, part in admin.get(page).context["form"].cards() for row in part]
    assert [row.setting.name for row in rows if row.is_own] == ["orange_days", "lost_days"]

    data = {**_opened(admin, page), "store": "NORTH"}
    shown = admin.post(SAVE, {**data, "back": "orange_days"})
    assert shown.context["form"]["orange_days"].value() == "15"
    assert Policy.objects.count() == 1, "the button alone saves nothing"
    admin.post(SAVE, {**data, "orange_days": shown.context["form"]["orange_days"].value()})
    assert Policy.objects.get(number=2).values == {"lost_days": 100}


def test_a_stores_form_is_stale_when_the_groups_values_changed(admin: Client, north: Store) -> None:
    data = {**_opened(admin, "/settings/warning/?store=NORTH"), "store": "NORTH"}
    admin.post(SAVE, {**_opened(admin), "orange_days": 20})
    assert admin.post(SAVE, {**data, "yellow_days": 40}).status_code == 409
    assert not Policy.objects.filter(store=north).exists()


def test_all_values_can_be_filled_with_the_defaults_without_saving(admin: Client) -> None:
    admin.post(SAVE, {**_opened(admin), "orange_days": 20, "lost_days": 100})
    shown = admin.post(SAVE, {**_opened(admin), "back_all": "1"}).context["form"]
    assert (shown["orange_days"].value(), shown["lost_days"].value()) == ("15", "90")
    assert Policy.objects.count() == 1


@pytest.mark.parametrize("code", ["ELSE", "NOWHERE"])
def test_another_groups_store_and_a_missing_one_are_the_same_404(
    admin: Client, elsewhere: Store, code: str
) -> None:
    answers = [
        admin.get(f"/settings/warning/?store={code}"),
        admin.post(SAVE, {**_opened(admin), "store": code}),
        admin.post("/settings/warning/versions/1/restore/", {"store": code}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_an_old_version_can_be_restored_once(admin: Client, dora: Staff) -> None:
    for days in (20, 25):
        admin.post(SAVE, {**_opened(admin), "orange_days": days})
    base = {"based_on": admin.get("/settings/warning/").context["base"]}
    url = "/settings/warning/versions/1/restore/"
    told = [admin.post(url, base, follow=True).content.decode() for _click in range(2)]
    assert "Saved as version 3" in told[0]
    assert "Dora saved version 3 while this page was open." in told[1]
    assert _in_force(None, dora)["orange_days"] == 20
    newest = Policy.objects.get(number=3)
    assert (newest.note, newest.author) == ("Version 1 restored", dora)


def test_a_version_that_never_was_cannot_be_restored(admin: Client) -> None:
    base = {"based_on": admin.get("/settings/warning/").context["base"]}
    assert admin.post("/settings/warning/versions/7/restore/", base).status_code == 404


def test_the_history_says_what_each_version_changed(admin: Client) -> None:
    admin.post(SAVE, {**_opened(admin), "orange_days": 20})
    admin.post(SAVE, {**_opened(admin), "orange_days": 15, "red_days": 3, "note": "calmer"})
    versions = admin.get("/settings/warning/versions/").context["versions"]
    told = [[(c.label, c.before, c.after) for c in version.changes] for version in versions]
    assert told == [
        [("Orange: before the due date", "20", "15"), ("Red: overdue for at least", "1", "3")],
        [("Orange: before the due date", "15", "20")],
    ]
    assert [version.is_current for version in versions] == [True, False]


def test_a_manager_reads_the_settings_and_cannot_change_them(client: Client, ada: Staff) -> None:
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/settings/warning/")
    assert page.status_code == 200
    assert "<fieldset" in page.content.decode()
    assert "disabled" in page.content.decode()
    assert client.post(SAVE, _opened(client)).status_code == 403
    assert client.get("/settings/warning/?store=NORTH").status_code == 200
    assert client.get("/settings/warning/?store=SOUTH").status_code == 404


class TestPlans:
    """DUE-1: rows by key."""

    URL = "/settings/plan/"
    SAVE = "/settings/plan/save/"

    def test_first_interval_can_be_in_calendar_months(self, admin: Client, dora: Staff) -> None:
        row = _row(admin, "powertrain:BEV")
        changes = {f"{row}-first": 3, f"{row}-first_unit": "months", f"{row}-first_km": 5000}
        admin.post(self.SAVE, {**_opened(admin, self.URL), **changes})
        plan = _in_force(None, dora, PlanPolicy)["plans"]["powertrain:BEV"]
        assert (plan["first_months"], plan["first_days"], plan["first_km"]) == (3, 0, 5000)
        assert list(Policy.objects.get().values["plans"]) == ["powertrain:BEV"]

    @pytest.mark.parametrize(
        ("field", "value", "is_fine"),
        [
            ("months", 0, False),
            ("months", 1, True),
            ("months", 60, True),
            ("months", 61, False),
            ("first", 0, False),
            ("first", 1000, True),
            ("first", 1001, False),
            ("km", 99, False),
            ("km", 100, True),
            ("daily_km", 500, True),
            ("daily_km", 501, False),
        ],
    )
    def test_figures_have_bounds(
        self, admin: Client, field: str, value: int, is_fine: bool
    ) -> None:
        row = _row(admin, "powertrain:ICE")
        answer = admin.post(
            self.SAVE, {**_opened(admin, self.URL), f"{row}-{field}": value}, follow=True
        )
        assert Policy.objects.exists() is is_fine
        assert (f'id="id_{row}-{field}_error"' in answer.content.decode()) is not is_fine

    def test_first_interval_has_at_most_60_months(self, admin: Client) -> None:
        row = _row(admin, "default")
        data = {**_opened(admin, self.URL), f"{row}-first": 61, f"{row}-first_unit": "months"}
        assert "At most 60 months." in admin.post(self.SAVE, data).content.decode()

    def test_a_brand_of_the_groups_vehicles_gets_a_row_that_can_be_removed_again(
        self, admin: Client, dora: Staff, north: Store, elsewhere: Store
    ) -> None:
        VehicleFactory(customer__store=north, brand="NIO", model="ET5")
        VehicleFactory(customer__store=elsewhere, brand="Lada", model="Niva")
        choices = admin.get(self.URL).context["choices"]
        assert choices == [("brand:NIO", "NIO", 1), ("model:NIO|ET5", "NIO ET5", 1)]
        data = {**_opened(admin, self.URL), "add": "1", "new_key": "brand:NIO"}
        form = admin.post(self.SAVE, data).context["form"]
        assert not Policy.objects.exists()
        added = form.rows[-1]
        assert added.plan_key == "brand:NIO"
        values = {added[name].html_name: added[name].value() for name in added.fields}
        data = _opened(admin, self.URL) | values
        data["row"] = [*data["row"], added.place]
        admin.post(self.SAVE, data)
        assert "brand:NIO" in _in_force(None, dora, PlanPolicy)["plans"]

        gone = {**_opened(admin, self.URL), "remove": "brand:NIO"}
        form = admin.post(self.SAVE, gone).context["form"]
        assert "brand:NIO" not in form.plan_keys()
        data = _opened(admin, self.URL)
        data["row"] = [row.place for row in form.rows]
        admin.post(self.SAVE, data)
        assert "brand:NIO" not in _in_force(None, dora, PlanPolicy)["plans"]

    def test_a_brand_of_strangers_cannot_be_added(self, admin: Client, elsewhere: Store) -> None:
        VehicleFactory(customer__store=elsewhere, brand="Lada", model="Niva")
        data = {**_opened(admin, self.URL), "add": "1", "new_key": "brand:Lada"}
        assert "brand:Lada" not in admin.post(self.SAVE, data).context["form"].plan_keys()

    def test_fixed_rows_stay(self, admin: Client) -> None:
        data = {**_opened(admin, self.URL), "remove": "default"}
        assert "default" in admin.post(self.SAVE, data).context["form"].plan_keys()

    def test_a_store_leaves_a_group_plan_out_and_puts_it_back(
        self, admin: Client, dora: Staff, north: Store
    ) -> None:
        plans = _in_force(None, dora, PlanPolicy)["plans"]
        plans["brand:NIO"] = plans["default"]
        policies.publish(
            kind=PlanPolicy, group=dora.group, store=None, values={"plans": plans}, author=dora
        )
        page = f"{self.URL}?store=NORTH"
        data = {**_opened(admin, page), "store": "NORTH"}
        data["row"] = [
            row.place for row in admin.get(page).context["form"].rows if row.plan_key != "brand:NIO"
        ]
        admin.post(self.SAVE, data)
        assert Policy.objects.get(store=north).values == {"plans": {"brand:NIO": None}}
        form = admin.get(page).context["form"]
        assert form.left_out() == [("brand:NIO", "NIO")]
        data = {**_opened(admin, page), "store": "NORTH", "back": "brand:NIO"}
        assert "brand:NIO" in admin.post(self.SAVE, data).context["form"].plan_keys()
