"""Sealed fields (R41) and blind indexes (R42).

A sealed value is AES-256-GCM over UTF-8: five bytes mark of the keys, 12 bytes nonce, ciphertext
and tag. It is bound to table, column and the row's own uid, so a ciphertext copied to another row
does not open.

Former keys open and find, only the present ones seal and index. The mark names the present *pair*
of field and index key: what stands beside a sealed value (digest, search indexes) is written with
it, so one look at the mark tells whether all of it is under the present keys.
"""

import hashlib
import hmac
import os
import unicodedata
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# The first byte of a mark. Values that begin with 1 are of before keys had marks, which had one
# byte there: any known key may be theirs.
MARKED, UNMARKED = 2, 1
MARK_BYTES, NONCE_BYTES = 5, 12


def _derived(secret: str, info: str, size: int = 32) -> bytes:
    return HKDF(SHA256(), size, None, info.encode()).derive(secret.encode())


@lru_cache(maxsize=8)
def _cipher(secret: str) -> AESGCM:
    return AESGCM(_derived(secret, "huitou field 1"))


@lru_cache(maxsize=32)
def _index_key(secret: str, purpose: str) -> bytes:
    return _derived(secret, f"huitou index {purpose}")


@lru_cache(maxsize=32)
def _mark(field_key: str, index_key: str) -> bytes:
    own = _derived(f"{field_key} {index_key}", "huitou keys", MARK_BYTES - 1)
    return bytes([MARKED]) + own


def present_mark() -> bytes:
    """How a value begins that was sealed with the keys in force."""
    return _mark(settings.FIELD_KEY, settings.INDEX_KEY)


def has_former_keys() -> bool:
    """Whether some values may still be under other keys than the present ones."""
    return bool(settings.FIELD_KEYS_FORMER or settings.INDEX_KEYS_FORMER)


def _field_keys(mark: bytes) -> list[str]:
    """All known ones; the one of `mark` first, and without a known mark the present one."""
    keys = [settings.FIELD_KEY, *settings.FIELD_KEYS_FORMER]
    pairs = [settings.INDEX_KEY, *settings.INDEX_KEYS_FORMER]
    return sorted(keys, key=lambda key: all(_mark(key, index) != mark for index in pairs))


def _bound_to(table: str, column: str, uid: UUID) -> bytes:
    return f"{table}|{column}|".encode() + uid.bytes


def seal(table: str, column: str, uid: UUID, plain: str) -> bytes:
    """The sealed form of `plain` for this table, column and row; empty text seals to b''."""
    if not plain:
        return b""
    nonce = os.urandom(NONCE_BYTES)
    cipher = _cipher(settings.FIELD_KEY)
    return (
        present_mark()
        + nonce
        + cipher.encrypt(nonce, plain.encode(), _bound_to(table, column, uid))
    )


def unseal(table: str, column: str, uid: UUID, sealed: bytes | memoryview | None) -> str:
    """The text of a sealed value; raises cryptography's InvalidTag for one of another row."""
    raw = bytes(sealed or b"")
    if not raw:
        return ""
    at = 1 if raw[0] == UNMARKED else MARK_BYTES
    nonce, body = raw[at : at + NONCE_BYTES], raw[at + NONCE_BYTES :]
    for key in _field_keys(raw[:at]):
        try:
            return _cipher(key).decrypt(nonce, body, _bound_to(table, column, uid)).decode()
        except InvalidTag:
            continue
    raise InvalidTag


def blind_index(purpose: str, value: str, size: int = 16) -> bytes:
    """A keyed digest of a normalised value for equality search; `purpose` separates the keys."""
    return blind_indexes(purpose, value, size)[0]


def blind_indexes(purpose: str, value: str, size: int = 16) -> list[bytes]:
    """Under each known key, the present one first: what a search has to look for."""
    if not value:
        return [b""]
    return [
        hmac.new(_index_key(key, purpose), value.encode(), hashlib.sha256).digest()[:size]
        for key in (settings.INDEX_KEY, *settings.INDEX_KEYS_FORMER)
    ]


def digest(parts: list[str | None]) -> bytes:
    """A keyed digest of a row's normalised source values: equal digests mean nothing changed."""
    joined = "\x1f".join("\x00" if part is None else part for part in parts)
    key = _index_key(settings.INDEX_KEY, "source row")
    return hmac.new(key, joined.encode(), hashlib.sha256).digest()[:16]


def normal_phone(text: str) -> str:
    """Digits of a phone number, without separators, width variants and the country code 86."""
    folded = unicodedata.normalize("NFKC", text)
    digits = "".join(ch for ch in folded if ch.isdigit())
    if folded.strip().startswith(("+86", "0086")) or (len(digits) == 13 and digits[:2] == "86"):
        digits = digits.removeprefix("00").removeprefix("86")
    return digits


def is_phone(digits: str) -> bool:
    """Whether normalised digits are a Chinese mobile or landline number."""
    if len(digits) == 11 and digits[0] == "1":
        return digits[1] in "3456789"
    if len(digits) in {10, 11, 12} and digits[0] == "0":
        return digits[1] in "123456789"
    return (
        len(digits) in {7, 8}
        and digits[0] in "2345678"
        or (len(digits) == 10 and digits[:3] in {"400", "800"})
    )


def masked_phone(digits: str) -> str:
    """`138****1234`; shorter numbers keep only the last two digits."""
    if len(digits) >= 10:
        return f"{digits[:3]}****{digits[-4:]}"
    return "****" + digits[-2:] if digits else ""
