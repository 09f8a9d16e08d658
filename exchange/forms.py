"""The upload form: several files at once, checked before anything is kept."""

import shutil
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError
from exchange.choices import FileKind
from exchange.services.uploads import Upload
from exchange.uploads import check_table, guessed_kind

MOST_FILES = 20


class ManyFilesInput(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """All files of the input; each is checked by the form."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        found = [one for one in (data or []) if one]
        if not found:
            raise forms.ValidationError(gettext("Choose at least one file."), code="required")
        return found


class UploadForm(forms.Form):
    """`uploads` holds the good files after cleaning, `refused` a sentence for each other one."""

    kind = forms.ChoiceField(
        label=_("What is in them"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    upload = ManyFilesField(
        label=_("Files"),
        widget=ManyFilesInput(attrs={"class": "form-control", "accept": ".csv,.xlsx"}),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, initial={"submission": uuid4()})
        kind: Any = self.fields["kind"]
        kind.choices = [("", gettext("as the file's name says")), *FileKind.choices]
        self.uploads: list[Upload] = []
        self.refused: list[str] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for place, file in enumerate(cleaned.get("upload", [])[:MOST_FILES]):
            try:
                self.uploads.append(self._checked(place, file))
            except DomainError as error:
                self.refused.append(self._told(file, error.code))
        if len(cleaned.get("upload", [])) > MOST_FILES:
            self.refused.append(gettext("At most {n} files at once.").format(n=MOST_FILES))
        if self.refused and not self.uploads:
            for sentence in self.refused:
                self.add_error("upload", sentence)
        return cleaned

    def _checked(self, place: int, file: "UploadedFile[Any]") -> Upload:
        if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
            raise DomainError("too_large", "the file is too large")
        if shutil.disk_usage(settings.HUITOU_HOME).free < _room_for(file):
            raise DomainError("no_room", "the disk is nearly full")
        name = str(file.name)
        extension = check_table(name, file.file)  # type: ignore[arg-type]
        chosen = self.cleaned_data.get("kind")
        kind = FileKind(chosen) if chosen else guessed_kind(name)
        if kind is None:
            raise DomainError("unknown_kind", "the name does not say what is in it")
        return Upload(place, file, kind, extension)

    def _told(self, file: "UploadedFile[Any]", code: str) -> str:
        sentences = {
            "too_large": gettext("{name}: larger than {most}."),
            "no_room": gettext("{name}: the server's disk is nearly full. Tell its administrator."),
            "empty_file": gettext("{name}: the file is empty."),
            "not_a_table": gettext("{name}: not a CSV file or Excel workbook (.csv, .xlsx)."),
            "unknown_kind": gettext("{name}: choose what is in it; its name does not say."),
        }
        most = filesizeformat(settings.UPLOAD_MAX_BYTES)
        return sentences[code].format(name=file.name, most=most)


def _room_for(file: "UploadedFile[Any]") -> int:
    """What the disk must have left to take a file; the rest is the database's (R45)."""
    return (file.size or 0) + int(settings.UPLOAD_RESERVE_BYTES)
