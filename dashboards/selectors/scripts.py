"""Call scripts for the pages on which they are written: whose words stand in each case."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alerts import wording
from alerts.models import Script
from alerts.rules.facts import BY_NAME, FACTS, Fact
from alerts.rules.templates import fill, plain
from alerts.selectors.scripts import Wording, own_scripts, wordings
from alerts.services.scripts import Case
from dashboards import presentation, script_words
from dashboards.presentation import Chip

_SENTENCE = re.compile(r".*?(?:[。？！]|[.?!]\s)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """A case and the words that stand in it."""

    level: str
    tier: str
    label: str
    opening: str
    origin: Chip


@dataclass(frozen=True)
class Section:
    """A kind of call with its cases."""

    kind: str
    title: str
    rows: list[Row]


def sections(case: Case) -> list[Section]:
    """Every kind with its cases, for the place and language of `case`; one query."""
    own = own_scripts(case.group, case.store, language=case.language, with_author=True)
    return [
        Section(kind, presentation.task_title(kind), list(_rows(kind, own, case.language)))
        for kind in wording.kinds()
    ]


def _rows(kind: str, own: list[Script], language: str) -> Iterator[Row]:
    """The cases we ship words for and those somebody wrote for, the general ones first."""
    ours = {(words.level, words.tier) for words in wording.cases(kind, language)}
    theirs = {(script.level, script.tier) for script in own if script.kind == kind}
    order = wording.levels(kind)
    for level, tier in sorted(
        ours | theirs, key=lambda one: (order.index(one[0]), wording.TIERS.index(one[1]))
    ):
        words = next(wordings(own, kind, level, tier, language), None)
        if words is not None:
            label = script_words.case_label(kind, level, tier)
            chip = script_words.origin_chip(words.origin)
            yield Row(level, tier, label, opening(words.text), chip)


def opening(text: str) -> str:
    """How a script goes on after its greeting, each fact a gap."""
    said = plain(fill(text, dict.fromkeys(BY_NAME, "…")) or [])
    greeting = _SENTENCE.match(said)
    return said[greeting.end() :] if greeting and greeting.end() < len(said) else said


@dataclass(frozen=True)
class Standing:
    """What is said in a case now, and what would be said without the case's own words.

    `words` None: nobody wrote for it; `start` is what one then begins to write from.
    """

    words: Wording | None
    above: Wording | None
    own: Script | None
    start: Wording | None


def standing(case: Case) -> Standing:
    """The words of one case; one query."""
    own = own_scripts(
        case.group, case.store, language=case.language, kind=case.kind, with_author=True
    )
    found = list(wordings(own, case.kind, case.level, case.tier, case.language))
    mine = next((script for script in own if _is_of(script, case)), None)
    above = next((words for words in found if words.own is None or words.own != mine), None)
    words = found[0] if found else None
    return Standing(words, above, mine, words or _nearest(case))


def _is_of(script: Script, case: Case) -> bool:
    """Whether a script is the case's own and not a more general one or the group's."""
    store_id = case.store.pk if case.store else None
    return (script.store_id, script.level, script.tier) == (store_id, case.level, case.tier)


def _nearest(case: Case) -> Wording:
    """Where nobody wrote for every case, the first of ours is what one begins with."""
    first = next(wording.cases(case.kind, case.language))
    return next(wordings([], case.kind, first.level, first.tier, case.language))


def palette() -> list[Fact]:
    """The facts a text may name."""
    return list(FACTS)
