"""App registration."""

from django.apps import AppConfig
from django.core import checks


class StoresConfig(AppConfig):
    name = "stores"

    def ready(self) -> None:
        from stores.checks import every_page_has_a_mark

        checks.register(every_page_has_a_mark, str(checks.Tags.security))
