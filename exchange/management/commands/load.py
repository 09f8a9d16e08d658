"""`manage.py load`: imports files of the ten kinds (EXCHANGE.md §2)."""

import json
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.exceptions import DomainError
from common.formats import listing
from customers.choices import FindingKind
from exchange.choices import FileKind
from exchange.importing import Fallen, load_file, reason_text, rejected_rows_csv
from exchange.models import ImportFile, ImportRejection

SUFFIXES = (".csv", ".xlsx")
SHOWN = 10


class Command(BaseCommand):
    help = "Imports files: load KIND FILE…, or load --dir FOLDER for all known files of a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", nargs="?", choices=FileKind.values, help="what the files hold")
        parser.add_argument("files", nargs="*", type=Path, help="CSV or .xlsx files")
        parser.add_argument("--dir", type=Path, help="a folder of files named by their kind")
        parser.add_argument("--store", action="append", help="take rows of this store only")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day of receipt")
        parser.add_argument("--rejects", type=Path, help="write the rejected rows to this file")
        parser.add_argument("--json", action="store_true", help="machine-readable summary")

    def handle(self, **options: Any) -> None:
        work = _work(options["kind"], options["files"], options["dir"])
        if options["rejects"] and len(work) > 1:
            raise CommandError(_("--rejects takes the rows of one file only."), returncode=2)
        stores = frozenset(options["store"]) if options["store"] else None
        fallen, records, failed = Fallen(), [], []
        for kind, path in work:
            try:
                records.append(self._load(path, kind, fallen, stores, options))
            except DomainError as error:
                failed.append({"file": path.name, "kind": kind, "error": error.message})
                self.stderr.write(f"{path.name}: {error.message}")
        if options["json"]:
            self.stdout.write(json.dumps({"files": [*map(summary, records), *failed]}, indent=2,
                                         ensure_ascii=False))  # fmt: skip
        if failed:
            sys.exit(2)
        if any(record.rejected or record.warned for record in records):
            sys.exit(1)

    def _load(
        self,
        path: Path,
        kind: str,
        fallen: Fallen,
        stores: frozenset[str] | None,
        options: dict[str, Any],
    ) -> ImportFile:
        is_quiet = options["json"] or not sys.stderr.isatty()
        record = load_file(
            path,
            kind,
            stores=stores,
            on=options["as_of"],
            fallen=fallen,
            progress=None if is_quiet else self._draw,
        )
        if options["rejects"] and record.rejected:
            with options["rejects"].open("w", encoding="utf-8", newline="") as out:
                out.writelines(rejected_rows_csv(record))
        if not options["json"]:
            self._tell(record)
        return record

    def _draw(self, record: ImportFile) -> None:
        """One line on the terminal that is written over."""
        if record.state == "done":
            line = ""
        elif not record.handled:
            line = _("%(name)s: %(n)d rows read") % {"name": record.name, "n": record.rows}
        else:
            share = record.handled * 30 // max(record.rows, 1)
            line = f"{record.name} [{'#' * share:30}] {record.handled:,} / {record.rows:,}"
        self.stderr.write(f"\r\033[K{line}", ending="")
        self.stderr.flush()

    def _tell(self, record: ImportFile) -> None:
        write = self.stdout.write
        write(_counts(record))
        for kind, count in record.warnings.items():
            write(f"  {FindingKind(kind).label}: {count:,}")
        if record.ignored_columns:
            names = listing(record.ignored_columns)
            write("  " + _("Columns passed over: %(names)s") % {"names": names})
        if record.rows and record.unchanged == record.rows:
            write("  " + _("Nothing new: every row was known already."))
        for one in _first_rejections(record):
            write("  " + _line(record, one))
        if record.rejected > SHOWN:
            more = record.rejected - SHOWN
            write("  " + ngettext("%(n)d more", "%(n)d more", more) % {"n": more})


def _work(kind: str | None, files: list[Path], folder: Path | None) -> list[tuple[str, Path]]:
    """The files to load, in the order in which they need each other."""
    if folder is not None:
        if kind or files:
            raise CommandError(_("Give either a kind and files, or --dir."), returncode=2)
        return _known_files(folder)
    if not kind or not files:
        raise CommandError(_("Name the kind of file and at least one file."), returncode=2)
    return [(kind, path) for path in files]


def _known_files(folder: Path) -> list[tuple[str, Path]]:
    if not folder.is_dir():
        raise CommandError(_("There is no such folder."), returncode=2)
    present = {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_file()}
    names = [(kind, kind + suffix) for kind in FileKind.values for suffix in SUFFIXES]
    found = [(kind, present[name]) for kind, name in names if name in present]
    if not found:
        raise CommandError(_("The folder holds no file named by its kind."), returncode=2)
    return found


def _counts(record: ImportFile) -> str:
    return _(
        "%(name)s: %(rows)s rows: %(created)s new, %(updated)s updated, %(unchanged)s unchanged,"
        " %(rejected)s rejected, %(warned)s with a warning"
    ) % {
        "name": record.name,
        **{
            name: f"{getattr(record, name):,}"
            for name in ("rows", "created", "updated", "unchanged", "rejected", "warned")
        },
    }


def _first_rejections(record: ImportFile) -> list[ImportRejection]:
    return list(ImportRejection.objects.filter(file=record).order_by("line")[:SHOWN])


def _line(record: ImportFile, one: ImportRejection) -> str:
    where = _("%(file)s line %(line)d, %(column)s") % {
        "file": record.name,
        "line": one.line,
        "column": one.column or _("row"),
    }
    return f"{where}: {one.value_masked or '–'} — {reason_text(one.reason)}"


def summary(record: ImportFile) -> dict[str, Any]:
    """What `--json` says of a file."""
    return {
        "file": record.name,
        "kind": record.kind,
        "id": record.pk,
        "rows": record.rows,
        "created": record.created,
        "updated": record.updated,
        "unchanged": record.unchanged,
        "rejected": record.rejected,
        "warned": record.warned,
        "warnings": record.warnings,
        "ignored_columns": record.ignored_columns,
        "rejections": [
            {
                "line": one.line,
                "column": one.column,
                "value": one.value_masked,
                "code": one.reason,
                "reason": reason_text(one.reason),
            }
            for one in ImportRejection.objects.filter(file=record).order_by("line")[:1000]
        ],
    }
