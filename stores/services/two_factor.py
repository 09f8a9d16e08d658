"""The second factor (R29): a clock code, and recovery codes of which only digests are kept."""

import secrets

from django.db import transaction
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from common.crypto import blind_indexes
from stores.choices import AuditAction
from stores.models import Staff
from stores.selectors import home_store, pending_device, second_factor
from stores.services import audit

RECOVERY_CODES = 8
# Without letters and digits that look alike; 10 of 31 are 49 bits, and tries are throttled.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@transaction.atomic
def begin(*, staff: Staff) -> TOTPDevice:
    """A new secret, waiting for its first code; an older waiting one is dropped."""
    TOTPDevice.objects.filter(user=staff, confirmed=False).delete()
    return TOTPDevice.objects.create(user=staff, name="clock", confirmed=False)


@transaction.atomic
def confirm(*, staff: Staff, code: str) -> tuple[Device, list[str]] | None:
    """The confirmed device and fresh recovery codes; None when the code does not fit.

    Takes the place of an older device and ends every session but that of the caller.
    """
    waiting = pending_device(staff)
    if waiting is None or verify_token(staff, waiting.persistent_id, _plain(code)) is None:
        return None
    device = TOTPDevice.objects.get(pk=waiting.pk)
    TOTPDevice.objects.filter(user=staff).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    codes = _new_codes(staff)
    _changed(staff, staff, AuditAction.TWO_FACTOR_ON)
    return device, codes


def verify(*, staff: Staff, code: str) -> Device | None:
    """The device that accepts a clock code or a recovery code; each code works once."""
    plain = _plain(code)
    device = second_factor(staff)
    if device is None:
        return None
    if len(plain) == device.digits:
        return verify_token(staff, device.persistent_id, plain)
    spare = StaticDevice.objects.filter(user=staff, confirmed=True).first()
    if spare is None:
        return None
    digests = _digests(staff, plain)
    # Tried one by one, the wrong ones would count as wrong tries.
    kept = StaticToken.objects.filter(device=spare, token__in=digests).first()
    return verify_token(staff, spare.persistent_id, kept.token if kept else digests[0])


@transaction.atomic
def remove(*, staff: Staff, by: Staff) -> None:
    """Forgets the devices and ends the sessions; the next sign-in sets up anew."""
    TOTPDevice.objects.filter(user=staff).delete()
    StaticDevice.objects.filter(user=staff).delete()
    _changed(staff, by, AuditAction.TWO_FACTOR_OFF)


def _new_codes(staff: Staff) -> list[str]:
    StaticDevice.objects.filter(user=staff).delete()
    device = StaticDevice.objects.create(user=staff, name="recovery")
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(
        [StaticToken(device=device, token=_digests(staff, code)[0]) for code in codes]
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _plain(code: str) -> str:
    return code.replace(" ", "").replace("-", "").lower()


def _digests(staff: Staff, code: str) -> list[str]:
    """Sixteen hexadecimal digits (the package's column holds no more) under each known key."""
    return [one.hex() for one in blind_indexes("recovery code", f"{staff.uid}{code}", 8)]


def _changed(staff: Staff, by: Staff, action: AuditAction) -> None:
    locked = Staff.objects.select_for_update().get(pk=staff.pk)
    locked.session_epoch += 1
    locked.save(update_fields=["session_epoch"])
    staff.session_epoch = locked.session_epoch
    audit.record(actor=by, action=action, store=home_store(staff), thing="staff", thing_id=staff.pk)
