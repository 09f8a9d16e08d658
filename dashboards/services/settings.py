"""Saving and restoring versions of the settings, one administrator at a time."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from common.exceptions import DomainError, NotFound
from dashboards.selectors.settings import Place
from stores.choices import AuditAction
from stores.models import Group, Policy, Staff
from stores.services import audit, policies


@transaction.atomic
def save(
    place: Place, *, values: Mapping[str, Any], author: Staff, note: str, based_on: str
) -> Policy | None:
    """A new version, or None when the values are those in force already (a double click, say).

    Raises DomainError('stale') when somebody published after the form was opened, and
    DomainError('bad_policy', field=…) when the values do not fit together.
    """
    _wait_for_turn(place)
    if dict(values) == place.values():
        return None
    _must_be_newest(place, based_on)
    policy = policies.publish(
        kind=place.kind,
        group=place.group,
        store=place.store,
        values=dict(values),
        author=author,
        note=note,
    )
    _record(policy, author)
    return policy


@transaction.atomic
def restore(place: Place, *, number: int, author: Staff, note: str, based_on: str) -> Policy:
    """A new version with the values of version `number` of this place.

    Raises NotFound for a number this place never had and DomainError('stale') as `save` does.
    """
    _wait_for_turn(place)
    _must_be_newest(place, based_on)
    versions = policies.versions(place.kind.kind, place.group, place.store)
    old = versions.filter(number=number).first()
    if old is None:
        raise NotFound("no_version", "there is no such version")
    policy = policies.restore(old, author, note)
    _record(policy, author, restored=number)
    return policy


def _wait_for_turn(place: Place) -> None:
    # The same row `publish` queues on: what is compared below cannot change before it is saved.
    Group.objects.select_for_update().get(pk=place.group.pk)


def _must_be_newest(place: Place, based_on: str) -> None:
    if based_on != place.base():
        raise DomainError("stale", "a newer version was published in the meantime")


def _record(policy: Policy, author: Staff, **detail: object) -> None:
    audit.record(
        actor=author,
        action=AuditAction.SETTINGS_PUBLISHED,
        store=policy.store,
        thing="policy",
        thing_id=policy.pk,
        reason=policy.note,
        detail={"kind": policy.kind, "number": policy.number, **detail},
    )
