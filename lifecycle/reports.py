"""The reports of EXCHANGE §2 that come from counted boards: what each reads, and how it is folded.

A page folds the cells of the night by the same rules, so page and report agree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lifecycle.rules import retention
from lifecycle.rules.cells import Cell

Found = Mapping[str, list[Cell]]


@dataclass(frozen=True)
class Report:
    """`fold` makes a JSON object with named rows of the boards' cells and the date."""

    boards: tuple[str, ...]
    fold: Callable[[Found, date], dict[str, Any]]


def _retention(found: Found, as_of: date) -> dict[str, Any]:
    return retention.as_json(retention.retention(found["retention"]))


REPORTS: dict[str, Report] = {
    "retention": Report(("retention",), _retention),
}
