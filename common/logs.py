"""Logs without people in them (R38): what may be said is listed, everything else is left out.

A line has the fields of FIELDS and no others. Its text is the programmer's constant; what is put
into it are numbers, dates, ids and words of the program (`pipeline.tasks.sweep`, `/today/`), never
a text of unknown origin. Of an error the type and the places are told, its words only where they
cannot quote a row. What is left is masked. Needs no Django: the web server's settings use it, too.
"""

import datetime
import json
import logging
import re
import sys
import traceback
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from decimal import Decimal
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any

from common.masking import mask, scrub

__all__ = ["FIELDS", "PersonalDataFilter", "about", "config", "mask", "scrub", "told"]

# In this order; `error` is a list of lines.
FIELDS = (
    *("time", "level", "logger", "event", "request", "job", "task", "method", "path", "view"),
    *("status", "ms", "reader", "stores", "error"),
)
LONGEST = 300
PROJECT = Path(__file__).resolve().parents[1]

_facts: ContextVar[Mapping[str, object]] = ContextVar("huitou_log_facts", default={})  # noqa: B039


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Every line written inside carries these fields (names of FIELDS)."""
    token = _facts.set({**_facts.get(), **facts})
    try:
        yield
    finally:
        _facts.reset(token)


def begin(**facts: object) -> None:
    """As `about`, until the next call: for hooks that cannot hold a block open."""
    _facts.set(facts)


def config(*, served: bool, level: str, is_open: bool = False) -> dict[str, Any]:
    """The configuration of `logging`: JSON lines when served, else readable ones.

    `is_open`: for a developer's own machine, where an error's words may be read.
    """
    formatter = JsonFormatter if served else LineFormatter
    console = {
        "class": "logging.StreamHandler",
        "formatter": "line",
        "filters": ["personal"],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"personal": {"()": PersonalDataFilter, "is_open": is_open}},
        "formatters": {"line": {"()": formatter}},
        "handlers": {"console": console},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "axes": {"level": "WARNING"},
            "django.security": {"level": "WARNING"},
            # The line of the request says 404 and the like already, and without the address.
            "django.request": {"level": "ERROR"},
            # By default they have handlers of their own, which would print what they are given.
            "django.server": {"handlers": ["console"], "level": level, "propagate": False},
            "gunicorn.error": {"handlers": ["console"], "propagate": False},
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }


class PersonalDataFilter(logging.Filter):
    """Makes of each record what may be said: its text finished, its error told."""

    def __init__(self, *, is_open: bool = False) -> None:
        super().__init__()
        self.is_open = is_open

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._event(record), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._error(record.exc_info)
        if record.exc_text:
            record.exc_text = scrub(record.exc_text)
        # Nobody after us shall tell the error again in other words.
        record.exc_info = record.stack_info = None
        return True

    def _event(self, record: logging.LogRecord) -> str:
        if self.is_open:
            return mask(record.getMessage())
        text, args = str(record.msg), record.args
        if args:
            # Where it does not fit, the text with its gaps says more than nothing.
            with suppress(TypeError, ValueError, KeyError, IndexError):
                text = text % safe_args(args)
        return scrub(text)

    def _error(self, found: Any) -> str:
        if self.is_open:
            return mask(logging.Formatter().formatException(found))
        return "\n".join(_chain(found[1])) if found[1] else ""


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        facts = _fields(record)
        if record.exc_text:
            facts["error"] = record.exc_text.splitlines()
        return json.dumps({name: facts[name] for name in FIELDS if name in facts}, default=str)


class LineFormatter(logging.Formatter):
    """`2026-06-15 08:30:02 INFO huitou.request GET /today/ 200 …`, an error's lines below it."""

    def format(self, record: logging.LogRecord) -> str:
        facts = _fields(record)
        moment = datetime.datetime.fromtimestamp(record.created)  # noqa: DTZ006 - the reader's own
        words = [f"{moment:%Y-%m-%d %H:%M:%S}", *(str(facts[name]) for name in FIELDS[1:4])]
        words += [f"{name}={facts[name]}" for name in FIELDS[4:] if name in facts]
        return "\n    ".join([" ".join(words), *(record.exc_text or "").splitlines()])


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """The listed fields of a record; of `extra` only what stands in `facts`."""
    moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
    given = {**_facts.get(), **getattr(record, "facts", {})}
    return {
        **{name: _plain(value) for name, value in given.items() if name in FIELDS},
        "time": moment.isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "event": str(record.msg),
    }


def _plain(value: object) -> object:
    if isinstance(value, int | float | None):
        return value
    return scrub(str(value))[:LONGEST]


# What may be put into a text


# A word of the program: a dotted name of Python's, or no blank and something no name has.
WORD = re.compile(r"[a-z_]\w*(?:\.\w+)+|(?=.*[/:@\d])[\x21-\x7e]{1,200}", re.ASCII)
PHRASES = frozenset(status.phrase for status in HTTPStatus)
PLAIN = (int, float, Decimal, datetime.date, datetime.time, datetime.timedelta, uuid.UUID)


def safe_args(args: object) -> Any:
    """The arguments of a log call without texts of unknown origin."""
    if isinstance(args, Mapping):
        return {name: _safe(value) for name, value in args.items()}
    return tuple(_safe(value) for value in args) if isinstance(args, tuple) else (_safe(args),)


def _safe(value: object) -> object:
    if value is None or isinstance(value, PLAIN):
        return value
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, BaseException):
        return told(value)
    if isinstance(value, str | Path):
        text = str(value)
        return text if WORD.fullmatch(text) or text in PHRASES else "[text]"
    if isinstance(value, list | tuple | set | frozenset):
        is_plain = all(isinstance(one, PLAIN) for one in value)
        return list(value) if is_plain else f"[{len(value)} items]"
    if isinstance(value, type) or callable(value):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    return f"[{type(value).__name__} {_plain_key(value)}]"


def _plain_key(value: object) -> object:
    key = getattr(value, "pk", None)
    return key if isinstance(key, int | uuid.UUID) else "?"


# Errors


# Their words are about the program, never about a row.
SPEAKING = (
    *(AttributeError, NameError, ImportError, NotImplementedError, MemoryError),
    *(RecursionError, TimeoutError, ConnectionError),
)
# Their words are about a broker or a connection, where no personal data goes.
SPEAKING_PACKAGES = frozenset({"redis", "kombu", "amqp", "billiard", "gunicorn"})
# Of PostgreSQL's errors these quote values: data exceptions and violated constraints.
QUOTING = ("22", "23")


def told(error: BaseException) -> str:
    """The error's type, and as much of what it says as cannot be about a person."""
    kind = type(error)
    name = (
        kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    )
    return scrub(" ".join(filter(None, [name, _words(error)])))[:LONGEST]


def _words(error: BaseException) -> str:
    if hasattr(error, "diag"):
        return _database_words(error)
    if isinstance(code := getattr(error, "code", None), str) and hasattr(error, "data"):
        return code  # a DomainError: its message is for people
    if isinstance(error, SPEAKING):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or ""
    package = type(error).__module__.partition(".")[0]
    return str(error) if package in SPEAKING_PACKAGES else ""


def _database_words(error: Any) -> str:
    """SQLSTATE with names of tables and columns; PostgreSQL's words where they quote no value."""
    state = error.pgcode or ""
    if not state:  # the connection itself
        return str(error).partition("\n")[0]
    if not state.startswith(QUOTING):
        return f"{state} {error.diag.message_primary or ''}"
    names = (error.diag.table_name, error.diag.column_name, error.diag.constraint_name)
    return " ".join([state, *filter(None, names)])


def _chain(error: BaseException) -> list[str]:
    """The error with its places, outermost call first; below it what it came from."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines += [("from " if lines else "") + told(current), *_places(current.__traceback__)]
        is_hidden = current.__suppress_context__
        current = current.__cause__ or (None if is_hidden else current.__context__)
    return lines


def _places(found: TracebackType | None) -> list[str]:
    """File, line and function; not the source, which may hold a literal."""
    frames = traceback.extract_tb(found, limit=-30)
    return [f"  {_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    """A path below the project or the place it is installed to."""
    path = Path(filename)
    for root in (PROJECT, *map(Path, sys.path)):
        if root.is_absolute() and path.is_relative_to(root) and path != root:
            short = str(path.relative_to(root))
            return short.rpartition("site-packages/")[2]
    return path.name
