"""What each file needs, from the importer's own description of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from customers.choices import FindingKind
from exchange.choices import FileKind
from exchange.importing.kinds import KINDS


@dataclass(frozen=True)
class ColumnLine:
    """A column: its name in EXCHANGE, the heading people use, whether it must be there."""

    name: str
    heading: str
    is_required: bool


@dataclass(frozen=True)
class Format:
    """A file and its columns, required ones first."""

    kind: FileKind
    columns: list[ColumnLine]


@dataclass(frozen=True)
class WarningLine:
    """How many rows of a file were accepted with a warning of a kind."""

    kind: str
    label: str
    rows: int


def columns_of(kind: FileKind) -> list[ColumnLine]:
    """The columns of a file in the order of its description."""
    return [
        ColumnLine(
            name=column.name,
            heading=column.headings[0] if column.headings else column.name,
            is_required=column.is_required,
        )
        for column in KINDS[kind].columns
    ]


def heading(name: str, kind: str) -> str:
    """The heading people use for a column; its own name when the kind has no such column."""
    found = (column.heading for column in columns_of(FileKind(kind)) if column.name == name)
    return next(found, name)


def formats() -> Iterable[Format]:
    """The ten files in the order in which they load."""
    for kind in FileKind:
        columns = columns_of(kind)
        yield Format(kind, sorted(columns, key=lambda column: not column.is_required))


def warning_lines(warnings: Mapping[str, int]) -> list[WarningLine]:
    """The kinds of warnings of a file in the reader's words."""
    labels = dict(FindingKind.choices)
    return [
        WarningLine(kind if kind in labels else "", str(labels.get(kind, kind)), rows)
        for kind, rows in sorted(warnings.items())
    ]
