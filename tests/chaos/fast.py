"""The product's Celery app for the rig's beat: the same jobs, but more often."""

import os

from celery.schedules import schedule

from crm_project.celery import app

sweep, tick = float(os.environ.get("CHAOS_SWEEP") or 30), float(os.environ.get("CHAOS_TICK") or 0)
app.conf.beat_schedule = {
    name: entry | {"schedule": schedule(tick if entry["task"].endswith(".tick") else sweep)}
    for name, entry in app.conf.beat_schedule.items()
    if entry["task"] == "pipeline.tasks.sweep" or (tick and entry["task"] == "pipeline.tasks.tick")
}
# Beat looks at its schedule at the latest so often.
app.conf.beat_max_loop_interval = min(5.0, sweep, tick or sweep)
