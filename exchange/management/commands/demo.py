"""`manage.py demo`: a made-up dealer group with six years of history, ready to look at."""

import json
import secrets
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.formats import listing
from exchange.choices import FileKind
from exchange.demo import generate
from exchange.importing import load_file
from exchange.management.commands.serve import refuse_taken_port
from pipeline.choices import ChunkState, JobState
from pipeline.services import chunks, days
from pipeline.services.boards import count_boards
from stores.choices import Role
from stores.models import Staff, Store
from stores.scope import all_stores

# One person a role, in the order in which a newcomer looks: user name in the demo group and role.
USERS = {
    "zhoumin": Role.ADVISOR,
    "hefang": Role.SPECIALIST,
    "lintao": Role.MANAGER,
    "guoning": Role.ADMIN,
}
OTHERS_DATA = gettext_lazy(
    "This database holds stores that the demo did not make, so the demo leaves it alone.\n"
    "Use another folder for the demo: HUITOU_HOME=~/huitou-demo make demo"
)
FOUND = gettext_lazy(
    "The demo group is there already, with a history up to %(on)s; "
    "--fresh (with make: ARGS=--fresh) makes a new one up to today."
)


class Command(BaseCommand):
    help = "Prepares a made-up dealer group with its history and serves it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--vehicles", type=int, default=6000, help="size of the group")
        parser.add_argument("--seed", type=int, default=20260101, help="another one: other people")
        parser.add_argument("--no-serve", action="store_true", help="prepare only")
        parser.add_argument("--fresh", action="store_true", help="throw the demo data away first")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")

    def handle(self, *, no_serve: bool, host: str, port: int, **options: Any) -> None:
        if settings.SERVED:
            raise CommandError(_("The demo never runs on a served system."))
        if not no_serve:
            refuse_taken_port(host, port)
        self.home = Path(settings.HUITOU_HOME)
        with self._step(_("Preparing the database")):
            call_command("migrate", verbosity=0)
        with all_stores():
            notes = self._prepare(**options)
        self._introduce(notes)
        if not no_serve:
            call_command("serve", host=host, port=port)

    def _prepare(self, *, vehicles: int, seed: int, fresh: bool, **rest: Any) -> dict[str, Any]:
        """Make the demo data unless it is there; what an interrupted start left is taken up."""
        notes = self._notes()
        if not notes and Store.objects.exists():
            raise CommandError(str(OTHERS_DATA))
        if fresh and notes:
            with self._step(_("Throwing the old demo data away")):
                call_command("flush", interactive=False, verbosity=0)
            notes = {}
        if notes.get("is_ready") and Store.objects.exists():
            self.stdout.write(str(FOUND) % notes)
            return notes
        if not notes:
            notes = {"on": timezone.localdate().isoformat(), "seed": seed, "vehicles": vehicles}
            notes["passwords"] = {name: secrets.token_urlsafe(9) for name in USERS}
            self._keep(notes)
        self._build(notes)
        self._keep({**notes, "is_ready": True})
        return notes

    def _build(self, notes: dict[str, Any]) -> None:
        today = date.fromisoformat(notes["on"])
        folder = self.home / "demo"
        text = _("Imagining %(n)s cars, their owners and six years")
        with self._step(text % {"n": f"{notes['vehicles']:,}"}):
            generate(folder, today, seed=notes["seed"], vehicles=notes["vehicles"])
        for kind in FileKind:
            self._load(folder / f"{kind}.csv", kind)
        with self._step(_("Letting four people in")):
            _set_passwords(notes["passwords"])
        self._compute(today)

    def _load(self, path: Path, kind: FileKind) -> None:
        with self._step(_("Importing %(file)s") % {"file": path.name}) as result:
            file = load_file(path, kind)
            result.append(_("%(n)s rows") % {"n": f"{file.rows:,}"})
            if file.rejected:
                result.append(_("%(n)s rejected") % {"n": f"{file.rejected:,}"})

    def _compute(self, today: date) -> None:
        with self._step(_("Computing the day: due dates, risks, stages, call lists")):
            run = days.start_day(stores=list(Store.objects.filter(is_active=True)), on=today)
            # Only this run's: the reconstruction of the past is left to the worker.
            waiting = run.chunks.filter(state=ChunkState.WAITING)
            while (chunk := waiting.first()) and chunks.run_next("demo", chunk.pk):
                pass
        run.refresh_from_db()
        if run.state != JobState.DONE:
            errors = run.chunks.exclude(error="").values_list("error", flat=True)
            raise CommandError("\n".join([_("The day could not be computed."), *errors]))
        with self._step(_("Counting the boards")):
            # Past month-ends are judged by the worker meanwhile: two years of them take a while.
            count_boards()

    def _introduce(self, notes: dict[str, Any]) -> None:
        self.stdout.write("\n" + _("The demo group is ready. People who can sign in:") + "\n")
        for username, password in notes["passwords"].items():
            self.stdout.write(f"  {username:<10} {password:<14} {USERS[username].label}")
        self.stdout.write("")

    @contextmanager
    def _step(self, text: str) -> Iterator[list[str]]:
        """Say what is being done, and when it is done what came of it and how long it took."""
        result: list[str] = []
        started = time.monotonic()
        self.stdout.write(f"{text} … ", ending="")
        self.stdout.flush()
        yield result
        took = _("%(n)s s") % {"n": f"{time.monotonic() - started:.1f}"}
        self.stdout.write(listing([*result, took]))

    def _notes(self) -> dict[str, Any]:
        path = self.home / "demo.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}

    def _keep(self, notes: dict[str, Any]) -> None:
        path = self.home / "demo.json"
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(json.dumps(notes, indent=2), encoding="utf-8")


def _set_passwords(passwords: dict[str, str]) -> None:
    for username, password in passwords.items():
        person = Staff.objects.get(username=username)
        person.set_password(password)
        person.save(update_fields=["password"])
