"""What a person records of a contact, all that follows from it, and taking it back (TASK-4)."""

from alerts.services.outcomes.entry import Entry, closing_at
from alerts.services.outcomes.recording import UNDO_SECONDS, record
from alerts.services.outcomes.undoing import may_undo, undo

__all__ = ["UNDO_SECONDS", "Entry", "closing_at", "may_undo", "record", "undo"]
