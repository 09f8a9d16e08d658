"""How the pages of call scripts name cases, owners and what is wrong with a text."""

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext, pgettext_lazy

from alerts.choices import Proposal, TaskKind
from alerts.rules.facts import MAX_LENGTH, Problem
from alerts.wording import WRITTEN
from dashboards import presentation
from dashboards.presentation import Chip
from lifecycle.choices import Level, ValueTier

_PROBLEMS: dict[str, str | Promise] = {
    "empty": gettext_lazy("Write what is to be said."),
    "unclosed": gettext_lazy("Line %(line)d: %(what)s is opened and not closed."),
    "stray": gettext_lazy("Line %(line)d: %(what)s stands alone, nothing was opened before it."),
    "unnamed": gettext_lazy("Line %(line)d: these braces name no fact."),
    "unknown": gettext_lazy("Line %(line)d: no fact is called “%(what)s”."),
    "meant": gettext_lazy(
        "Line %(line)d: no fact is called “%(what)s”. Perhaps “%(hint)s” is meant."
    ),
    "unguarded": gettext_lazy(
        "Line %(line)d: “%(what)s” is not known of everybody. Put the part that needs it into "
        "square brackets."
    ),
    "factless": gettext_lazy(
        "Line %(line)d: this part in square brackets names no fact that may be missing, so it "
        "could never fall away."
    ),
    "too_long": gettext_lazy("The text has %(what)s characters; %(most)d are the most."),
    "impersonal": gettext_lazy(
        "Nothing in it is true of this customer only: name the car, the last visit or another fact."
    ),
    "vanishes": gettext_lazy("For a customer of whom little is known nothing would be left."),
}
_ORIGINS: dict[str, tuple[str | Promise, str]] = {
    "shipped": (pgettext_lazy("whose words", "As shipped"), ""),
    "group": (pgettext_lazy("whose words", "The group's"), "blue"),
    "store": (pgettext_lazy("whose words", "The store's"), "green"),
}


def problem_text(problem: Problem) -> str:
    """A problem as a sentence."""
    code = "meant" if problem.code == "unknown" and problem.hint else problem.code
    facts = {"line": problem.line, "what": problem.what, "hint": problem.hint, "most": MAX_LENGTH}
    return str(_PROBLEMS[code]) % facts


def origin_chip(origin: str) -> Chip:
    """Whose words stand."""
    label, tone = _ORIGINS[origin]
    return Chip(str(label), tone)


def level_label(kind: str, level: str) -> str:
    """The case within a kind, as in a choice."""
    if not level:
        return gettext("Every call")
    if level == WRITTEN:
        return gettext("In writing")
    if kind == TaskKind.CORRECT_DATA:
        return str(Proposal(level).label)
    return presentation.title(Level, level)


def tier_label(tier: str) -> str:
    """For whom, as in a choice."""
    return presentation.title(ValueTier, tier) if tier else gettext("Every customer")


def case_label(kind: str, level: str, tier: str) -> str:
    """`Red · High value`; `Every call` for the most general one."""
    if not tier:
        return level_label(kind, level)
    if not level:
        return tier_label(tier)
    return pgettext("case of a script", "%(level)s · %(tier)s") % {
        "level": level_label(kind, level),
        "tier": tier_label(tier),
    }
