"""How a kind of file is described: its columns, what they become, and the statements around them.

A *column* is what stands in the file. It is parsed into one or more *staged* columns. A *field* is
a column of the real table and says how its value follows from the staged ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exchange.importing.cells import Parser
from exchange.importing.reasons import Reason

if TYPE_CHECKING:
    from exchange.importing.chunk import Chunk

# Columns that hold personal data: masked wherever a rejected row is shown.
PERSONAL = frozenset(
    "name phone address email wechat_id birthday notes occupation interests dislikes plate vin"
    " comment text resolution note username items recommendations".split()
)


@dataclass(frozen=True)
class Column:
    """A column of a file: its headings, what it is staged as, and how it is read."""

    name: str
    headings: tuple[str, ...]
    # Staged columns and their types, in the order in which the parser returns them.
    staged: tuple[tuple[str, str], ...]
    parse: Parser
    is_required: bool = False
    is_key: bool = False
    # The source's value as `Correction.replaced` keeps it: SQL over `w`; when empty the first
    # staged column as text, of sealed columns the digest.
    source: str = ""

    @property
    def nothing(self) -> str:
        """The staged form of an empty cell."""
        return "\t".join(["\\N"] * len(self.staged))

    @property
    def source_sql(self) -> str:
        first = self.staged[0][0]
        if first.endswith("_sealed"):
            return f"encode(w.{self.staged[1][0]}, 'hex')"
        return self.source or f"w.{first}::text"


@dataclass(frozen=True)
class Field:
    """A column of the real table.

    `insert` and `update` are SQL over `w` (the row received) and `t` (the row there is); by default
    the staged value, else what there is. In `update`, {name} stands for the new value of that
    field and {bit_column} for the bit of a cleared column. `default` stands for an empty cell of a
    new row and for `\\N`. `compared` False: written with a difference, but makes none (a sealed
    value is new each time it is sealed).
    """

    name: str
    column: str = ""
    staged: str = ""
    default: str = "NULL"
    insert: str = ""
    update: str = ""
    compared: bool = True


@dataclass(frozen=True)
class Check:
    """A row for which `condition` (over `s`, `t` and the joins) holds is rejected."""

    condition: str
    column: str
    reason: Reason


def _nothing(_chunk: "Chunk") -> None:
    return None


Step = Callable[["Chunk"], None]


@dataclass(frozen=True)
class Kind:
    """A kind of file."""

    name: str
    table: str
    columns: tuple[Column, ...]
    # (staged column, real column) pairs that name a row.
    key: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...]
    # Staged columns that must differ between the rows of a file; those of the key when empty.
    unique: tuple[str, ...] = ()
    # More columns of the work table and the joins they need, over `s` (staged) and `t` (there).
    lookups: str = ""
    joins: str = ""
    checks: tuple[Check, ...] = ()
    # What rows of other files are needed: file column -> (kind, columns of this file that name it).
    parents: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    # The columns by which other files name this row.
    known_as: tuple[str, ...] = ()
    # Rows there are for which it does not hold are left alone; SQL over `t`.
    guard: str = ""
    # Once after staging; in each chunk before its rows are looked up, before and after they are
    # written; once after the last chunk.
    prepare: Step = _nothing
    before: Step = _nothing
    ready: Step = _nothing
    after: Step = _nothing
    finish: Step = _nothing
    # Rows of stores and staff stand above the stores; sealed rows have a uid of their own.
    has_store: bool = True
    has_uid: bool = False

    @property
    def staged(self) -> list[tuple[str, str]]:
        """All staged columns of the file's columns."""
        return [pair for column in self.columns for pair in column.staged]

    @property
    def required(self) -> list[Column]:
        return [column for column in self.columns if column.is_required]

    @property
    def distinct(self) -> tuple[str, ...]:
        return self.unique or tuple(staged for staged, _real in self.key)

    def bit(self, name: str) -> int:
        """The bit that says the column was cleared."""
        return 1 << [column.name for column in self.columns].index(name)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def words(*pairs: tuple[str, str]) -> dict[str, str]:
    """Accepted spellings of a column's words: the word itself and Chinese ones, split by /."""
    found: dict[str, str] = {}
    for english, chinese in pairs:
        found |= dict.fromkeys([english.casefold(), *chinese.split("/")], english)
    return found


def column(name: str, headings: str, kind: str, parse: Parser, flags: str = "") -> Column:
    """A column with Chinese `headings` split by /.

    `kind` lists staged columns as `name type` split by `, `; without a name it is the column's own.
    `flags`: `key` and `required`.
    """
    pieces = (piece.split(" ") for piece in kind.split(", ")) if kind else ()
    staged = tuple(
        (parts[0], " ".join(parts[1:])) if len(parts) > 1 else (name, parts[0]) for parts in pieces
    )
    is_key = "key" in flags
    return Column(
        name, tuple(headings.split("/")), staged, parse, is_key or "required" in flags, is_key
    )
