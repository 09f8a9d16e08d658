"""The language of call scripts: plain text with `{fact}` and `[a part that may fall away]`.

A part in square brackets is said when every fact it names is known. `[this | else that]` tries one
way after the other. Brackets may stand inside brackets; the inner ones fall away by themselves.
A customer never hears an empty hole (CAD-5).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

# A Chinese keyboard gives the wide forms; 【】 are words' own brackets and stay what they are.
_WIDE = str.maketrans("｛｝［］｜", "{}[]|")
_TOKEN = re.compile(r"[{}\[\]|]|[^{}\[\]|]+")
_CLOSING = ",.;:!?，。；：！？、）)”"


@dataclass(frozen=True)
class Slot:
    """A fact's place in the text; `line` counts from 1."""

    name: str
    line: int


@dataclass(frozen=True)
class Choice:
    """A part in brackets: the ways to say it, the first one that can be said is said."""

    ways: tuple[tuple["Node", ...], ...]
    line: int


Node = str | Slot | Choice


@dataclass(frozen=True)
class Mark:
    """A sign that cannot be read where it stands: `code` unclosed, stray or unnamed."""

    code: str
    line: int
    what: str


@dataclass(frozen=True)
class Part:
    """A piece of what is said; facts are marked, so that the reader sees what is filled in."""

    text: str
    is_fact: bool = False


class _Reader:
    """Reads a template once; what cannot be read is noted in `marks` and left out."""

    def __init__(self, text: str) -> None:
        self.tokens = _TOKEN.findall(text.translate(_WIDE))
        self.at = 0
        self.line = 1
        self.marks: list[Mark] = []

    def _next(self) -> str:
        token: str = self.tokens[self.at]
        self.at += 1
        self.line += token.count("\n")
        return token

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def all(self) -> tuple[Node, ...]:
        nodes: list[Node] = []
        while self._peek():
            nodes += self._run()
            if self._peek():
                self.marks.append(Mark("stray", self.line, self._next()))
        return tuple(nodes)

    def _run(self) -> list[Node]:
        """Nodes up to a sign that ends them: `]`, `|`, `}` or the end."""
        nodes: list[Node] = []
        while (sign := self._peek()) and sign not in "]|}":
            if sign == "{":
                nodes += self._slot()
            elif sign == "[":
                nodes.append(self._choice())
            else:
                nodes.append(self._next())
        return nodes

    def _slot(self) -> list[Node]:
        line = self.line
        self._next()
        name = "" if self._peek() in {*"{}[]|", ""} else self._next().strip()
        if self._peek() != "}":
            self.marks.append(Mark("unclosed", line, "{" + name.split("\n")[0][:20]))
            return [name] if name else []
        self._next()
        if not name:
            self.marks.append(Mark("unnamed", line, "{}"))
            return []
        return [Slot(name, line)]

    def _choice(self) -> Choice:
        line = self.line
        self._next()
        ways = [self._run()]
        while self._peek() in {"|", "}"}:
            if self._next() == "}":
                self.marks.append(Mark("stray", self.line, "}"))
                ways[-1] += self._run()
            else:
                ways.append(self._run())
        if self._peek() == "]":
            self._next()
        else:
            self.marks.append(Mark("unclosed", line, "["))
        return Choice(tuple(tuple(way) for way in ways), line)


def read(text: str) -> tuple[tuple[Node, ...], list[Mark]]:
    """The template's nodes and the signs that could not be read."""
    reader = _Reader(text)
    return reader.all(), reader.marks


def slots(nodes: tuple[Node, ...], *, guarded: bool = True) -> Iterator[Slot]:
    """The facts named; without `guarded` only those outside every bracket."""
    for node in nodes:
        if isinstance(node, Slot):
            yield node
        elif isinstance(node, Choice) and guarded:
            for way in node.ways:
                yield from slots(way)


def choices(nodes: tuple[Node, ...]) -> Iterator[Choice]:
    """Every part in brackets, the inner ones after their outer one."""
    for node in nodes:
        if isinstance(node, Choice):
            yield node
            for way in node.ways:
                yield from choices(way)


def fill(text: str, facts: Mapping[str, str]) -> list[Part] | None:
    """What is said with these facts; None when a fact outside brackets is not known."""
    parts = _filled(read(text)[0], facts)
    return None if parts is None else tidy(parts)


def plain(parts: list[Part]) -> str:
    """The words alone, to copy."""
    return "".join(part.text for part in parts)


def _filled(nodes: tuple[Node, ...], facts: Mapping[str, str]) -> list[Part] | None:
    parts: list[Part] = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(Part(node))
        elif isinstance(node, Choice):
            parts += _said(node, facts)
        elif facts.get(node.name):
            parts.append(Part(facts[node.name], is_fact=True))
        else:
            return None
    return parts


def _said(choice: Choice, facts: Mapping[str, str]) -> list[Part]:
    for way in choice.ways:
        parts = _filled(way, facts)
        if parts is not None:
            return parts
    return []


def tidy(parts: list[Part]) -> list[Part]:
    """No double blanks, none before a closing sign, no empty lines: whatever has fallen away."""
    kept: list[tuple[str, bool]] = []
    for part in parts:
        for char in part.text.replace("\r", ""):
            sign = " " if char in "\t\u3000" else char
            last = kept[-1][0] if kept else "\n"
            if last == " " and (sign == "\n" or sign in _CLOSING):
                kept.pop()
            elif sign in " \n" and last in " \n":
                continue
            kept.append((sign, part.is_fact))
    while kept and kept[-1][0] in " \n":
        kept.pop()
    return [
        Part("".join(sign for sign, _ in run), is_fact)
        for is_fact, run in groupby(kept, key=itemgetter(1))
    ]
