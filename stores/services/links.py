"""One-time links: an invitation, or a new password (R31). Only a token's digest is kept."""

import datetime
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from common.exceptions import NotFound
from stores.choices import AuditAction, LinkPurpose
from stores.models import AccessLink, Staff
from stores.selectors import home_store
from stores.services import audit, guesses

LASTS = datetime.timedelta(hours=72)
_MADE = {LinkPurpose.INVITE: AuditAction.INVITED, LinkPurpose.RESET: AuditAction.RESET_LINK}


def digest_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def make(*, staff: Staff, purpose: LinkPurpose, by: Staff | None) -> str:
    """A fresh token of 128 random bits; the person's older links stop working."""
    AccessLink.objects.filter(staff=staff, used_at=None).delete()
    token = secrets.token_urlsafe(16)
    AccessLink.objects.create(
        staff=staff,
        purpose=purpose,
        token_digest=digest_of(token),
        created_by=by,
        expires_at=timezone.now() + LASTS,
    )
    audit.record(
        actor=by or staff,
        action=_MADE[purpose],
        store=home_store(staff),
        thing="staff",
        thing_id=staff.pk,
        detail={} if by else {"from": "command line"},
    )
    return token


def find(*, digest: bytes, purpose: str) -> AccessLink:
    """The open link, changing nothing; NotFound for a wrong, used, expired or foreign one alike."""
    link = (
        AccessLink.objects.filter(
            token_digest=digest,
            purpose=purpose,
            used_at=None,
            expires_at__gt=timezone.now(),
            staff__is_active=True,
        )
        .select_related("staff")
        .first()
    )
    if link is None:
        raise NotFound("link", "no such link")
    return link


def look_up(*, token: str, purpose: str, address: str) -> bytes:
    """The digest of an open link's token, for a caller at `address`.

    NotFound counts against the address; after too many of them TooMany, whatever the token.
    """
    guesses.check(address)
    digest = digest_of(token)
    try:
        find(digest=digest, purpose=purpose)
    except NotFound:
        guesses.count(address)
        raise
    return digest


@transaction.atomic
def spend(*, link: AccessLink, password: str, username: str = "") -> Staff:
    """Sets the password and uses the link up; ends the person's sessions. NotFound when a race won.

    `username` is taken only by somebody who has none yet.
    """
    now = timezone.now()
    used = AccessLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    if used.update(used_at=now) != 1:
        raise NotFound("link", "no such link")
    staff = Staff.objects.select_for_update().get(pk=link.staff_id)
    staff.username = staff.username or username.lower()
    staff.set_password(password)
    staff.session_epoch += 1
    staff.save(update_fields=["username", "password", "session_epoch"])
    audit.record(
        actor=staff,
        action=AuditAction.PASSWORD_SET,
        store=home_store(staff),
        thing="staff",
        thing_id=staff.pk,
        detail={"by": link.purpose},
    )
    return staff
