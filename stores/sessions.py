"""Sessions in PostgreSQL that also end when nobody uses them (R28)."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as Stored
from django.utils import timezone

# How exact the idle time is: a page that is asked for often must not write each time.
WRITES_EVERY = datetime.timedelta(minutes=5)


class SessionStore(Stored):
    """The row ends at its fixed moment, or so many hours after its last use if that is nearer.

    Use moves the row's end on by an UPDATE of this one column. SESSION_SAVE_EVERY_REQUEST would
    write all of it: a slow request could undo what a faster one changed meanwhile.
    """

    ends_at: datetime.datetime | None = None

    def used(self) -> None:
        """Somebody is still there."""
        end = self._end()
        if self.ends_at is None or end - self.ends_at < WRITES_EVERY:
            return
        open_one = self.model.objects.filter(session_key=self.session_key)
        # Of one that was ended meanwhile there is no row to move.
        open_one.filter(expire_date__gt=timezone.now()).update(expire_date=end)
        self.ends_at = end

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.expire_date = self.ends_at = self._end()
        return row

    def _end(self) -> datetime.datetime:
        idle = datetime.timedelta(hours=settings.SESSION_IDLE_HOURS)
        fixed = self.get_expiry_date()
        return min(fixed, timezone.now() + idle)

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]
        self.ends_at = row.expire_date if row else None
        return row
