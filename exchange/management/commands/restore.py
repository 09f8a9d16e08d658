"""`manage.py restore FILE`: a backup back into an empty database, and proof that it works."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import backup_file, backups
from common import postgres_programs as programs
from common.exceptions import DomainError
from customers.models import Customer
from pipeline.models import StoreDay
from stores.scope import all_stores

ALIAS = "restored"


class Command(BaseCommand):
    help = "Loads a backup into an empty database and looks whether it can be used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` wrote")
        target = parser.add_mutually_exclusive_group()
        target.add_argument("--into", metavar="DATABASE", help="another database; made if missing")
        target.add_argument("--force", action="store_true", help="replace what is there")
        target.add_argument("--dump", type=Path, help="only open it, into a file for pg_restore")
        parser.add_argument(
            "--without-keys", action="store_true", help="go on where the keys are other ones"
        )

    def handle(
        self,
        *,
        file: Path,
        into: str | None,
        force: bool,
        dump: Path | None,
        without_keys: bool,
        **options: Any,
    ) -> None:
        try:
            manifest = backups.read(file)
            if dump:
                _open(file, dump)
                return
            backups.refuse_newer(manifest, _known())
            if not without_keys:
                backups.refuse_other_keys(manifest)
            with _target(into) as target:
                backups.restore(file, manifest, target, replace=force)
                opens = self._report(manifest, target)
        except DomainError as error:
            raise CommandError(error.message + _hint(error)) from error
        if not (opens or without_keys):
            raise CommandError(_("The data are back, but the keys do not open them."))

    def _report(self, manifest: backups.Manifest, target: BaseDatabaseWrapper) -> bool:
        """Says what is there; False when a phone number does not open."""
        text = _("%(tables)d tables with %(rows)s rows are back, as they were on %(when)s.")
        self.stdout.write(
            text
            % {
                "tables": len(manifest.tables),
                "rows": f"{manifest.rows:,}",
                "when": manifest.made_at,
            }
        )
        missing = len(MigrationExecutor(target).migration_plan(_leaves(target)))
        if missing:
            text = ngettext(
                "%(n)d change of the tables is still to come: run manage.py migrate.",
                "%(n)d changes of the tables are still to come: run manage.py migrate.",
                missing,
            )
            self.stdout.write(text % {"n": missing})
            return True  # the models speak of columns that are not there yet
        with all_stores():
            text, opens = _phone(target.alias)
            self.stdout.write(text)
            self.stdout.write(_newest_day(target.alias))
        return opens


def _open(file: Path, dump: Path) -> None:
    with backup_file.draft(dump) as target:
        for piece in iter(backups.dump_of(file), b""):
            target.write(piece)


def _leaves(target: BaseDatabaseWrapper) -> Any:
    return MigrationExecutor(target).loader.graph.leaf_nodes()


def _known() -> set[str]:
    """Every migration of this program."""
    loader = MigrationExecutor(connection).loader
    return {f"{app}.{name}" for app, name in loader.disk_migrations or {}}


@contextmanager
def _target(into: str | None) -> Iterator[BaseDatabaseWrapper]:
    """The configured database, or the one named; one that was made here goes if it fails."""
    if into is None:
        yield connection
        return
    if not programs.is_plain(into):
        raise CommandError(_("A database's name has small letters, digits and underscores."))
    is_new = _make(into)
    connections.databases[ALIAS] = {**connection.settings_dict, "NAME": into}
    target = connections[ALIAS]
    try:
        yield target
    except BaseException:
        target.close()
        if is_new:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{into}"')
        raise
    finally:
        target.close()
        del connections[ALIAS], connections.databases[ALIAS]


def _make(name: str) -> bool:
    """Whether the database was missing and has been made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return False
        cursor.execute(
            f"""CREATE DATABASE "{name}"
                TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"""
        )
        return True


def _hint(error: DomainError) -> str:
    hints = {
        "not_empty": _("Restore beside it with --into NAME, or replace it with --force."),
        "other_keys": _("To go on all the same: --without-keys."),
    }
    return f" {hints[error.code]}" if error.code in hints else ""


def _phone(alias: str) -> tuple[str, bool]:
    """Whether a sealed number opens, without saying which."""
    sealed = Customer.objects.using(alias).exclude(phone_sealed=b"").order_by("-id").first()
    if sealed is None:
        return _("No customer has a phone number."), True
    try:
        opens = bool(sealed.phone)
    except InvalidTag:
        opens = False
    if opens:
        text = _("The phone number of customer %(id)d opens.")
    else:
        text = _("The phone number of customer %(id)d does NOT open: the keys are other ones.")
    return text % {"id": sealed.pk}, opens


def _newest_day(alias: str) -> str:
    day = StoreDay.objects.using(alias).select_related("store").order_by("-on", "-id").first()
    if day is None:
        return _("No store's day has been computed.")
    facts = {"day": day.on.isoformat(), "store": day.store.code}
    return _("The newest list is that of %(day)s (store %(store)s).") % facts
