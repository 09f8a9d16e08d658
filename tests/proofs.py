"""`make chaos`: the long form of every proof, and the table of it in docs/proofs.md."""

import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.figures import FILE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "proofs.md"
MARK = "<!-- the table below is written by `make chaos` -->\n"


def main(arguments: list[str]) -> int:
    """Runs the proofs two at a time; writes the page only when all of them held."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.jsonl"
        os.environ[FILE] = str(path)
        begun = time.monotonic()
        words = ["-m", "proof", "-n", "2", "--dist", "loadfile", "tests", *arguments]
        result = int(pytest.main(words))
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if result == 0 and not arguments:
        write([json.loads(line) for line in lines], time.monotonic() - begun)
    return result


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
