"""An explanation as text for a support engineer's terminal."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.choices import TaskKind
from common.formats import listing
from lifecycle.choices import Basis, Level, Phase, Quadrant, Rfm, RiskLevel, Stage, ValueTier

# RISK-3's tags and RISK-4's inputs, by their words in the JSON.
WORDS = {
    "dormant": gettext_lazy("dormant"),
    "due_unresponsive": gettext_lazy("due and not answering"),
    "critical": gettext_lazy("critical"),
    "app": gettext_lazy("app opens"),
    "cancellations": gettext_lazy("cancellations"),
    "satisfaction": gettext_lazy("satisfaction"),
    "enquiries": gettext_lazy("enquiries"),
}


def explanation_text(one: dict[str, Any]) -> str:
    """Lines of `explain` without `--json`, each fact with its evidence."""
    return "\n".join([*_due(one), *_risk(one), *_lost(one), *_customer(one), *_tasks(one), ""])


def _due(one: dict[str, Any]) -> list[str]:
    due = one["due"]
    head = _("%(vin)s as of %(day)s") % {"vin": one["vin"], "day": one["as_of"]}
    if due["on"] is None:
        return [head, "  " + _("Maintenance: no due date is known")]
    line = _("Maintenance: due %(day)s (%(basis)s), %(level)s") % {
        "day": due["on"],
        "basis": Basis(due["basis"]).label,
        "level": Level(due["level"]).label,
    }
    pace = _("Plan %(plan)s, %(daily)s km a day, about %(km)s km now") % {
        "plan": due["plan"],
        "daily": due["daily_km"],
        "km": due["projected_km"],
    }
    booked = ["  " + _("An appointment is confirmed")] if due["booked"] else []
    return [head, f"  {line}", f"  {pace}", *booked]


def _risk(one: dict[str, Any]) -> list[str]:
    risk = one["risk"]
    head = _("Health score %(score)d: %(level)s") % {
        "score": risk["score"],
        "level": RiskLevel(risk["level"]).label,
    }
    index = _("Pre-churn index %(index)s (unknown: %(unknown)s)") % {
        "index": risk["pre_churn_score"],
        "unknown": listing(WORDS[name] for name in risk["unknown"]) or "-",
    }
    items = [f"    −{item['points']} {item['evidence']}" for item in risk["items"]]
    tags = [f"    # {WORDS[tag]}" for tag in risk["tags"]]
    return [f"  {head}", *items, *tags, f"  {index}"]


def _lost(one: dict[str, Any]) -> list[str]:
    lost = one["lost"]
    phase = Phase(lost["phase"]).label if lost["phase"] else "-"
    text = _(
        "Lost: %(lost)s; %(days)s days overdue, %(idle)s days without a visit, phase %(phase)s"
    )
    facts = {
        "lost": _("yes") if lost["is_lost"] else _("no"),
        "days": lost["days_overdue"],
        "idle": "-" if lost["inactive_days"] is None else lost["inactive_days"],
        "phase": phase,
    }
    return ["  " + text % facts]


def _customer(one: dict[str, Any]) -> list[str]:
    if one["stage"] is None:
        return ["  " + _("Owner: none by then")]
    segments = one["segments"]
    text = _("Owner: %(stage)s; RFM %(rfm)s, quadrant %(quadrant)s, %(tier)s (¥%(spend)s a year)")
    facts = {
        "stage": Stage(one["stage"]).label,
        "rfm": Rfm(segments["rfm"]).label if segments["rfm"] else "-",
        "quadrant": Quadrant(segments["quadrant"]).label if segments["quadrant"] else "-",
        "tier": ValueTier(segments["value_tier"]).label,
        "spend": f"{segments['yearly_spend']:,.2f}",
    }
    return ["  " + text % facts]


def _tasks(one: dict[str, Any]) -> list[str]:
    lines = []
    for task in one["tasks"]:
        facts = {
            "kind": TaskKind(task["kind"]).label,
            "owner": task["owner"] or "-",
            "value": f"{task['priority']['value']:,.2f}",
        }
        lines.append("  " + _("Task: %(kind)s, %(owner)s, expected ¥%(value)s") % facts)
        lines += [f"    {reason}" for reason in task["reasons"]]
    return lines
