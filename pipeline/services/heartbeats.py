"""Signs of life of background processes, read by /healthz/jobs (R7)."""

from datetime import datetime

from common.models import Heartbeat
from pipeline.choices import Beat


def record(beat: Beat, now: datetime) -> None:
    """Write down that the process came by."""
    Heartbeat.objects.update_or_create(name=beat, defaults={"beat_at": now})
