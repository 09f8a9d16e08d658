"""What a figure counts, in words: the heading of the list of its people."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from alerts.choices import Reason
from dashboards.selectors.boards.asked import PERIODS
from dashboards.selectors.boards.words import (
    FIGURES,
    FLAGS,
    FOLLOWED,
    NODES,
    PROBLEMS,
    STAGES,
    WEEK,
)
from lifecycle.choices import Level, Phase, Purpose, Quadrant, Rfm, RiskLevel, ValueTier

TITLES = {
    "retention": gettext_lazy("Cars at the step: %(item)s"),
    "funnel": gettext_lazy("Customers by number of visits"),
    "returned": gettext_lazy("Customers after their first visit"),
    "cohorts": gettext_lazy("Cars delivered in %(item)s"),
    "cohorts_visit": gettext_lazy("Customers whose first visit was in %(item)s"),
    "satisfaction": gettext_lazy("Cars by the answer to the first service"),
    "silence": gettext_lazy("Cars by months of silence"),
    "survival": gettext_lazy("Cars after their first service"),
    "due_answered": gettext_lazy("Cars that fell due"),
    "due_followed": gettext_lazy("Cars that fell due: %(item)s"),
    "kept": gettext_lazy("Visits and whether the car came again"),
    "arrivals": gettext_lazy("Customers who came: %(item)s"),
    "revenue": gettext_lazy("Visits by amount"),
    "answers": gettext_lazy("Answers to surveys"),
    "referrals": gettext_lazy("Customers and whom they referred"),
    "standing": gettext_lazy("Now: %(item)s"),
    "moves": gettext_lazy("Customers who moved from %(item)s"),
    "span": gettext_lazy("Customers in the stage %(item)s when the period began"),
    "scorecard": gettext_lazy("Scorecard: %(item)s"),
    "calls": gettext_lazy("Calls made"),
    "gaming": gettext_lazy("To be looked at: %(item)s"),
    "reasons": gettext_lazy("Why they do not come: %(item)s"),
    "health": gettext_lazy("Data health: %(item)s"),
    "week": gettext_lazy("The week: %(item)s"),
    "warnings": gettext_lazy("Warnings at month-ends: %(item)s"),
}
# What a hit is, and what its absence is.
HITS = {
    "retention": (gettext_lazy("came in time"), gettext_lazy("did not come in time")),
    "returned": (gettext_lazy("came again in time"), gettext_lazy("did not come again in time")),
    "due_answered": (gettext_lazy("came or booked"), gettext_lazy("neither came nor booked")),
    "satisfaction": (gettext_lazy("came again"), gettext_lazy("did not come again")),
    "survival": (gettext_lazy("came again"), gettext_lazy("not yet")),
    "calls": (gettext_lazy("connected or came"), gettext_lazy("neither")),
    "kept": (gettext_lazy("came again in time"), gettext_lazy("did not come again in time")),
    "span": (gettext_lazy("became lost"), gettext_lazy("was not lost")),
    "warnings": (
        gettext_lazy("came within 90 days"),
        gettext_lazy("did not come within 90 days"),
    ),
    "referrals": (gettext_lazy("referred a customer"), gettext_lazy("referred nobody")),
}
# The same, of boards whose items have each their own.
_HITS_OF = {
    ("scorecard", "came"): (gettext_lazy("came in time"), gettext_lazy("did not come in time")),
    ("scorecard", "owned"): (gettext_lazy("became lost"), gettext_lazy("was not lost")),
    ("calls", "called"): (pgettext_lazy("calls", "connected"), gettext_lazy("not connected")),
    ("calls", "booked"): (gettext_lazy("came after booking"), gettext_lazy("did not come")),
    ("due_followed", "followed"): (gettext_lazy("followed up"), gettext_lazy("not followed up")),
    ("due_followed", "answered"): (
        gettext_lazy("came or booked"),
        gettext_lazy("neither came nor booked"),
    ),
    ("due_followed", "alone"): (
        gettext_lazy("came or booked"),
        gettext_lazy("neither came nor booked"),
    ),
    ("due_followed", "came"): (gettext_lazy("came in time"), gettext_lazy("did not come in time")),
    ("week", "called"): (pgettext_lazy("calls", "connected"), gettext_lazy("not connected")),
    ("week", "visited"): (gettext_lazy("maintenance"), gettext_lazy("another visit")),
    ("week", "due"): (gettext_lazy("came or booked"), gettext_lazy("neither came nor booked")),
    ("week", "open"): (gettext_lazy("opened in this week"), gettext_lazy("opened before")),
    ("gaming", "bulk"): (
        gettext_lazy("five or more within five minutes"),
        gettext_lazy("on its own"),
    ),
    ("gaming", "moved"): (
        gettext_lazy("changed hands in the 30 days before"),
        gettext_lazy("stayed with the owner"),
    ),
    ("health", "dead_phone"): (
        gettext_lazy("on a list to be put right"),
        gettext_lazy("nobody looks for the number yet"),
    ),
    ("health", "came"): (gettext_lazy("came in time"), gettext_lazy("did not come in time")),
}
_KINDS = {
    "stage": STAGES,
    "rfm": dict(Rfm.choices),
    "quadrant": dict(Quadrant.choices),
    "value_tier": dict(ValueTier.choices),
    "due": dict(Level.choices),
    "risk": dict(RiskLevel.choices),
    "phase": dict(Phase.choices),
}
_SPAN_MONEY = ("before", "now")


def title(board: str, marks: Mapping[str, str]) -> str:
    """«Cars at the step: 2nd service»."""
    return str(TITLES[board]) % {"item": _item(board, marks) or gettext("any")}


def hit_words(board: str, marks: Mapping[str, str]) -> tuple[str, str]:
    """(what a hit is, what none is) of a line; empty where it says nothing."""
    if board == "span" and marks.get("part") in _SPAN_MONEY:
        return "", ""
    yes, no = _HITS_OF.get((board, marks.get("item", "")), HITS.get(board, ("", "")))
    return str(yes), str(no)


def conditions(board: str, marks: Mapping[str, str]) -> list[str]:
    """What else narrows the list: months, and whether only hits are shown."""
    told = []
    if marks.get("from_month") or marks.get("to_month"):
        facts = {"first": marks.get("from_month", "…"), "last": marks.get("to_month", "…")}
        told.append(gettext("%(first)s to %(last)s") % facts)
    if marks.get("item_from") or marks.get("item_to"):
        facts = {"first": marks.get("item_from", "…"), "last": marks.get("item_to", "…")}
        told.append(gettext("%(first)s to %(last)s") % facts)
    if marks.get("stretch") in PERIODS:
        told.append(str(PERIODS[marks["stretch"]]))
    elif board == "week" and marks.get("stretch"):
        told.append(marks["stretch"])
    if marks.get("part_from"):
        more = (
            gettext("%(part)s weeks or more")
            if board == "survival"
            else gettext("%(part)s or more")
        )
        told.append(more % {"part": int_or_text(marks["part_from"])})
    yes, no = hit_words(board, marks)
    if marks.get("hit") and yes:
        told.append(yes if marks["hit"] == "1" else no)
    return told


def int_or_text(value: str) -> str:
    return str(int(value)) if value.isdecimal() else value


def _item(board: str, marks: Mapping[str, str]) -> str:
    item, part = marks.get("item", ""), marks.get("part", "")
    if board == "standing":
        return str(_KINDS.get(item, {}).get(part, part))
    if board == "retention":
        return str(NODES.get(item, item))
    if board == "gaming":
        return str(FLAGS.get(item, item))
    if board == "scorecard":
        return str(FIGURES.get(item, item))
    if board == "health":
        return str(PROBLEMS.get(part, PROBLEMS.get(item, item)))
    if board == "due_followed":
        return str(FOLLOWED.get(item, item))
    if board == "arrivals":
        return str(dict(Purpose.choices).get(item, item))
    if board == "week":
        return str(WEEK.get(item, item))
    if board == "warnings":
        return _warned(item, part)
    if board == "reasons":
        return str(dict(Reason.choices).get(item, item))
    return str(STAGES.get(item, item))


def _warned(item: str, part: str) -> str:
    if item == "band" and part.isdecimal():
        first = 10 * int(part)
        last = 100 if first == 90 else first + 9
        return gettext("health score %(first)s to %(last)s") % {"first": first, "last": last}
    level = str(dict(RiskLevel.choices).get(part, gettext("any")))
    if item == "lost_level":
        return gettext("%(level)s, lost by the 90th day") % {"level": level}
    if item == "not_due":
        return gettext("%(level)s, not due") % {"level": level}
    return level
