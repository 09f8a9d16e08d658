"""The board that looks back: counted when a past month-end is judged, not by every night."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from lifecycle.boards import Board
from lifecycle.reports import Report
from lifecycle.rules import hindsight
from lifecycle.rules.cells import Cell

WARNINGS = Board("warnings", (), ())
PAST: dict[str, Board] = {WARNINGS.name: WARNINGS}


def _warnings(found: Mapping[str, list[Cell]], as_of: date) -> dict[str, Any]:
    return hindsight.as_json(found["warnings"], as_of)


REPORTS: dict[str, Report] = {"warnings": Report(("warnings",), _warnings)}
