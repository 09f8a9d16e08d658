"""The composition root as an app, so that its system checks run."""

from django.apps import AppConfig


class CrmProjectConfig(AppConfig):
    name = "crm_project"

    def ready(self) -> None:
        # The Celery app becomes the current one in every process that may wake a worker.
        from crm_project import celery, checks  # noqa: F401
