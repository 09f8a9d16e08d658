"""The README's table of keys, taps and page loads, held to what the morning counted."""

from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"
# What the README calls the plans of a morning.
NAMES = {
    "booked": "booked, at a time offered",
    "another day": "booked, on another day, besides its date",
    "callback": "call back",
    "no answer": "no answer",
    "busy": "busy",
    "off": "switched off",
    "connected": "spoken to",
    "refused": "not coming, and why",
    "elsewhere": "already elsewhere, and why",
    "wrong number": "wrong number",
    "gone": "sold or moved away",
    "do not call": "do not call",
    "written": "written to",
}
COLUMNS = {"keyboard": 1, "touch": 2}
LOADS = 3


def told(way: str) -> dict[str, tuple[str, str]]:
    """{outcome: (keys or taps, pages loaded)} as the README says."""
    lines = [line.split("|")[1:-1] for line in README.read_text().splitlines() if "|" in line]
    rows = {cells[0].strip(): cells for cells in lines if len(cells) == 4}
    found = {name: rows.get(name, [""] * 4) for name in NAMES.values()}
    return {name: (row[COLUMNS[way]].strip(), row[LOADS].strip()) for name, row in found.items()}


def counted(counts: dict[str, tuple[int, int]]) -> dict[str, tuple[str, str]]:
    """The same from what a morning counted: {plan: (keys or taps, pages loaded)}."""
    return {name: (str(counts[plan][0]), str(counts[plan][1])) for plan, name in NAMES.items()}
