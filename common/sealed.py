"""Files that only their key opens (R44): AES-256-GCM in pieces, written and read as a stream.

The head is FORMAT, the key's mark, a salt; then come pieces: four bytes of length, sealed bytes.
Each file has a key of its own (HKDF of key and salt), so a piece's number is its nonce, and the
head is sealed into every piece. The last piece says in its nonce that it is the last and holds
facts about the others. So what is changed, cut off, doubled, put elsewhere or taken from another
file does not open.
"""

import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext as _

from common.exceptions import DomainError

FORMAT = b"HUITOU SEALED 1\n"
MARK_BYTES, SALT_BYTES, LENGTH_BYTES, TAG_BYTES = 8, 32, 4, 16
HEAD_BYTES = len(FORMAT) + MARK_BYTES + SALT_BYTES
PIECE = 1 << 20


def mark(secret: str) -> bytes:
    """What tells one key from another without telling anything about it."""
    return hmac.new(secret.encode(), b"huitou backup key", hashlib.sha256).digest()[:MARK_BYTES]


class Sealer:
    """Seals what is written to it; holds one piece in memory, however long the file."""

    def __init__(self, file: IO[bytes], secret: str) -> None:
        salt = os.urandom(SALT_BYTES)
        self._file, self._held, self._count = file, bytearray(), 0
        self._head = FORMAT + mark(secret) + salt
        self._cipher = _cipher(secret, salt)
        self._digest = hashlib.sha256(self._head)
        file.write(self._head)

    def write(self, content: bytes) -> int:
        self._held += content
        while len(self._held) >= PIECE:
            self._put(bytes(self._held[:PIECE]), is_last=False)
            del self._held[:PIECE]
        return len(content)

    def finish(self, facts: bytes) -> str:
        """End the file with `facts`, on the disk; returns the SHA-256 of all of it."""
        if self._held:
            self._put(bytes(self._held), is_last=False)
        self._put(facts, is_last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._digest.hexdigest()

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._count, is_last=is_last), plain, self._head)
        content = len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed
        self._digest.update(content)
        self._file.write(content)
        self._count += 1


def pieces(path: Path, secret: str) -> Iterator[bytes]:
    """The content of a sealed file without its facts; raises as `facts` does, at that place."""
    return (plain for plain, is_last in _opened(path, secret) if not is_last)


def facts(path: Path, secret: str) -> bytes:
    """The facts at the end of a file of which not a bit differs from what was sealed.

    Reads all of it. Raises DomainError: "damaged", "other_backup_key", "unsealed", "unreadable".
    """
    found = b""
    for plain, _is_last in _opened(path, secret):
        found = plain
    return found


def _opened(path: Path, secret: str) -> Iterator[tuple[bytes, bool]]:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            _refuse_head(path, head, secret)
            cipher = _cipher(secret, head[-SALT_BYTES:])
            is_last, count = False, 0
            while not is_last:
                plain, is_last = _next(path, file, cipher, head, count)
                yield plain, is_last
                count += 1
            if file.read(1):
                raise damaged(path)
    except OSError as error:
        text = _("%(path)s cannot be read: %(why)s.")
        raise DomainError("unreadable", text % {"path": path, "why": error.strerror}) from error


def _next(
    path: Path, file: IO[bytes], cipher: AESGCM, head: bytes, count: int
) -> tuple[bytes, bool]:
    """The next piece and whether it is the last: the one of two nonces that opens it."""
    length = int.from_bytes(file.read(LENGTH_BYTES), "big")
    if not TAG_BYTES <= length <= PIECE + TAG_BYTES:
        raise damaged(path)
    sealed = file.read(length)
    if len(sealed) != length:
        raise damaged(path)
    for is_last in (False, True):
        try:
            return cipher.decrypt(_nonce(count, is_last=is_last), sealed, head), is_last
        except InvalidTag:
            continue
    raise damaged(path)


def _refuse_head(path: Path, head: bytes, secret: str) -> None:
    if len(head) < HEAD_BYTES:
        raise damaged(path)
    if not head.startswith(FORMAT):
        text = _(
            "%(path)s is not a sealed backup. Was it made before backups were sealed? Then tar and"
            " pg_restore open it: see docs/running.md."
        )
        raise DomainError("unsealed", text % {"path": path})
    if not hmac.compare_digest(head[len(FORMAT) : -SALT_BYTES], mark(secret)):
        text = _(
            "%(path)s was sealed with another HUITOU_BACKUP_KEY: put the key of that time in place."
        )
        raise DomainError("other_backup_key", text % {"path": path})


def damaged(path: Path) -> DomainError:
    """The refusal of a file that is not what was written."""
    text = _("%(path)s is damaged: it is not what was written.")
    return DomainError("damaged", text % {"path": path})


def _cipher(secret: str, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"huitou sealed file 1").derive(secret.encode()))


def _nonce(count: int, *, is_last: bool) -> bytes:
    return bytes([is_last]) + count.to_bytes(11, "big")
