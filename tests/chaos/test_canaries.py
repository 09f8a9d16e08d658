"""T36: what goes wrong around a person says nothing of that person, anywhere."""

import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.chaos import canaries
from tests.chaos.advisors import Visitor, compute_day, give_passwords
from tests.chaos.rig import AS_OF, Rig, wait
from tests.chaos.uploading import upload
from tests.figures import say, size

pytestmark = [pytest.mark.proof, pytest.mark.chaos]
# The rig's, in each store.
CARS = 100
PEOPLE = size(50, 500)
# An error of the database that quotes a row, as a violated check does.
FAULT = """
CREATE FUNCTION t36() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'row of % (%)', '金丝雀', '18877000001'
        USING ERRCODE = '23514', DETAIL = 'Failing row contains (金丝雀, LCANARY0000000001).';
END $$;
CREATE TRIGGER t36 BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION t36();
"""
MENDED = "DROP FUNCTION t36() CASCADE"
LEAVES_ITS_WORDS = """
import logging
for name in (None, "pipeline", "huitou", "django"):
    for handler in logging.getLogger(name).handlers:
        handler.filters.clear()
logging.getLogger("pipeline").warning("the row of 金丝雀七")
"""


def _ask_around(visitor: Visitor, customer: int) -> dict[int, int]:
    """Searches, a page, addresses that lead nowhere, forms that are refused."""
    words = [canaries.name(1), canaries.phone(1), canaries.vin(1), canaries.plate(1)]
    for word in words:
        visitor.get(f"/customers/?q={quote(word)}")
        visitor.get(f"/customers/{quote(word)}/")
        visitor.get(f"/nowhere/{quote(word, safe='')}?q={quote(quote(word))}")
        visitor.ask("POST", "/login/", f"username={quote(word)}", Referer="http://x/" + quote(word))
        visitor.post(f"/customers/{customer}/correct/", {"phone": word, "name": word})
    visitor.get(f"/customers/{customer}/")
    visitor.get("/import/")
    statuses: dict[int, int] = {}
    for _what, status, _seconds in visitor.laps:
        statuses[status] = statuses.get(status, 0) + 1
    return statuses


def _run(rig: Rig, *words: str) -> None:
    """A command whose words are kept in a log, whatever becomes of it."""
    rig.start(words[0], [sys.executable, "manage.py", *words]).popen.wait(240)


def _imported(rig: Rig, count: int) -> bool:
    return bool(
        rig.value("SELECT count(*) FROM exchange_importfile WHERE state IN ('done', 'failed')")
        >= count
    )


def _break(rig: Rig, table: str) -> None:
    rig.execute(FAULT.format(table=table))


def _record(visitor: Visitor, picks: tuple[str, ...]) -> list[int]:
    """Outcomes with a note that tells a lot."""
    statuses = []
    for customer, pick in zip(visitor.people(), picks, strict=False):
        fields = visitor.card(customer) | {"note": f"{canaries.name(3)} {canaries.phone(3)}"}
        statuses.append(visitor.record(customer, fields, pick).status)
    return statuses


def _written_down(rig: Rig) -> str:
    """What the database keeps of jobs, imports and readers for others to read."""
    columns = (
        "SELECT to_jsonb(a)::text FROM stores_auditentry a",
        "SELECT error FROM pipeline_jobchunk",
        "SELECT error FROM exchange_importfile",
        "SELECT value_masked || reason FROM exchange_importrejection",
        "SELECT session_data FROM django_session",
    )
    return "\n".join(row[0] for sql in columns for row in rig.rows(sql))


def _logs(rig: Rig) -> str:
    return "\n".join(one.text() for one in rig.processes)


def test_nothing_of_a_person_is_left_behind(rig: Rig, tmp_path: Path) -> None:
    people, cars = canaries.write_files(tmp_path, PEOPLE)
    _run(rig, "load", "customers", str(people), "--rejects", str(tmp_path / "rejected.csv"))
    _run(rig, "load", "vehicles", str(cars))
    compute_day(rig)
    give_passwords(rig)
    web = rig.web(workers=1)
    rig.execute("UPDATE stores_staff SET role = 'admin' WHERE code = 'B1-0'")
    admin, advisor = Visitor(web.url), Visitor(web.url)
    admin.sign_in("b1-0")
    advisor.sign_in("b1-1")
    customer = rig.value("SELECT max(id) FROM customers_customer WHERE external_id LIKE 'N%%'")

    statuses = _ask_around(admin, customer)
    recorded = _record(advisor, ("result=no_answer", "result=no_answer"))
    _break(rig, "customers_contact")
    recorded += _record(advisor, ("result=no_answer",))
    rig.execute(MENDED)
    rig.execute("ALTER TABLE customers_visit RENAME TO gone")
    broken = admin.get(f"/customers/{customer}/").status
    rig.execute("ALTER TABLE gone RENAME TO customers_visit")

    # A file may be named after somebody, too.
    people, cars = (one.rename(one.with_stem(f"{one.stem}-金丝雀")) for one in (people, cars))
    uploads = [upload(admin, people, "customers"), upload(admin, cars, "vehicles")]
    with rig.redis() as client:
        broker = canaries.broker_text(client)
    _break(rig, "customers_customer")
    people.write_text(people.read_text("utf-8").replace("Jinsique", "Jinsique X"), "utf-8")
    uploads.append(upload(admin, people, "customers"))
    rig.worker()
    wait(lambda: _imported(rig, 5), 120, "the imports")
    rig.execute(MENDED)
    _break(rig, "alerts_task")
    rig.execute("TRUNCATE alerts_task, pipeline_storeday CASCADE")
    _run(rig, "refresh", "--as-of", AS_OF)
    rig.execute(MENDED)
    _run(rig, "backup", str(tmp_path / "kept.huitou"))
    with rig.redis() as client:
        broker += canaries.broker_text(client)

    logs, written = _logs(rig), _written_down(rig)
    left = {
        "in_logs": canaries.found(logs),
        "in_broker": canaries.found(broker),
        "in_audit_and_errors": canaries.found(written),
    }
    say(
        "T36", what="canary persons", persons=PEOPLE, log_lines=logs.count("\n"),
        lines_of_tracebacks=logs.count("\n    "), broken_pages=broken,
        **left, statuses={str(key): count for key, count in sorted(statuses.items())},
    )  # fmt: skip
    rig.start("control", [sys.executable, "-c", f"import django\ndjango.setup(){LEAVES_ITS_WORDS}"])
    rig.processes[-1].popen.wait(60)
    planted = canaries.found(rig.processes[-1].text())
    say("T36", what="a log without its filter", control=True, in_logs=planted)
    assert uploads == [302, 302, 302]
    assert (recorded[:2], recorded[2], broken) == ([200, 200], 500, 500)
    assert {200, 403, 404} <= statuses.keys()
    assert rig.value("SELECT count(*) FROM exchange_importrejection") > PEOPLE / 10
    assert rig.value("SELECT count(*) FROM pipeline_jobchunk WHERE error <> ''") > 0
    assert "IntegrityError" in logs
    assert left == {"in_logs": 0, "in_broker": 0, "in_audit_and_errors": 0}
    assert planted > 0
