"""The facts a call script may name, and the check a text must pass before it is said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alerts.rules.templates import Choice, Node, choices, fill, read, slots

MAX_LENGTH = 600


@dataclass(frozen=True)
class Fact:
    """A word in braces; one that is always known may stand outside brackets.

    A personal one is true of this customer only: remembering is the gift, so every text has one.
    """

    name: str
    label: str | Promise
    is_always: bool = False
    is_personal: bool = True


FACTS = (
    Fact("name", _("how the customer is addressed"), is_always=True, is_personal=False),
    Fact("advisor", _("who is speaking"), is_always=True, is_personal=False),
    Fact("store", _("the store"), is_always=True, is_personal=False),
    Fact("car", _("the car's model"), is_always=True),
    Fact("plate", _("the plate")),
    Fact("colleague", _("the own advisor, when somebody else calls"), is_personal=False),
    Fact("due_month", _("the part of the month in which it is due")),
    Fact("due_day", _("the day on which it is due")),
    Fact("overdue_weeks", _("how long overdue, from a full week on")),
    Fact("daily_km", _("kilometres a day, when they decide the due date")),
    Fact("km_now", _("kilometres by now")),
    Fact("last_visit", _("the day of the car's last visit")),
    Fact("last_done", _("what was done then")),
    Fact("last_wait", _("how long it took, from half as long again as promised")),
    Fact("last_words", _("what the customer wrote in the survey")),
    Fact("advice", _("what was recommended at the last visit")),
    Fact("habit", _("the usual day and time, when the slot offered is then")),
    Fact("slot", _("the next free slot, at the usual time where there is one"), is_personal=False),
    Fact("slot2", _("another free slot"), is_personal=False),
    Fact("minutes", _("how long the last services took")),
    Fact("likes", _("interests")),
    Fact("dislikes", _("what the customer does not like")),
    Fact("usage", _("the notes about the customer")),
    Fact("complaint", _("what the complaint is about")),
    Fact("promised_at", _("when a call was promised")),
    Fact("appointment", _("when the appointment is")),
    Fact("attempts", _("how often the phone was not answered")),
)
BY_NAME: Mapping[str, Fact] = {fact.name: fact for fact in FACTS}
ALWAYS = frozenset(fact.name for fact in FACTS if fact.is_always)


@dataclass(frozen=True)
class Problem:
    """What is wrong and where; `code` is told in words by the page, `line` 0 is the whole text."""

    code: str
    line: int = 0
    what: str = ""
    hint: str = ""


def problems(text: str) -> list[Problem]:
    """Everything that keeps a text from being used, in the order of its lines; empty: sound."""
    if not text.strip():
        return [Problem("empty")]
    nodes, marks = read(text)
    found = [Problem(mark.code, mark.line, mark.what) for mark in marks]
    found += _unknown(nodes)
    found += [
        Problem("unguarded", slot.line, slot.name)
        for slot in slots(nodes, guarded=False)
        if slot.name in BY_NAME and slot.name not in ALWAYS
    ]
    found += [Problem("factless", one.line) for one in choices(nodes) if _is_factless(one)]
    found.sort(key=lambda problem: problem.line)
    return [*found, *_of_the_whole(text, nodes, bool(found))]


def _unknown(nodes: tuple[Node, ...]) -> Iterator[Problem]:
    for slot in slots(nodes):
        if slot.name not in BY_NAME:
            near = get_close_matches(slot.name.lower(), BY_NAME, n=1)
            yield Problem("unknown", slot.line, slot.name, near[0] if near else "")


def _is_factless(choice: Choice) -> bool:
    """Whether a way that could not fall away keeps those after it from ever being said."""
    tried = choice.ways[:-1] or choice.ways
    return not all(
        any(slot.name not in ALWAYS for slot in slots(way, guarded=False)) for way in tried
    )


def _of_the_whole(text: str, nodes: tuple[Node, ...], is_broken: bool) -> Iterator[Problem]:
    if len(text) > MAX_LENGTH:
        yield Problem("too_long", what=str(len(text)))
    if is_broken:
        return
    if not any(BY_NAME[slot.name].is_personal for slot in slots(nodes)):
        yield Problem("impersonal")
    if not fill(text, dict.fromkeys(ALWAYS, "x")):
        yield Problem("vanishes")
