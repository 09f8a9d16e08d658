"""The words we ship for each kind of call, in Chinese and English; a store may put its own first.

A script's `level` is the case it is for: the due level, of a correction what it asks to put right,
or `wechat` for what is written instead of said. Empty: every case but the written one.
"""

from collections.abc import Iterator

from alerts.wording import answers as refusals
from alerts.wording import en, zh_hans
from alerts.wording.phrases import PHRASES, Phrases
from alerts.wording.words import WRITTEN, Answer, Words

__all__ = ["LANGUAGES", "WRITTEN", "Answer", "Phrases", "Words", "answers", "cases", "shipped"]
__all__ += ["TIERS", "kinds", "language_of", "levels", "phrases", "rank"]

LANGUAGES = ("zh-hans", "en")
TIERS = ("", "high", "mid", "low")
_SCRIPTS: dict[str, tuple[Words, ...]] = {"zh-hans": zh_hans.SCRIPTS, "en": en.SCRIPTS}
_ANSWERS: dict[str, tuple[Answer, ...]] = {"zh-hans": refusals.CHINESE, "en": refusals.ENGLISH}


def language_of(code: str) -> str:
    """The language in which a reader of pages in `code` speaks to customers."""
    return code if code in LANGUAGES else "en"


def phrases(language: str) -> Phrases:
    """Dates, names and lists as they are said in this language."""
    return PHRASES[language]


def answers(language: str) -> tuple[Answer, ...]:
    """Honest answers to the five usual refusals."""
    return _ANSWERS[language]


def cases(kind: str, language: str) -> Iterator[Words]:
    """Every script we ship for a kind."""
    return (words for words in _SCRIPTS[language] if words.kind == kind)


def rank(its_level: str, its_tier: str, level: str, tier: str) -> int | None:
    """How closely a script for `its_level` and `its_tier` fits a case; None: it is for another."""
    if its_tier not in {"", tier}:
        return None
    # What is said on the phone is not what is written, so the general script does not stand in.
    if its_level != level and (its_level or level == WRITTEN):
        return None
    return 2 * bool(its_level) + bool(its_tier)


def shipped(kind: str, level: str, tier: str, language: str) -> Words | None:
    """Our words for a case, the most specific ones; None for a kind that has none."""
    ranked = [(rank(one.level, one.tier, level, tier), one) for one in cases(kind, language)]
    fitting = [(place, one) for place, one in ranked if place is not None]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def kinds() -> list[str]:
    """The kinds of calls that have a script, in the order in which they are shown."""
    return list(dict.fromkeys(words.kind for words in _SCRIPTS["en"]))


def levels(kind: str) -> list[str]:
    """The cases a kind can have words for: every one (empty), those we tell apart, in writing."""
    return list(dict.fromkeys(["", *(words.level for words in cases(kind, "en"))]))
