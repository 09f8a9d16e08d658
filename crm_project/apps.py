"""The composition root as an app, so that its system checks run."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class CrmProjectConfig(AppConfig):
    name = "crm_project"

    def ready(self) -> None:
        # The Celery app becomes the current one in every process that may wake a worker.
        from crm_project import celery, checks, translations  # noqa: F401

        for folder in settings.LOCALE_PATHS:
            translations.compile_all(Path(folder))
