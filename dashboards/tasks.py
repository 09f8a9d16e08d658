"""What the beat runs for the pages: thin interfaces to the services."""

from celery import shared_task
from django.utils import timezone

from dashboards.services import weekly
from stores.scope import all_stores


@shared_task
def send_weekly() -> None:
    """Make and mail the weekly reports whose morning it is, where each store is."""
    with all_stores():
        weekly.send_weekly(timezone.now())
