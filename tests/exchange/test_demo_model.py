"""The demo group: its files keep the contract, and its people behave like a dealer's customers.

The rates are worked out here from the written files alone (LIFE-4, LIFE-7, DUE), not by the model.
"""

from __future__ import annotations

import calendar
import csv
import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import correlation, mean

import pytest

from exchange.demo import DemoSummary, generate

TODAY = date(2026, 11, 21)
ELECTRIC = {"BEV", "PHEV", "EREV"}
INDUSTRY = {"first": 94, "second": 63, "third": 42, "fourth": 31, "out_of_warranty": 18}
COLUMNS = {
    "stores": "code,name,group,city,timezone,opens,closes,bays",
    "staff": "code,name,store,role,username,email,phone,active",
    "customers": "external_id,store,name,phone,gender,birthday,address,email,wechat_id,source,"
    "referred_by,advisor,occupation,interests,dislikes,notes,influencer,club_member,consent,"
    "consent_at",
    "vehicles": "vin,customer,store,plate,brand,model,powertrain,delivered_on,warranty_months,"
    "warranty_km,status,status_on,owner_since",
    "visits": "work_order_no,store,vin,arrived_at,closed_at,status,odometer_km,kind,amount,"
    "gross_margin,advisor,promised_minutes,actual_minutes,items,recommendations",
    "surveys": "store,work_order_no,answered_at,score,scale,nps,comment",
    "complaints": "external_id,store,vin,opened_at,work_order_no,category,text,resolved_at,"
    "resolution",
    "contacts": "external_id,store,customer,vin,at,channel,direction,outcome,staff,note",
    "appointments": "external_id,store,vin,starts_at,status,status_at,source,created_at",
    "engagement": "store,customer,month,app_opens,enquiries",
}
KEYS = {
    "stores": ("code",), "staff": ("code",), "customers": ("store", "external_id"),
    "vehicles": ("vin",), "visits": ("store", "work_order_no"),
    "surveys": ("store", "work_order_no"), "complaints": ("store", "external_id"),
    "contacts": ("store", "external_id"), "appointments": ("store", "external_id"),
    "engagement": ("customer", "month"),
}  # fmt: skip
Rows = dict[str, list[dict[str, str]]]


def read(folder: Path) -> Rows:
    rows = {}
    for name in COLUMNS:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            rows[name] = list(csv.DictReader(handle))
    return rows


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return generate(tmp_path_factory.mktemp("demo"), TODAY)


@pytest.fixture(scope="module")
def rows(summary: DemoSummary) -> Rows:
    return read(summary.folder)


def on(text: str) -> date:
    return date.fromisoformat(text[:10])


def months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days_of_visits(rows: Rows, kind: str = "") -> dict[str, list[date]]:
    """Dates of each vehicle's counted visits in order, work orders of one day merged."""
    found: dict[str, set[date]] = defaultdict(set)
    for visit in rows["visits"]:
        if visit["status"] != "void" and kind in ("", visit["kind"]):
            found[visit["vin"]].add(on(visit["arrived_at"]))
    return {vin: sorted(days) for vin, days in found.items()}


def regular_months(vehicle: dict[str, str]) -> int:
    return 12 if vehicle["powertrain"] in ELECTRIC else 6


def warranty_end(vehicle: dict[str, str], readings: list[tuple[str, int]]) -> date:
    """By time, or by the first reading at or above the warranty's km."""
    end = months_after(on(vehicle["delivered_on"]), int(vehicle["warranty_months"]))
    limit = int(vehicle["warranty_km"] or 10**9)
    return min([end, *(on(at) for at, km in readings if km >= limit)])


def retention(rows: Rows) -> dict[str, float]:
    """LIFE-4 in percent, the plain way: node by node for each vehicle."""
    at_risk: Counter[int] = Counter()
    came: Counter[int] = Counter()
    services = days_of_visits(rows, "maintenance")
    for vehicle in rows["vehicles"]:
        before = on(vehicle["delivered_on"])
        for node, day in enumerate([*services.get(vehicle["vin"], []), date.max][:4]):
            due = months_after(before, regular_months(vehicle))
            due = before + timedelta(days=30) if node == 0 else due
            if due + timedelta(days=90) > TODAY:
                break
            at_risk[node] += 1
            if day > due + timedelta(days=90):
                break
            came[node] += 1
            before = day
    result, product = {}, 100.0
    for node, name in enumerate(("first", "second", "third", "fourth")):
        product *= came[node] / at_risk[node]
        result[name] = product
    return {**result, "out_of_warranty": out_of_warranty(rows)}


def out_of_warranty(rows: Rows) -> float:
    readings: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for visit in rows["visits"]:
        if visit["status"] != "void":
            readings[visit["vin"]].append((visit["arrived_at"], int(visit["odometer_km"])))
    visits = days_of_visits(rows)
    returned = []
    for vehicle in rows["vehicles"]:
        end = warranty_end(vehicle, readings[vehicle["vin"]])
        if end + timedelta(days=365) <= TODAY:
            days = [(day - end).days for day in visits.get(vehicle["vin"], [])]
            returned.append(any(1 <= day <= 365 for day in days))
    return 100 * mean(returned)


def first_and_second(rows: Rows) -> list[tuple[float, float, str]]:
    """(score of the first service, came to the second in time, store) of the answered ones."""
    score = {
        (row["store"], row["work_order_no"]): 100 * int(row["score"]) / int(row["scale"])
        for row in rows["surveys"]
    }
    services: dict[str, list[dict[str, str]]] = defaultdict(list)
    for visit in sorted(rows["visits"], key=lambda row: row["arrived_at"]):
        if visit["kind"] == "maintenance" and visit["status"] != "void":
            services[visit["vin"]].append(visit)
    pairs = []
    for vehicle in rows["vehicles"]:
        own = services[vehicle["vin"]]
        if not own or (own[0]["store"], own[0]["work_order_no"]) not in score:
            continue
        last = months_after(on(own[0]["arrived_at"]), regular_months(vehicle)) + timedelta(days=90)
        if last <= TODAY:
            came = len(own) > 1 and on(own[1]["arrived_at"]) <= last
            first = own[0]["store"], own[0]["work_order_no"]
            pairs.append((score[first], float(came), vehicle["store"]))
    return pairs


# --- the contract ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", COLUMNS)
def test_file_has_the_columns_and_unique_keys(name: str, rows: Rows, summary: DemoSummary) -> None:
    with (summary.folder / f"{name}.csv").open(encoding="utf-8") as handle:
        assert handle.readline().strip() == COLUMNS[name]
    keys = [tuple(row[column] for column in KEYS[name]) for row in rows[name]]
    assert len(set(keys)) == len(keys) == summary.rows[name] > 0


def test_same_arguments_give_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    one = generate(tmp_path / "one", TODAY, vehicles=250)
    two = generate(tmp_path / "two", TODAY, vehicles=250)
    other = generate(tmp_path / "other", TODAY, vehicles=250, seed=7)
    assert one.rows == two.rows
    assert one.rows["vehicles"] == 250
    for name in COLUMNS:
        first = (one.folder / f"{name}.csv").read_bytes()
        assert first == (two.folder / f"{name}.csv").read_bytes()
        if name not in {"stores", "staff"}:
            assert first != (other.folder / f"{name}.csv").read_bytes()


def test_a_leap_day_and_a_single_vehicle_are_no_trouble(tmp_path: Path) -> None:
    assert generate(tmp_path, date(2028, 2, 29), vehicles=1).rows["vehicles"] == 1


def test_vins_are_well_formed_with_a_correct_check_digit(rows: Rows) -> None:
    value = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", [*range(10), *range(1, 9), 1, 2, 3, 4, 5,
                 7, 9, *range(2, 10)], strict=True))  # fmt: skip
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    for vehicle in rows["vehicles"]:
        vin = vehicle["vin"]
        assert re.fullmatch(r"[0-9A-HJ-NPR-Z]{17}", vin)
        rest = sum(value[sign] * weight for sign, weight in zip(vin, weights, strict=True)) % 11
        assert vin[8] == ("X" if rest == 10 else str(rest)), vin


def test_green_plates_are_on_electric_cars_only_and_no_plate_twice(rows: Rows) -> None:
    for vehicle in rows["vehicles"]:
        green = re.fullmatch(r"沪[A-Z][DF]\d{5}", vehicle["plate"]) is not None
        plain = re.fullmatch(r"沪[A-Z]·[0-9A-Z]{5}", vehicle["plate"]) is not None
        assert (green, plain) == ((vehicle["powertrain"] in ELECTRIC), not green)
    assert len({vehicle["plate"] for vehicle in rows["vehicles"]}) == len(rows["vehicles"])


def test_every_reference_is_to_a_row_that_is_there(rows: Rows) -> None:
    stores = {row["code"] for row in rows["stores"]}
    staff = {row["code"] for row in rows["staff"]} | {""}
    customers = {(row["store"], row["external_id"]) for row in rows["customers"]}
    vehicles = {row["vin"] for row in rows["vehicles"]} | {""}
    orders = {(row["store"], row["work_order_no"]) for row in rows["visits"]}
    for name in COLUMNS:
        for row in rows[name]:
            assert row.get("store", "PD") in stores
            assert row.get("vin", "") in vehicles
            assert row.get("advisor", "") in staff
            assert name != "contacts" or row["staff"] in staff
            if "customer" in row:
                assert (row["store"], row["customer"]) in customers
            if row.get("referred_by"):
                assert (row["store"], row["referred_by"]) in customers
            if name != "visits" and row.get("work_order_no"):
                assert (row["store"], row["work_order_no"]) in orders


def test_nothing_but_bookings_lies_in_the_future(rows: Rows) -> None:
    dated = "arrived_at closed_at answered_at opened_at resolved_at at status_at created_at"
    dated += " consent_at delivered_on status_on owner_since"
    for name in COLUMNS:
        for row in rows[name]:
            for column in dated.split():
                assert not row.get(column) or on(row[column]) < TODAY, (name, column, row)
    assert max(row["month"] for row in rows["engagement"]) == "2026-10"
    future = [row for row in rows["appointments"] if on(row["starts_at"]) >= TODAY]
    assert {row["status"] for row in future} <= {"confirmed", "requested", "cancelled"}
    assert sum(row["status"] == "confirmed" for row in future) >= 20


def test_times_of_one_story_follow_each_other(rows: Rows) -> None:
    delivered = {row["vin"]: on(row["delivered_on"]) for row in rows["vehicles"]}
    arrived = {}
    for row in rows["visits"]:
        at = datetime.fromisoformat(row["arrived_at"])
        arrived[row["store"], row["work_order_no"]] = row["arrived_at"]
        assert at.date() > delivered[row["vin"]]
        assert (8, 16) <= (at.hour, at.minute) <= (17, 30)
        assert (row["closed_at"] == "") == (row["status"] == "open")
        assert not row["closed_at"] or row["closed_at"] > row["arrived_at"]
        assert 0 <= float(row["gross_margin"]) <= float(row["amount"])
    for row in rows["surveys"]:
        assert row["answered_at"] > arrived[row["store"], row["work_order_no"]]
        assert 1 <= int(row["score"]) <= int(row["scale"])
        assert 0 <= int(row["nps"] or 0) <= 10
    for row in rows["complaints"]:
        assert row["opened_at"] > arrived[row["store"], row["work_order_no"]]
        assert not row["resolved_at"] or row["resolved_at"] > row["opened_at"]
    for row in rows["appointments"]:
        assert row["created_at"] < row["starts_at"]
        assert row["created_at"] <= row["status_at"]


def test_mistakes_are_few_and_none_would_be_rejected(rows: Rows) -> None:
    phones = [row["phone"] for row in rows["customers"]]
    bad = [phone for phone in phones if not re.fullmatch(r"1[3-9]\d{9}", phone)]
    assert 1 <= len(bad) <= 20
    assert all(phones)
    assert 1 <= sum(row["advisor"] == "" for row in rows["customers"]) <= 20
    km: dict[str, int] = {}
    lower = 0
    for row in sorted(rows["visits"], key=lambda row: row["arrived_at"]):
        lower += int(row["odometer_km"]) < km.get(row["vin"], 0)
        km[row["vin"]] = int(row["odometer_km"])
    assert 1 <= lower <= 6


def test_staff_of_every_role_has_a_lower_case_username(rows: Rows) -> None:
    roles = Counter((row["store"], row["role"]) for row in rows["staff"])
    for store in ("PD", "YP", "MH"):
        assert roles[store, "manager"] == 1
        assert 5 <= roles[store, "advisor"] <= 7
        assert 1 <= roles[store, "specialist"] <= 2
    names = {row["username"]: (row["name"], row["role"]) for row in rows["staff"]}
    assert names["zhoumin"] == ("周敏", "advisor")
    assert names["lintao"] == ("林涛", "manager")
    assert names["guoning"] == ("郭宁", "admin")
    assert all(re.fullmatch("[a-z]+", name) for name in names)


# --- the behaviour ---------------------------------------------------------------------------


def test_retention_comes_out_near_the_industrys_curve(rows: Rows) -> None:
    assert retention(rows) == pytest.approx(INDUSTRY, abs=6)


def test_another_year_and_seed_come_out_near_the_curve_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2028, 2, 29)
    monkeypatch.setattr(f"{__name__}.TODAY", day)
    generate(tmp_path, day, seed=11)
    assert retention(read(tmp_path)) == pytest.approx(INDUSTRY, abs=6)


def test_a_satisfying_first_service_brings_people_back_to_the_second(rows: Rows) -> None:
    pairs = first_and_second(rows)
    assert 0.3 <= correlation(*zip(*[pair[:2] for pair in pairs], strict=True)) <= 0.8
    assert mean(came for score, came, _ in pairs if score >= 90) > 0.7
    assert mean(came for score, came, _ in pairs if score < 70) < 0.4


def test_waiting_is_worst_in_one_store_and_with_two_advisors(rows: Rows) -> None:
    ratios: dict[str, list[float]] = defaultdict(list)
    for row in rows["visits"]:
        if row["kind"] == "maintenance" and row["actual_minutes"]:
            ratio = int(row["actual_minutes"]) / int(row["promised_minutes"])
            ratios[row["store"]].append(ratio)
            ratios[row["advisor"]].append(ratio)
    typical = {name: mean(values) for name, values in ratios.items() if name}
    assert max(("PD", "YP", "MH"), key=typical.__getitem__) == "YP"
    people = sorted(set(typical) - {"PD", "YP", "MH"}, key=typical.__getitem__)
    assert set(people[-2:]) == {"tangbin", "huangkai"}


def test_today_has_work_for_everybody_but_not_too_much(rows: Rows) -> None:
    visits = days_of_visits(rows)
    services = days_of_visits(rows, "maintenance")
    cards: Counter[str] = Counter()
    advisor = {row["external_id"]: row["advisor"] for row in rows["customers"]}
    ahead: Counter[str] = Counter()
    for vehicle in rows["vehicles"]:
        base = services.get(vehicle["vin"], [])
        last = visits.get(vehicle["vin"], [on(vehicle["delivered_on"])])[-1]
        due = months_after(base[-1], regular_months(vehicle)) if base else last + timedelta(days=30)
        days = (TODAY - max(due, last)).days
        if vehicle["status"] == "active" and -30 <= days < 90:
            level = "red" if due < TODAY else "orange" if (due - TODAY).days <= 15 else "yellow"
            ahead[level] += 1
            cards[advisor[vehicle["customer"]]] += 1
    assert min(ahead[level] for level in ("yellow", "orange", "red")) >= 50
    active = [
        row["code"] for row in rows["staff"] if row["role"] == "advisor" and row["active"] == "1"
    ]
    assert all(10 <= cards[code] <= 90 for code in active), cards
    month_ago = (TODAY - timedelta(days=30)).isoformat()
    low = [
        row
        for row in rows["surveys"]
        if row["answered_at"] > month_ago and 100 * int(row["score"]) < 80 * int(row["scale"])
    ]
    opened = [row for row in rows["complaints"] if not row["resolved_at"]]
    assert 10 <= len(low) + len(opened) <= 60
    assert min(row["opened_at"] for row in opened) > (TODAY - timedelta(days=60)).isoformat()


def test_customers_of_every_stage_and_kind_are_there(rows: Rows) -> None:
    number = {vin: len(days) for vin, days in days_of_visits(rows).items()}
    visits = Counter(min(6, number.get(row["vin"], 0)) for row in rows["vehicles"])
    assert min(visits[count] for count in (0, 1, 3, 6)) >= 80
    assert {row["status"] for row in rows["vehicles"]} == {"active", "sold", "moved", "scrapped"}
    kinds = Counter(row["kind"] for row in rows["visits"])
    assert set(kinds) == {"maintenance", "repair", "bodywork", "recall", "inspection"}
    statuses = Counter(row["status"] for row in rows["appointments"])
    assert min(statuses[name] for name in ("completed", "no_show", "cancelled", "confirmed")) >= 20
    replies = Counter((row["channel"], row["direction"]) for row in rows["contacts"])
    assert replies["wechat", "in"] > 1000
    assert {row["scale"] for row in rows["surveys"]} == {"5", "10", "100"}
    months = {row["month"] for row in rows["engagement"]}
    assert len(months) == 14
    assert any(row["app_opens"] == "" for row in rows["engagement"])
