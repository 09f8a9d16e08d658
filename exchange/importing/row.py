"""What a parser may ask about the row its cell stands in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from common.crypto import digest, seal


@dataclass(frozen=True)
class StoreInfo:
    """What rows need of a store: its calendar, and today on it."""

    id: int
    group_id: int
    code: str
    zone: str
    today: date

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True)
class Person:
    """A person on the staff, with the contact details that are compared in the clear."""

    id: int
    group_id: int
    uid: UUID
    email: str = ""
    phone: str = ""


@dataclass
class Row:
    """The row being read; parsers of its first cells may set what later ones need."""

    stores: Mapping[str, StoreInfo]
    staff: Mapping[str, Person]
    store: StoreInfo
    uid: UUID
    person: Person | None = field(default=None)

    def sealed(self, table: str, column: str, plain: str) -> str:
        """`plain` sealed for this row, as COPY takes bytes."""
        return copied_bytes(seal(table, column, self.uid, plain))


def copied_bytes(value: bytes) -> str:
    """Bytes in COPY's text format."""
    return "\\\\x" + value.hex()


def copied_digest(plain: str) -> str:
    """The digest of a source value, as COPY takes bytes."""
    return copied_bytes(digest([plain]))
