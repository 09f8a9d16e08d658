"""T39: phones are found by their index among half a million customers, and only in reach."""

import json
from typing import Any

import pytest

from tests.chaos.rig import Rig
from tests.figures import LONG, say, size

pytestmark = [pytest.mark.proof, pytest.mark.chaos]
# The rig's, in each store.
CARS = 100
CUSTOMERS = size(20_000, 500_000)
TIMES = size(20, 200)
# On a machine with other work the calmest of several tells what a search costs.
ROUNDS = size(1, 5)
# Each with a number of its own; of every thousand of a store two end alike.
FILL = """
INSERT INTO customers_customer (uid, store_id, external_id, name, name_pinyin, name_initials,
    name_parts, phone_sealed, phone_index, phone_last4_index, is_phone_dead, address_sealed,
    email_sealed, wechat_sealed, phone_digest, address_digest, email_digest, wechat_digest, gender,
    source, occupation, interests, dislikes, notes, is_influencer, is_club_member, received_on)
SELECT gen_random_uuid(), 1 + n %% 20, 'T39-' || n, 'Person', 'person', 'p', '{}',
       decode(repeat('02', 44), 'hex'), substr(sha256(('phone ' || n)::bytea), 1, 16),
       substr(sha256(('last ' || n / 20 %% 10000)::bytea), 1, 4), false,
       '', '', '', '', '', '', '', 'unknown', '', '', '', '', '', false, false, '2026-01-01'
FROM generate_series(1, %(count)s) n;
ANALYZE customers_customer;
"""
ASK = """
import hashlib, json, time
from unittest import mock
from django.db import connection
from customers import selectors
from customers.selectors import people
from stores.scope import stores_scope

def indexes(purpose, value, size=16):
    if purpose == "phone":
        return [hashlib.sha256(("phone %d" % (int(value) - 13800000000)).encode()).digest()[:16]]
    return [hashlib.sha256(("last %d" % int(value)).encode()).digest()[:4]]

def timed(words):
    # The statement alone.
    query = selectors.search(words).values_list("store_id", "external_id").query
    sql, params = query.sql_with_params()
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(sql, params)
        found = cursor.fetchall()
        return (time.perf_counter() - begun) * 1000, found

def p95(laps):
    return sorted(laps)[int(len(laps) * 0.95)]

def plan(words):
    query, params = selectors.search(words).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + query, params)
        return "\\n".join(row[0] for row in cursor.fetchall())

count, times, rounds, store = COUNT, TIMES, ROUNDS, 3
answer = dict(whole=[], last=[], strangers=0, found=0, missed=0)

def search_all():
    whole, last = [], []
    for n in range(store - 1, count, max(20, count // times // 20 * 20)):
        lap, found = timed(str(13800000000 + n))
        whole.append(lap)
        answer["missed"] += found != [(store, "T39-%d" % n)]
        # Somebody of the store beside.
        _lap, other = timed(str(13800000000 + n + 1))
        answer["strangers"] += len(other)
        lap, alike = timed("%04d" % (n // 20 % 10000))
        last.append(lap)
        answer["strangers"] += sum(one[0] != store for one in alike)
        answer["found"] += len(alike)
    answer["whole"].append(whole)
    answer["last"].append(last)

with mock.patch.object(people, "blind_indexes", indexes), stores_scope([store]):
    timed("13800000042"), timed("0042")
    for _round in range(rounds):
        search_all()
    answer["plans"] = [plan("13800000042"), plan("0042")]
for name in ("whole", "last"):
    answer[name] = p95([min(laps) for laps in zip(*answer[name])])
print(json.dumps(answer))
"""
INDEXES = (
    "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'customers_customer'::regclass"
    " AND pg_get_indexdef(indexrelid) ~ '\\(store_id, phone_'"
)


def _ask(rig: Rig, times: int, rounds: int) -> dict[str, Any]:
    code = ASK.replace("COUNT, TIMES, ROUNDS", f"{CUSTOMERS}, {times}, {rounds}")
    return dict(json.loads(rig.python(code)))


def _seq_scans(plans: list[str]) -> int:
    return sum("Seq Scan on customers_customer" in plan for plan in plans)


def test_phones_are_found_by_their_index_and_only_in_reach(rig: Rig) -> None:
    rig.execute(FILL, {"count": CUSTOMERS})
    found = _ask(rig, TIMES, ROUNDS)
    names = [name for (name,) in rig.rows(INDEXES)]
    used = [any(name in plan for name in names) for plan in found["plans"]]
    say(
        "T39", customers=CUSTOMERS, whole_p95_ms=round(found["whole"], 2),
        last_four_p95_ms=round(found["last"], 2), found=found["found"],
        of_other_stores=found["strangers"], scans=_seq_scans(found["plans"]),
    )  # fmt: skip
    for name in names:
        rig.execute(f"DROP INDEX {name}")
    without = _ask(rig, 20, 1)
    say(
        "T39", what="without the indexes", control=True, scans=_seq_scans(without["plans"]),
        last_four_p95_ms=round(without["last"], 2),
    )  # fmt: skip
    assert len(names) == 2
    assert (found["strangers"], found["missed"]) == (0, 0)
    assert found["found"] > 0
    assert (all(used), _seq_scans(found["plans"])) == (True, 0), found["plans"]
    if LONG:
        assert found["whole"] <= 5
        assert found["last"] <= 20
    assert not any(name in plan for name in names for plan in without["plans"])
