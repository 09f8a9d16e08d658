"""Imports in the background; an interrupted one is taken up again after its lease (R3)."""

from celery import shared_task
from django.utils import timezone

from common.wakeup import wake
from exchange.selectors import uploads
from exchange.services import imports
from stores.scope import all_stores

WAKE_AT_ONCE = 20


@shared_task
def import_file(file_id: int) -> None:
    """Import an uploaded file, unless somebody does; then wake what waited for it."""
    with all_stores():
        is_read = imports.run(file_id, timezone.now())
    if is_read:
        sweep()


@shared_task
def sweep() -> None:
    """Wake uploads that wait, or whose reader has died."""
    for file_id in uploads.free_ids(timezone.now(), WAKE_AT_ONCE):
        wake(import_file.name, file_id)
