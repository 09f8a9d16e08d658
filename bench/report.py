"""The table for the terminal and for bench/README.md; long and short forms stand side by side."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import django
from django.db import connection

from bench.line import Line
from bench.table import Found

README = Path(__file__).parent / "README.md"
HEAD = """\
# Numbers held

`make bench` (100,000 vehicles, about ten minutes) and `make bench-full` (100,000, 300,000 and
1,000,000, an hour and a quarter; interrupted, it goes on with the size it was at) measure the rows
of the design's table and rewrite the part of this page about each size. `make bench ARGS=--drop`
removes the data, `ARGS=--help` tells of parts.

- **Data.** Made by PostgreSQL itself in date order, in a database of the bench's own that is kept
  between runs: stores of 5,000 vehicles, 6 visits, 5 contacts and about 2 surveys a vehicle, some
  complaints, bookings, months of app use; a quarter of the cars due or overdue, a quarter lost.
  The first day is computed once; each run works on a copy and computes the days that follow (no
  Mondays: they have the screening besides). Nobody works on the lists meanwhile, so pages and
  advisors come first, on that first day.
- **Floors**, in the same run and in turn with what they are compared to: FW reads the rollup and
  creates a table of the same state rows; FV scans visits, contacts, complaints and vehicles for
  the columns that the rollup reads. Both without parallel workers, as the day's statements.
  Ratios are medians of the pairs' ratios, times medians.
- **Night and day** are the product's own: runs and chunks of ten stores, each step timed inside;
  the log is the server's while the step ran, with the whole pages that the first change after a
  checkpoint costs. Win-back and cadences are not part of the day yet.
- **Through Celery**: two worker processes with the product's own configuration and a broker of
  their own, from the first wake-up until the last chunk is done: the call lists are there then.
  The boards are counted after it by the same two. Memory is what the fattest of their children
  holds.
- **Growth** is between databases of both sizes, measured in one run.
- **Rivals of the night** compute due date and level and nothing else, on {sample} vehicles,
  counted per vehicle. They read the visits, the night reads the rollup that each import keeps.
- **Import** is a first load: its stores have no day yet. The rivals know stores and cars
  beforehand and check nothing; the row at a time is measured on 1,000 rows.
- **One vehicle** is `settle` after a contact was written, in the same transaction.
- **Pages** are asked for through Django's test client, the whole stack without a network, in turn
  with the barest page behind the door: the account page, which asks one question of its own (the
  menu's). The advisor is the one with the longest list. Queries include the door's three (session,
  person, stores). An outcome is the POST of the card's bar, settled, answered with the next card;
  it writes, so its statements are held by `tests/tooling/test_queries.py` and not by the twelve.
- **T45**: 60 advisors of as many stores as it takes sign in (within ten seconds, the second time
  within a minute), open their lists, call, record
  outcomes, take every tenth back, look customers up, with a second to think between two requests,
  and once more with ten. Gunicorn (2 processes), production's settings, a Celery worker of two
  processes that computes one night after the other meanwhile. Servers, workers and advisors share
  the same two cores.

A **miss** is named as such. The load in a table's head is the machine's when it was measured: above
the number of its cores other work ran beside, and times and ratios say less than on a quiet one.
"""


def is_fresh(vehicles: int, path: str | None) -> bool:
    """Whether this size was measured today, and at this commit."""
    section = _sections(_readme(path)).get(vehicles, "")
    commit = _commit()
    return bool(commit) and f"\n{_today()}, commit {commit}, " in section


def on_terminal(found: Found) -> str:
    rows = [("", "measured", "hold", "")]
    rows += [(x.work, x.measured, x.hold, _word(x)) for x in found.lines]
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    return "\n".join(
        "  ".join([*(text.ljust(w) for text, w in zip(row, widths, strict=False)), row[3]])
        for row in rows
    )


def write(found: Found, path: str | None) -> str:
    """Replaces the section of this size, keeps those of other sizes; returns what it did."""
    readme = _readme(path)
    sections = _sections(readme)
    sections[found.vehicles] = _section(found)
    head = HEAD.format(sample="2,000")
    body = "\n".join(sections[size] for size in sorted(sections))
    readme.write_text(f"{head}\n{body}", encoding="utf-8")
    return f"written to {readme}"


def _readme(path: str | None) -> Path:
    return Path(path) if path else README


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _commit() -> str:
    """The last one that changed more than pages of text; empty outside a repository."""
    words = ["git", "log", "-1", "--format=%h", "--", ".", ":!*.md"]
    done = subprocess.run(words, cwd=README.parents[1], capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else ""


def _sections(readme: Path) -> dict[int, str]:
    if not readme.exists():
        return {}
    parts = readme.read_text(encoding="utf-8").split("\n## ")[1:]
    return {
        int(part.split(" ")[0].replace(",", "")): f"## {part}".rstrip() + "\n" for part in parts
    }


def _section(found: Found) -> str:
    commit = _commit()
    lines = [
        f"## {found.vehicles:,} vehicles",
        "",
        f"{_today()}, {f'commit {commit}, ' if commit else ''}{_machine()}; {found.pairs} pairs; "
        f"{found.seconds / 60:.0f} minutes in all.",
        "",
        "| work | hold | measured | |",
        "|---|---|---|---|",
        *(f"| {x.work} | {x.hold} | {x.measured} | {_word(x)} |" for x in found.lines),
        "",
        "Steps of a day, medians: "
        + ", ".join(f"{name} {lap.seconds:.2f} s" for name, lap in found.steps)
        + ".",
        "",
    ]
    return "\n".join(lines)


def _word(line: Line) -> str:
    if line.holds is None:
        return ""
    return "holds" if line.holds else "**miss**"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
        cursor.execute("SHOW shared_buffers")
        buffers = cursor.fetchone()[0]
    load = os.getloadavg()[1]
    return (
        f"{os.cpu_count()} cores (load {load:.1f}), {memory:.0f} GB RAM, PostgreSQL {version} "
        f"with {buffers} of buffers, Django {django.__version__}, "
        f"Python {platform.python_version()}"
    )
