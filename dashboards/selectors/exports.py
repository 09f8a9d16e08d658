"""A person's list of the day to take along: as rows of a workbook, as a page to print."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext

from alerts.rules.capacity import places_of
from alerts.selectors import Card, call_list, split
from alerts.selectors.lost import lost_cards
from alerts.selectors.progress import progress
from common.dates import local_date
from common.formats import listing
from common.spreadsheets import Cell
from dashboards.selectors.calls import Row, list_day, row_of
from dashboards.selectors.days import Day
from stores.access import Reader
from stores.choices import Role


@dataclass(frozen=True)
class Entry:
    """A card with its place on the list and what it is worth as numbers."""

    place: int
    row: Row
    # TASK-2: of what stands in the list by value; None of an obligation.
    value_amount: Decimal | None
    yearly_amount: Decimal | None

    @property
    def reasons(self) -> str:
        """Why today, every car with its own."""
        several = len(self.row.lines) > 1
        told = []
        for line in self.row.lines:
            why = listing(chip.label for chip in line.chips)
            told.append(f"{line.car}: {why}" if several and why else why)
        return "\n".join(why for why in told if why)


@dataclass(frozen=True)
class Section:
    """A part of the list under its heading."""

    title: str
    entries: list[Entry]


@dataclass(frozen=True)
class Sheet:
    """Inputs of templates/dashboards/today/print.html."""

    sections: list[Section]
    # How many cards did not fit today and are left out.
    left_out: int
    day: Day
    person: str
    made_at: datetime

    @property
    def count(self) -> int:
        return sum(len(section.entries) for section in self.sections)


def sheet_of(
    reader: Reader, days: dict[int, Day], now: datetime, *, is_whole: bool = True
) -> Sheet:
    """The reader's own list in its order, four queries; the whole list: what does not fit last."""
    day = next(iter(days.values()))
    today, later = _cards(reader, days, now)
    left_out = 0 if is_whole else len(later)
    parts = {
        gettext("Must today"): [card for card in today if card.is_duty],
        gettext("By expected value"): [card for card in today if card.tasks and not card.is_duty],
        gettext("Lost customers"): [card for card in today if not card.tasks],
        gettext("Did not fit today"): later if is_whole else [],
    }
    sections: list[Section] = []
    place = 0
    for title, cards in parts.items():
        entries = [_entry(card, place + n, days) for n, card in enumerate(cards, 1)]
        place += len(entries)
        sections += [Section(title, entries)] if entries else []
    return Sheet(sections, left_out, day, reader.staff.name, now)


def _cards(reader: Reader, days: dict[int, Day], now: datetime) -> tuple[list[Card], list[Card]]:
    """(today, does not fit); a specialist's places that are left go to lost customers."""
    day = next(iter(days.values()))
    on = list_day(days)
    done = progress(reader.staff.pk, local_date(now, day.store.timezone)).done
    left = places_of(day.capacity(reader.role), done)
    today, later = split(call_list(reader.staff.pk, on), left)
    left -= sum(not card.is_with_manager for card in today)
    if reader.role == Role.SPECIALIST and left > 0:
        today = [*today, *lost_cards(reader.staff, reader.store_ids, on, left)]
    return today, later


def _entry(card: Card, place: int, days: dict[int, Day]) -> Entry:
    state = getattr(card.customer, "state", None)
    value = card.first.value_amount if card.tasks and not card.is_duty else None
    return Entry(place, row_of(card, days), value, state.yearly_amount if state else None)


def widths() -> dict[str, int]:
    """The headings of the workbook with their widths in characters."""
    return {
        gettext("No."): 6,
        gettext("Part of the list"): 18,
        gettext("Customer"): 16,
        gettext("Phone"): 14,
        gettext("Cars"): 26,
        gettext("Why today"): 44,
        gettext("Until"): 16,
        gettext("Expected value (¥)"): 12,
        gettext("Spend a year (¥)"): 12,
        gettext("Standing in"): 28,
    }


def table(sheet: Sheet) -> Iterator[list[Cell]]:
    """The rows below those headings; phones masked, amounts as numbers."""
    for section in sheet.sections:
        for entry in section.entries:
            row = entry.row
            yield [
                entry.place,
                section.title,
                row.customer.name,
                row.customer.phone_masked,
                "\n".join(line.car for line in row.lines),
                _why(entry),
                row.deadline,
                _number(entry.value_amount),
                _number(entry.yearly_amount),
                row.hand_over,
            ]


def _why(entry: Entry) -> str:
    if not entry.row.is_with_manager:
        return entry.reasons
    settled_first = gettext("With the manager: no call until it is settled")
    return "\n".join([entry.reasons, settled_first])


def _number(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else round(amount, 2)
