"""RISK-2: a same-day call nobody made by closing time goes up to the manager."""

from datetime import datetime

from alerts.choices import TaskKind
from alerts.models import Task


def escalate(now: datetime) -> int:
    """Marks the open risk calls whose deadline has come; returns how many.

    They stay on the advisor's list (TASK-6). Two at once mark each task once: whoever comes second
    waits for the row and finds it marked. Index: task_to_escalate.
    """
    late = Task.objects.filter(
        kind=TaskKind.RISK_CALL,
        closed_on__isnull=True,
        escalated_at__isnull=True,
        deadline_at__lte=now,
    )
    return int(late.update(escalated_at=now))
