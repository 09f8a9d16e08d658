"""The exceptions of the brief in words: one sentence each, and whose they are."""

from collections.abc import Callable
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from common.formats import day as day_text
from common.formats import number, percent
from dashboards.selectors.boards.words import NODES
from dashboards.selectors.brief.matters import LISTS, Matter

# The form is chosen by the count; the number shown has its separators.
_SENTENCES: dict[str, Callable[[int], str]] = {
    "night": lambda n: ngettext(
        "Today's list has not been made: what you see is of %(day)s, %(n)s day old.",
        "Today's list has not been made: what you see is of %(day)s, %(n)s days old.",
        n,
    ),
    "feed": lambda n: ngettext(
        "No visit has come in for %(n)s day, so lists and figures are wrong.",
        "No visit has come in for %(n)s days, so lists and figures are wrong.",
        n,
    ),
    "escalated": lambda n: ngettext(
        "%(n)s same-day call was not made by closing time.",
        "%(n)s same-day calls were not made by closing time.",
        n,
    ),
    "running": lambda n: ngettext(
        "%(n)s call that must be made today has less than two hours left.",
        "%(n)s calls that must be made today have less than two hours left.",
        n,
    ),
    "managers": lambda n: ngettext(
        "%(n)s complaint or low survey of %(day)s is not settled.",
        "%(n)s complaints and low surveys are not settled, the oldest of %(day)s.",
        n,
    ),
    "unattended": lambda n: ngettext(
        "%(n)s customer is to be called today, but nobody who is here has the call.",
        "%(n)s customers are to be called today, but nobody who is here has the calls.",
        n,
    ),
    "valued": lambda n: ngettext(
        "%(n)s car of a high-value customer is about to be lost, and nobody has called since.",
        "%(n)s cars of high-value customers are about to be lost, and nobody has called since.",
        n,
    ),
    "forgotten": lambda n: ngettext(
        "%(n)s overdue car is on nobody's list.", "%(n)s overdue cars are on nobody's list.", n
    ),
    "missed": lambda n: ngettext(
        "%(n)s first-time customer has missed a call on the way to the second service.",
        "%(n)s first-time customers have missed a call on the way to the second service.",
        n,
    ),
    "over": lambda n: ngettext(
        "%(n)s customer does not fit into today's calls.",
        "%(n)s customers do not fit into today's calls.",
        n,
    ),
    "retention": lambda n: ngettext(
        "%(n)s car did not come in time (%(node)s): %(now)s came in the last three months,"
        " %(before)s in the three before.",
        "%(n)s cars did not come in time (%(node)s): %(now)s came in the last three months,"
        " %(before)s in the three before.",
        n,
    ),
}
TITLES: dict[str, Promise] = {
    "escalated": gettext_lazy("Same-day calls not made"),
    "running": gettext_lazy("Calls with less than two hours left"),
    "managers": gettext_lazy("Complaints and low surveys not settled"),
    "unattended": gettext_lazy("Calls nobody who is here has"),
    "valued": gettext_lazy("High-value customers about to be lost"),
    "forgotten": gettext_lazy("Overdue cars on nobody's list"),
    "missed": gettext_lazy("Missed calls on the way to the second service"),
    "over": gettext_lazy("Customers who do not fit into today's calls"),
}


def sentence(one: Matter, as_of: date) -> str:
    """«3 same-day calls were not made by closing time.»"""
    facts: dict[str, str] = {"n": number(one.count)}
    if "day" in one.facts:
        facts["day"] = day_text(one.facts["day"], as_of)
    if node := one.facts.get("node"):
        facts["node"] = str(NODES[node])
        facts |= {name: percent(one.facts[name]) for name in ("now", "before")}
    return _SENTENCES[one.name](one.count) % facts


def whose(one: Matter) -> str:
    """Who has them; of several people the one with most."""
    if not one.owner:
        return gettext("nobody's")
    if one.of_most == one.count or one.rank == LISTS:
        return one.owner
    facts = {"name": one.owner, "n": number(one.of_most), "all": number(one.count)}
    return gettext("%(name)s, who has %(n)s of %(all)s") % facts
