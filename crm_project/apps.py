"""The composition root as an app, so that its system checks run."""

from django.apps import AppConfig


class CrmProjectConfig(AppConfig):
    name = "crm_project"
