"""A heat map: rows of cells, each with its number in it; the shade only repeats the number."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

# Shades of the map, from pale to full; a cell's class is h-heat-0 … h-heat-9.
SHADES = 10


@dataclass(frozen=True)
class HeatCell:
    """`text` as shown, `told` for a reader's ear and the tooltip; an empty one is not yet.

    `is_thin`: too few for a figure; hatched, `told` says how many.
    """

    text: str = ""
    told: str = ""
    shade: int | None = None
    url: str = ""
    is_thin: bool = False

    @property
    def html(self) -> SafeString:
        """The cell of the table. Not in the template: a map has five hundred, on every page."""
        if self.is_thin:
            hidden = (
                '<td class="h-heat-thin" title="{0}"><span class="visually-hidden">{0}</span></td>'
            )
            return format_html(hidden, self.told)
        if self.shade is None:
            return format_html("<td>{}</td>", self.text)
        link = '<a href="{}" title="{}">{}</a>'
        text = format_html(link, self.url, self.told, self.text) if self.url else self.text
        return format_html('<td class="h-heat-{}">{}</td>', self.shade, text)


@dataclass(frozen=True)
class HeatRow:
    """A row with its label and how many it is made of."""

    label: str
    size: str
    cells: list[HeatCell]


@dataclass(frozen=True)
class HeatWay:
    """A way to group the rows, by its address; the one shown is current."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Heat:
    """Inputs of templates/components/charts/heat.html: a table, so it needs no other one."""

    title: str
    description: str
    heads: list[str]
    rows: list[HeatRow]
    ways: list[HeatWay]

    @property
    def has_thin(self) -> bool:
        """Whether the page has to say what hatching means."""
        return any(cell.is_thin for row in self.rows for cell in row.cells)


def shade(share: float | None) -> int | None:
    """The step of 0 to 1, None without a share."""
    return None if share is None else min(int(share * SHADES), SHADES - 1)


def heat(
    title: str,
    description: str,
    heads: Sequence[str],
    rows: Sequence[HeatRow],
    ways: Sequence[HeatWay] = (),
) -> Heat:
    """Rows of different length are filled up to the heads."""
    full = [
        HeatRow(row.label, row.size, [*row.cells, *[HeatCell()] * (len(heads) - len(row.cells))])
        for row in rows
    ]
    return Heat(title, description, list(heads), full, list(ways))
