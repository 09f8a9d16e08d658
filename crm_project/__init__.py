"""Composition root: settings, addresses, the Celery app and the table of periodic jobs."""
