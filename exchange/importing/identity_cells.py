"""Cells that name a person or a car, and what a person agreed to."""

import re
import unicodedata

from common.crypto import blind_index, is_phone, normal_phone
from customers.rules import has_vin_check_digit, is_vin, name_keys
from exchange.importing.cells import Bad, Parser, escaped, folded
from exchange.importing.reasons import Reason
from exchange.importing.row import Row, copied_bytes, copied_digest


def vin(cell: str, _row: Row) -> str:
    """A VIN and whether its check digit fits."""
    found = named_vin(cell, _row)
    return f"{found}\t{'t' if has_vin_check_digit(found) else 'f'}"


def named_vin(cell: str, _row: Row) -> str:
    """A VIN that names a vehicle."""
    found = unicodedata.normalize("NFKC", cell).strip().upper()
    if not is_vin(found):
        raise Bad(Reason.NOT_A_VIN)
    return found


def plate(cell: str, _row: Row) -> str:
    """A number plate, upper case without blanks and dots."""
    found = re.sub(r"[\s·•.-]", "", unicodedata.normalize("NFKC", cell)).upper()
    if len(found) > 12:
        raise Bad(Reason.TOO_LONG)
    return escaped(found)


def name(cell: str, _row: Row) -> str:
    """A customer's name and its search keys."""
    if len(cell) > 120:
        raise Bad(Reason.TOO_LONG)
    keys = name_keys(cell)
    parts = ",".join(f'"{part}"' for part in keys.parts)
    return f"{escaped(cell)}\t{keys.pinyin}\t{keys.initials}\t{{{parts}}}"


def phone(cell: str, row: Row) -> str:
    """Sealed number, digest, both search indexes, and whether it is dead (not a valid number)."""
    if len(cell) > 60:
        raise Bad(Reason.TOO_LONG)
    escaped(cell)
    digits = normal_phone(cell) or cell
    return "\t".join(
        [
            row.sealed("customers_customer", "phone", digits),
            copied_digest(digits),
            copied_bytes(blind_index("phone", digits)),
            copied_bytes(blind_index("phone last4", digits[-4:], 4)),
            "f" if is_phone(digits) else "t",
        ]
    )


def sealed(table: str, column: str, limit: int) -> Parser:
    """A sealed text and the digest of its source."""

    def parse(cell: str, row: Row) -> str:
        if len(cell) > limit:
            raise Bad(Reason.TOO_LONG)
        escaped(cell)
        return f"{row.sealed(table, column, cell)}\t{copied_digest(cell)}"

    return parse


def staff(cell: str, row: Row) -> str:
    """A staff code of the store's group, as an id."""
    found = row.staff.get(cell)
    if found is None or found.group_id != row.store.group_id:
        raise Bad(Reason.UNKNOWN_STAFF)
    return str(found.id)


CHANNELS = ("sms", "phone", "wechat", "email", "app")
_CONSENT_WORDS = {
    **{channel: channel for channel in CHANNELS},
    "短信": "sms",
    "电话": "phone",
    "微信": "wechat",
    "邮件": "email",
    "邮箱": "email",
    "应用": "app",
}


def listed(cell: str) -> list[str]:
    """The parts of a list, split by `;` of either width."""
    return [part.strip() for part in cell.replace("；", ";").split(";") if part.strip()]


def consent(cell: str, _row: Row) -> str:
    """Channels that were agreed to, or the empty list for `none`."""
    parts = [folded(part) for part in listed(cell)]
    if parts in (["none"], ["无"]):
        return "{}"
    if not parts or not all(part in _CONSENT_WORDS for part in parts):
        raise Bad(Reason.UNKNOWN_WORD)
    return "{" + ",".join(sorted({_CONSENT_WORDS[part] for part in parts})) + "}"
