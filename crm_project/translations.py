"""Compiles `.po` to `.mo` where the latter is missing or older: a newcomer has no gettext.

Runs at each start; when nothing changed it costs one look at two files.
"""

import ast
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MAGIC = 0x950412DE


class Entry(dict[str, str]):
    """The parts of one entry by their keyword (msgctxt, msgid, msgstr, msgstr[0] …)."""

    is_fuzzy = False

    @property
    def key(self) -> str:
        context = f"{self['msgctxt']}\x04" if "msgctxt" in self else ""
        plural = f"\x00{self['msgid_plural']}" if "msgid_plural" in self else ""
        return context + self.get("msgid", "") + plural

    @property
    def text(self) -> str:
        if "msgid_plural" not in self:
            return self.get("msgstr", "")
        return "\x00".join(text for name, text in self.items() if name.startswith("msgstr["))


def compile_all(folder: Path) -> list[Path]:
    """Compile what is out of date below a locale folder; returns what was written.

    A folder that cannot be written to is left as it is: the image brings its files along.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with suppress(PermissionError):
            _replace(target, pack(catalogue(source.read_text(encoding="utf-8"))))
            written.append(target)
    return written


def catalogue(source: str) -> dict[str, str]:
    """The translated texts of a `.po` file by their key; fuzzy and empty ones are left out."""
    return {
        entry.key: entry.text
        for entry in entries(source)
        if entry.text.strip("\x00") and not (entry.is_fuzzy and entry.key)
    }


def pack(texts: dict[str, str]) -> bytes:
    """The `.mo` form: two tables of (length, offset), sorted by key, then the strings."""
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    start = 28 + 16 * len(pairs)
    keys, values, body = b"", b"", b""
    for column in (0, 1):
        for pair in pairs:
            table = struct.pack("<2I", len(pair[column]), start + len(body))
            keys, values = (keys + table, values) if column == 0 else (keys, values + table)
            body += pair[column] + b"\x00"
    header = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return header + keys + values + body


def entries(source: str) -> Iterator[Entry]:
    """Each entry of a `.po` file, its head (an empty msgid) included."""
    entry, keyword = Entry(), ""
    for line in map(str.strip, [*source.splitlines(), ""]):
        if line.startswith("#,") and "fuzzy" in line:
            entry.is_fuzzy = True
        elif line.startswith('"'):
            entry[keyword] += ast.literal_eval(line)
        elif line.startswith("msg"):
            keyword, _, text = line.partition(" ")
            entry[keyword] = ast.literal_eval(text.strip())
        elif not line:
            if entry:
                yield entry
            entry = Entry()


def _replace(target: Path, content: bytes) -> None:
    """Two processes may start at once: each writes its own draft, the last one wins."""
    draft = target.with_suffix(f".{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(target)
