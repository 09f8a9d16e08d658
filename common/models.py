"""Heartbeats: the only row of this app, read by /healthz/jobs outside Celery (R7)."""

from django.db import models


class Heartbeat(models.Model):
    """When a named background process last came by."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
