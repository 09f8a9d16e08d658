"""`make chaos`: the long form of every proof, and the table of it in docs/proofs.md."""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.figures import FILE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "proofs.md"
# Held against the clock: alone on the machine, after the others.
TIMED = [
    f"tests/chaos/{name}.py" for name in ("test_load", "test_night_kills", "test_search_speed")
]
MARK = "<!-- the table below is written by `make chaos` -->\n"


def main(arguments: list[str]) -> int:
    """Runs the proofs two at a time, the timed ones alone; writes the page when all held."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.jsonl"
        os.environ[FILE] = str(path)
        begun = time.monotonic()
        if arguments:
            return _run(["-n", "2", "--dist", "loadfile", "tests", *arguments])
        without = [f"--ignore={name}" for name in TIMED]
        # All of them, also when some fail: a run takes half an hour.
        result = max(_run(["-n", "2", "--dist", "loadfile", "tests", *without]), _run(TIMED))
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if result == 0:
        write([json.loads(line) for line in lines], time.monotonic() - begun)
    return result


def _run(words: list[str]) -> int:
    """In a process of its own: a second run in this one would find the first one's modules."""
    done = subprocess.run([sys.executable, "-m", "pytest", "-m", "proof", *words], check=False)
    return done.returncode


def write(found: list[dict[str, object]], seconds: float) -> None:
    """Puts the table under the page's mark."""
    head = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    rows = sorted(found, key=_place)
    text = "".join(_row(dict(row)) for row in rows)
    today, minutes = datetime.now(UTC).date(), round(seconds / 60)
    PAGE.write_text(
        f"{head}{MARK}\n{today}, {os.cpu_count()} cores, {minutes} minutes,"
        f" all held.\n\n| proof | | measured |\n|---|---|---|\n{text}",
        encoding="utf-8",
    )


def _place(row: dict[str, object]) -> tuple[int, str, bool]:
    number = "".join(filter(str.isdigit, str(row["proof"])))
    return int(number or 0), str(row.get("what", "")), bool(row["control"])


def _row(row: dict[str, object]) -> str:
    proof, control, _ = row.pop("proof"), row.pop("control"), row.pop("long")
    what = row.pop("what", "")
    figures = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in row.items())
    return f"| {proof} | {what}{' *without the guard*' if control else ''} | {figures} |\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
