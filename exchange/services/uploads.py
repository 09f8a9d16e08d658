"""Taking uploaded files in: stored under a random name, waiting for a worker as a row."""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from common.wakeup import wake
from exchange.choices import FileKind, ImportState
from exchange.models import ImportFile
from stores.access import Reader
from stores.choices import AuditAction
from stores.services import audit

IMPORT_FILE = "exchange.tasks.import_file"
FOLDER = "uploads"


@dataclass(frozen=True)
class Upload:
    """A checked file: a table of this kind; `place` is its position in the form."""

    place: int
    file: "UploadedFile[Any]"
    kind: FileKind
    extension: str


def receive(uploads: Iterable[Upload], submission: UUID, reader: Reader) -> list[ImportFile]:
    """A waiting import for every upload, in the order in which the files load.

    The same submission sent twice (a double click) makes nothing new.
    """
    kinds = list(FileKind)
    ordered = sorted(uploads, key=lambda upload: (kinds.index(upload.kind), upload.place))
    numbered = [(uuid5(submission, f"{reader.staff.pk} {one.place}"), one) for one in ordered]
    found = ImportFile.objects.filter(upload_uid__in=[uid for uid, _one in numbered])
    known = set(found.values_list("upload_uid", flat=True))
    received = (_receive(one, uid, reader) for uid, one in numbered if uid not in known)
    return [one for one in received if one is not None]


def _receive(upload: Upload, uid: UUID, reader: Reader) -> ImportFile | None:
    path = _store(upload)
    try:
        with transaction.atomic():
            record = ImportFile.objects.create(
                upload_uid=uid,
                group=reader.staff.group,
                kind=upload.kind,
                name=str(upload.file.name)[-200:],
                path=path.relative_to(settings.HUITOU_HOME).as_posix(),
                state=ImportState.WAITING,
                uploaded_by=reader.staff,
            )
            _record(record, reader)
            wake(IMPORT_FILE, record.pk)
    except IntegrityError:
        # Its twin of the same moment was quicker and has a copy of its own.
        path.unlink(missing_ok=True)
        return None
    return record


def _record(record: ImportFile, reader: Reader) -> None:
    audit.record(
        actor=reader.staff,
        action=AuditAction.IMPORTED,
        thing="importfile",
        thing_id=record.pk,
        detail={"kind": record.kind},
    )


def _store(upload: Upload) -> Path:
    folder = Path(settings.HUITOU_HOME) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}{upload.extension}"
    upload.file.seek(0)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as target:
            for part in upload.file.chunks():
                target.write(part)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path
