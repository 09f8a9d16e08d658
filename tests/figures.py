"""What the proofs measured: one JSON line each, shown at the end of a run.

A *proof* holds one of the numbered figures under faults, attacks or load (marker `proof`). Each
says what it measured, and so does its control, which must fail when the guard is taken away.
`make chaos` runs the long form of all and writes docs/proofs.md.
"""

import json
import os
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
FILE = "HUITOU_FIGURES"
LONG = os.environ.get("HUITOU_PROOFS") == "long"


def size(short: T, long: T) -> T:
    """How much of it: the short form is part of every test run, the long one of `make chaos`."""
    return long if LONG else short


def say(proof: str, /, *, control: bool = False, **figures: Any) -> None:
    """One line of what was measured, such as `say("T1", kills=20, duplicates=0, missing=0)`.

    `control=True` marks the run without the guard, whose figures must be bad.
    """
    line = json.dumps({"proof": proof, "control": control, "long": LONG, **figures})
    print(line)  # noqa: T201 - what it is for
    if path := os.environ.get(FILE):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
