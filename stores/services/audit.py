"""The audit log: who did what to which row, when and why (R40). Rows are only ever added."""

from collections.abc import Mapping
from typing import Any

from stores.choices import AuditAction
from stores.models import AuditEntry, Staff, Store


def record(
    *,
    actor: Staff | None,
    action: AuditAction | str,
    store: Store | None = None,
    thing: str = "",
    thing_id: int | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Adds one entry in the caller's transaction; `detail` holds ids and words, no personal data.

    `thing` is the model's name in lower case ("customer", "task", "policy").
    """
    return AuditEntry.objects.create(
        actor=actor,
        action=str(AuditAction(action)),
        store=store,
        thing=thing,
        thing_id=thing_id,
        reason=reason[:200],
        detail=dict(detail or {}),
    )


def about(row: Any, action: AuditAction, *, by: Staff, **detail: Any) -> AuditEntry:
    """As `record`, of a row that belongs to a store: `row.store`, and the model's name."""
    return record(
        actor=by,
        action=action,
        store=row.store,
        thing=row._meta.model_name,
        thing_id=row.pk,
        detail=detail,
    )
