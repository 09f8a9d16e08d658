"""One line of the bench's table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One figure: how it was found, what must hold, and whether it does (None: nothing to hold)."""

    work: str
    measured: str
    hold: str = ""
    holds: bool | None = None
