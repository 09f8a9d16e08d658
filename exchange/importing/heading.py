"""Which columns of a file are which; English or Chinese headings in any order."""

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.exceptions import Unreadable
from common.formats import listing
from exchange.importing.columns import Column, Kind
from exchange.importing.limits import MAX_COLUMNS

# The column our own file of rejected rows adds; passed over in silence.
REASON = "reason"


@dataclass(frozen=True)
class Heading:
    """The columns a file has, by their place, and the headings that nothing is known about."""

    places: dict[str, int]
    ignored: list[str]


def match(kind: Kind, header: list[str]) -> Heading:
    """Raises Unreadable when a required column is missing, or one is there twice."""
    if len(header) > MAX_COLUMNS:
        raise Unreadable("header", _("The file has too many columns."))
    known = {_folded(word): column for column in kind.columns for word in _words(column)}
    places: dict[str, int] = {}
    ignored = []
    for place, word in enumerate(header):
        column = known.get(_folded(word))
        if column is None:
            if word.strip() and _folded(word) != REASON:
                ignored.append(word.strip()[:80])
        elif column.name in places:
            raise Unreadable("header", _("The column %(name)s is there twice.") % _named(column))
        else:
            places[column.name] = place
    _check_complete(kind, places)
    return Heading(places, ignored)


def _check_complete(kind: Kind, places: dict[str, int]) -> None:
    missing = [column for column in kind.required if column.name not in places]
    if missing:
        names = listing(_named(column)["name"] for column in missing)
        raise Unreadable(
            "missing_columns",
            _("Required columns are missing: %(names)s. Nothing was changed.") % {"names": names},
            columns=[column.name for column in missing],
        )


def _named(column: Column) -> dict[str, str]:
    return {"name": f"{column.name} ({column.headings[0]})"}


def _words(column: Column) -> tuple[str, ...]:
    return (column.name, *column.headings)


def _folded(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).casefold().removeprefix("\ufeff")
    return "".join(char for char in text if not char.isspace() and char not in "_*'\"-")
