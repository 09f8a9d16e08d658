"""T33: a file made to hurt is refused, and nobody else notices."""

import re
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from exchange.importing import limits, workbook
from tests.chaos.advisors import Visitor, give_passwords, slowest_twentieth
from tests.chaos.bombs import BOMBS, MB, unpacked_300_mb
from tests.chaos.processes import Process
from tests.chaos.rig import Rig, wait
from tests.chaos.uploading import upload
from tests.figures import LONG, say

pytestmark = [pytest.mark.proof, pytest.mark.chaos]
# The rig's, in each store.
CARS = 100
WEB_GROWTH_MB = 50
BY_ITS_DIRECTORY = ("300 MB unpacked", "nested zip", "billion laughs")
FILES = (
    "SELECT name, state, error, rejected, created,"
    " extract(epoch FROM finished_at - started_at)::float FROM exchange_importfile ORDER BY id"
)


def _peak_mb(process: Process) -> float:
    """The most memory that one of its processes ever had."""
    peaks = []
    for pid in [process.pid, *process.children()]:
        # One that has ended has no memory any more.
        with suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text()
            peaks += [int(peak) / 1024 for peak in re.findall(r"VmHWM:\s+(\d+)", status)]
    return max(peaks)


class Reader(threading.Thread):
    """Somebody who goes on working."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(daemon=True)
        self.visitor, self.is_done = visitor, threading.Event()

    def run(self) -> None:
        while not self.is_done.wait(0.05):
            self.visitor.get("/customers/")


def test_bombs_are_refused_and_others_go_on(rig: Rig, tmp_path: Path) -> None:
    give_passwords(rig)
    rig.execute("UPDATE stores_staff SET role = 'admin' WHERE code = 'B1-0'")
    web = rig.web(workers=2)
    admin, advisor = Visitor(web.url), Visitor(web.url)
    admin.sign_in("b1-0")
    advisor.sign_in("b1-1")
    small = tmp_path / "small.csv"
    small.write_text("external_id,store,name,phone\nT0,B1,Ann,13812345678\n")
    for visitor in (admin, admin, admin, advisor, advisor):
        visitor.get("/customers/")
    assert upload(admin, small, "customers") == upload(admin, small, "customers") == 302
    before = _peak_mb(web)
    worker = rig.worker()
    reader = Reader(advisor)
    reader.start()
    for number, (suffix, make) in enumerate(BOMBS.values(), 3):
        path = make(tmp_path / f"{number}.{suffix}")
        assert upload(admin, path, "customers") in {200, 302}
        path.unlink()
        wait(lambda: _over(rig), 120, "the end of the import")
    reader.is_done.set()
    reader.join(60)
    grown = _peak_mb(web) - before

    found = dict(zip(BOMBS, rig.rows(FILES)[2:], strict=True))
    seconds = {name: round(row[5], 2) for name, row in found.items()}
    errors = [lap for lap in advisor.laps if lap[1] != 200 and "login" not in lap[0]]
    p95 = slowest_twentieth(advisor.laps)
    say(
        "T33", bombs=len(found), seconds=seconds, web_growth_mb=round(grown, 1),
        worker_peak_mb=round(_peak_mb(worker)), others=len(advisor.laps), errors=len(errors),
        p95_ms=round(p95 * 1000),
    )  # fmt: skip
    for name, (_name, state, error, rejected, created, _seconds) in found.items():
        is_refused = state == "failed" and bool(error)
        # Of a table whose one field is too long the other rows are taken.
        is_rejected = state == "done" and rejected >= 1 and created <= 1
        assert is_refused or is_rejected, (name, state, error)
    assert max(seconds[name] for name in BY_ITS_DIRECTORY) <= 1
    assert max(seconds.values()) <= limits.CHILD_SECONDS
    assert errors == []
    assert grown <= WEB_GROWTH_MB
    if LONG:
        assert p95 <= 0.5


def _over(rig: Rig) -> bool:
    return not rig.value(
        "SELECT count(*) FROM exchange_importfile WHERE state IN ('waiting', 'running')"
    )


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_control_a_bomb_that_is_not_looked_at_before_costs_its_reader_dear(tmp_path: Path) -> None:
    path = unpacked_300_mb(tmp_path / "bomb.xlsx")
    begun = time.process_time()
    with pytest.raises(workbook.Unreadable):
        workbook.preflight(path)
    looked = time.process_time() - begun
    before = _cpu_seconds()
    limit = [str(limits.CHILD_SECONDS), str(limits.CHILD_BYTES)]
    command = [sys.executable, "-I", str(workbook.CHILD), str(path), *limit]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    opened = _cpu_seconds() - before
    say(
        "T33", what="opened without a look at its directory", control=True,
        packed_mb=round(path.stat().st_size / MB, 1), look_seconds=round(looked, 3),
        open_seconds=round(opened, 1),
    )  # fmt: skip
    assert looked < 1
    assert opened > 10 * looked
