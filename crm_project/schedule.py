"""The one table of periodic jobs; times are those of Asia/Shanghai (R6).

Stores have zones of their own, so nothing here is "at 00:05": the tick comes by every five minutes
and starts the stores whose night it is.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from celery.schedules import crontab, schedule


class Job(NamedTuple):
    """A periodic task; `limit` is its hard time limit, `stale_after` when a late one is dropped."""

    task: str
    every: schedule | crontab
    limit: timedelta
    stale_after: timedelta

    def entry(self) -> dict[str, Any]:
        """The job as Celery's beat reads it."""
        return {
            "task": self.task,
            "schedule": self.every,
            "options": {
                "time_limit": self.limit.total_seconds(),
                "soft_time_limit": self.limit.total_seconds() * 0.9,
                # A queue that stood still must not replay every sweep it missed.
                "expires": self.stale_after.total_seconds(),
            },
        }


JOBS = {
    "start the day of the stores whose night it is": Job(
        "pipeline.tasks.tick",
        crontab(minute="*/5"),
        limit=timedelta(minutes=4),
        stale_after=timedelta(minutes=5),
    ),
    "count the boards of the stores whose day is done": Job(
        "pipeline.tasks.count_boards",
        crontab(minute="*/5"),
        limit=timedelta(minutes=10),
        stale_after=timedelta(minutes=5),
    ),
    "escalate the same-day calls that nobody made": Job(
        "pipeline.tasks.escalate",
        crontab(minute="*/5"),
        limit=timedelta(minutes=2),
        stale_after=timedelta(minutes=5),
    ),
    "mail the weekly reports whose morning it is": Job(
        "dashboards.tasks.send_weekly",
        crontab(minute="*/5"),
        limit=timedelta(minutes=4),
        stale_after=timedelta(minutes=5),
    ),
    "sweep up what was left lying": Job(
        "pipeline.tasks.sweep",
        schedule(30),
        limit=timedelta(minutes=2),
        stale_after=timedelta(minutes=2),
    ),
    "take up files that wait to be imported": Job(
        "exchange.tasks.sweep",
        schedule(30),
        limit=timedelta(minutes=1),
        stale_after=timedelta(minutes=2),
    ),
}
SCHEDULE = {name: job.entry() for name, job in JOBS.items()}
