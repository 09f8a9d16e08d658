"""Sealed fields (R41) and blind indexes (R42).

A sealed value is AES-256-GCM over UTF-8: one byte key id, 12 bytes nonce, ciphertext and tag. It is
bound to table, column and the row's own uid, so a ciphertext copied to another row does not open.
"""

import hashlib
import hmac
import os
import unicodedata
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_ID = 1


@lru_cache(maxsize=8)
def _cipher(secret: str, key_id: int) -> AESGCM:
    info = f"huitou field {key_id}".encode()
    return AESGCM(HKDF(SHA256(), 32, None, info).derive(secret.encode()))


@lru_cache(maxsize=32)
def _index_key(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"huitou index {purpose}".encode()).derive(secret.encode())


def _bound_to(table: str, column: str, uid: UUID) -> bytes:
    return f"{table}|{column}|".encode() + uid.bytes


def seal(table: str, column: str, uid: UUID, plain: str) -> bytes:
    """The sealed form of `plain` for this table, column and row; empty text seals to b''."""
    if not plain:
        return b""
    nonce = os.urandom(12)
    cipher = _cipher(settings.FIELD_KEY, KEY_ID)
    body = cipher.encrypt(nonce, plain.encode(), _bound_to(table, column, uid))
    return bytes([KEY_ID]) + nonce + body


def unseal(table: str, column: str, uid: UUID, sealed: bytes | memoryview | None) -> str:
    """The text of a sealed value; raises cryptography's InvalidTag for one of another row."""
    raw = bytes(sealed or b"")
    if not raw:
        return ""
    cipher = _cipher(settings.FIELD_KEY, raw[0])
    return cipher.decrypt(raw[1:13], raw[13:], _bound_to(table, column, uid)).decode()


def blind_index(purpose: str, value: str, size: int = 16) -> bytes:
    """A keyed digest of a normalised value for equality search; `purpose` separates the keys."""
    if not value:
        return b""
    key = _index_key(settings.INDEX_KEY, purpose)
    return hmac.new(key, value.encode(), hashlib.sha256).digest()[:size]


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
