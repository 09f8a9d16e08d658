"""T38: sealed values change their keys while people write and search, whatever is killed."""

import json
import random
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from common.crypto import present_mark
from tests.chaos.dumps import dump, plain_text
from tests.chaos.keyed import REJECTED, SEALED, phone, write_file
from tests.chaos.rig import Rig, wait
from tests.figures import say, size

pytestmark = [pytest.mark.proof, pytest.mark.chaos]
# The rig's, in each store.
CARS = 100
SEED = 38
PEOPLE = size(2_000, 50_000)
KILLS = size(3, 10)
BATCH = size(50, 500)
OLD = {"HUITOU_FIELD_KEY": "f" * 48, "HUITOU_INDEX_KEY": "i" * 48}
NEW = {"HUITOU_FIELD_KEY": "F" * 48, "HUITOU_INDEX_KEY": "I" * 48}
BOTH = NEW | {f"{name}_FORMER": key for name, key in OLD.items()}
STALE = " OR ".join(
    f"({name}_sealed <> '' AND substr({name}_sealed, 1, 5) <> %(mark)s)" for name in SEALED
)


def _call(words: str, **arguments: Any) -> str:
    listed = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    head = "from pathlib import Path, PosixPath\nfrom tests.chaos import keyed\n"
    return f"{head}keyed.{words}({listed})"


def _start(rig: Rig, words: str, **arguments: Any) -> Any:
    code = f"import django\ndjango.setup()\n{_call(words, **arguments)}"
    return rig.start(words, [sys.executable, "-c", code], **BOTH)


def _judged(rig: Rig, corrected: list[int], keys: dict[str, str]) -> dict[str, int]:
    return dict(json.loads(rig.python(_call("judge", corrected=corrected), **keys)))


def _load(rig: Rig, path: Path, keys: dict[str, str]) -> dict[str, Any]:
    """What an import of the file did; rejected rows are its exit code 1."""
    done = subprocess.run(
        [sys.executable, "manage.py", "load", "customers", str(path), "--json"],
        env=rig.environment(**keys), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return dict(json.loads(done.stdout)["files"][0])


def _rotate(rig: Rig) -> Any:
    words = [sys.executable, "manage.py", "rotate_keys", "--batch", str(BATCH)]
    return rig.start("rotate", words, **BOTH)


def _stale(rig: Rig, mark: bytes) -> int:
    return int(rig.value(f"SELECT count(*) FROM customers_customer WHERE {STALE}", {"mark": mark}))


def _in_clear(rig: Rig) -> int:
    """Details of people in a dump of all tables, also in its bytes."""
    text = plain_text(dump(rig))
    numbers = {phone(n, turn) for n in range(PEOPLE) for turn in (0, 2)}
    phones = sum(found in numbers for found in re.findall(r"(?=(1[35]7\d{8}))", text))
    return phones + sum(text.count(word) for word in ("Quay ", "@example.com", "wx_kept_"))


def _killed(rig: Rig, mark: bytes, dice: random.Random) -> int:
    """Rotates, and kills it -9 somewhere in the middle of what is left; how many times it hit."""
    for kill in range(KILLS):
        left = _stale(rig, mark)
        share = dice.uniform(0.1, 0.9) / (KILLS - kill)
        process = _rotate(rig)
        wait(
            lambda: not process.lives() or _stale(rig, mark) <= left * (1 - share),  # noqa: B023
            240,
            "the moment of the kill",
        )
        if not process.lives():
            return kill
        process.kill()
    return KILLS


def test_keys_change_while_people_write_and_search(rig: Rig, tmp_path: Path) -> None:
    first, second, stop = tmp_path / "1.csv", tmp_path / "2.csv", tmp_path / "stop"
    write_file(first, PEOPLE)
    write_file(second, PEOPLE, turn=1)
    assert _load(rig, first, OLD)["created"] == PEOPLE
    before = list(range(1, 100, 3))
    rig.python(_call("correct", numbers=before), **OLD)

    with override_settings(FIELD_KEY=NEW["HUITOU_FIELD_KEY"], INDEX_KEY=NEW["HUITOU_INDEX_KEY"]):
        mark = present_mark()
    assert _stale(rig, mark) == PEOPLE
    searcher = _start(rig, "keep_searching", count=PEOPLE, stop=stop, seed=SEED)
    writer = _start(rig, "keep_writing", count=PEOPLE, stop=stop, seed=SEED)
    importer = rig.start(
        "load", [sys.executable, "manage.py", "load", "customers", str(second)], **BOTH
    )
    begun = time.monotonic()
    hits = _killed(rig, mark, random.Random(SEED))
    _rotate(rig).popen.wait(240)
    seconds = time.monotonic() - begun
    importer.popen.wait(240)
    stop.touch()
    for process in (searcher, writer):
        assert process.popen.wait(60) == 0, process.text()
    last = _rotate(rig)
    assert last.popen.wait(240) == 0, last.text()

    searched, written = (json.loads(one.text().splitlines()[-1]) for one in (searcher, writer))
    found = _judged(rig, [*before, *written["corrected"]], NEW)
    again = _load(rig, second, NEW)
    lost = _judged(rig, [], {name: secrets.token_hex(24) for name in NEW})
    say(
        "T38", what="keys changed while writing", seed=SEED, kills=hits, seconds=round(seconds, 1),
        searches=searched["searches"], not_found=searched["missed"],
        saved_from_before=written["saved"], corrected=len(written["corrected"]), **found,
    )  # fmt: skip
    say("T38", what="without the former keys", control=True, **lost)
    assert hits == KILLS
    assert found == {"rows": PEOPLE, "unreadable": 0, "wrong": 0, "unfound": 0}
    assert searched["searches"] > 0
    assert searched["missed"] == 0
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, PEOPLE)
    assert seconds <= 180
    assert _in_clear(rig) == 0
    rig.execute("UPDATE customers_customer SET notes = '1' || %s WHERE id = 1", [phone(5)])
    planted = _in_clear(rig)
    say("T38", what="a dump of all tables", in_clear=0)
    say("T38", what="with a number planted in a note", control=True, in_clear=planted)
    assert planted == 1
    # The control: a key that takes the place of another at once closes everything.
    assert lost["unreadable"] == PEOPLE + 3 * REJECTED
