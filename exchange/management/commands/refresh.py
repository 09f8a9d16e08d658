"""`manage.py refresh`: the day's computation of the stores, now (EXCHANGE.md §2)."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.exceptions import DomainError
from common.formats import listing
from exchange.management.options import add_store_and_day, by_day, chosen_stores
from pipeline.choices import ChunkState, JobState
from pipeline.models import JobRun
from pipeline.services import chunks, days
from pipeline.services.boards import count_boards
from pipeline.services.hindsight import judge_months
from stores.models import Store
from stores.scope import all_stores

# What a run counts, by the names in its chunks.
COUNTS = {
    "vehicles": gettext_lazy("cars read"),
    "states_written": gettext_lazy("cars changed"),
    "states_unchanged": gettext_lazy("cars unchanged"),
    "rollups_read": gettext_lazy("histories read"),
    "rollups_written": gettext_lazy("histories summed anew"),
    "customers_written": gettext_lazy("customers changed"),
    "segments_written": gettext_lazy("segments changed"),
    "warnings_opened": gettext_lazy("warnings opened"),
    "warnings_closed": gettext_lazy("warnings closed"),
    "tasks_opened": gettext_lazy("tasks opened"),
    "tasks_closed": gettext_lazy("tasks closed"),
    "tasks_changed": gettext_lazy("tasks changed"),
    "screened": gettext_lazy("screened for pre-churn"),
}

ENDED = (ChunkState.DONE, ChunkState.QUARANTINED)


class Command(BaseCommand):
    help = "Computes the stores' day; safe to run again or to interrupt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_store_and_day(parser)

    def handle(self, **options: Any) -> None:
        with all_stores():
            stores = chosen_stores(options["store"])
            runs = [
                self._run(of_day, day, options["json"])
                for day, of_day in by_day(stores, options["as_of"]).items()
            ]
            count_boards()
            if judge_months():
                count_boards()
        if options["json"]:
            self.stdout.write(json.dumps({"runs": runs}, ensure_ascii=False, indent=2))
        if any(run["state"] != JobState.DONE for run in runs):
            sys.exit(1)

    def _run(self, stores: list[Store], day: date, is_quiet: bool) -> dict[str, Any]:
        try:
            run = days.start_day(stores=stores, on=day)
        except DomainError as error:
            raise CommandError(error.message, returncode=2) from error
        worker = f"refresh {os.getpid()}"
        waiting = run.chunks.exclude(state__in=ENDED).order_by("id")
        total = waiting.count()
        while left := list(waiting.values_list("id", flat=True)):
            if not any(chunks.run_next(worker, chunk_id) for chunk_id in left):
                # Somebody else is at it, or was killed a moment ago: soon it is done or free.
                time.sleep(0.5)
            done = total - waiting.count()
            if not is_quiet and total > 1 and sys.stderr.isatty():
                self.stderr.write(f"\r{done}/{total}", ending="" if done < total else "\n")
        run.refresh_from_db()
        result = _result(run, stores)
        if not is_quiet:
            self._tell(run, result)
        return result

    def _tell(self, run: JobRun, result: dict[str, Any]) -> None:
        head = _("%(day)s: %(state)s") % {
            "day": result["as_of"],
            "state": JobState(run.state).label,
        }
        self.stdout.write(f"{head} · {listing(result['stores'])}")
        for name, count in result["counts"].items():
            facts = {"what": COUNTS.get(name, name), "n": f"{count:,}"}
            self.stdout.write("  " + _("%(what)s: %(n)s") % facts)
        for error in result["errors"]:
            self.stderr.write(error)


def _result(run: JobRun, stores: list[Store]) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for chunk in run.chunks.filter(state=ChunkState.DONE):
        counts.update(chunk.counts)
    return {
        "as_of": run.business_date.isoformat(),
        "stores": [store.code for store in stores],
        "attempt": run.attempt,
        "state": run.state,
        "counts": dict(counts),
        "errors": list(run.chunks.exclude(error="").values_list("error", flat=True)),
    }
