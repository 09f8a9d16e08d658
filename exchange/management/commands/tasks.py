"""`manage.py tasks --advisor CODE`: a person's call list in its order (EXCHANGE.md §2)."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils.translation import gettext as _

from alerts.choices import TaskKind
from alerts.models import Task
from alerts.selectors import in_list_order
from alerts.selectors.appointments import with_appointments
from exchange.explaining import priority
from exchange.management.options import add_store_and_day, chosen_stores
from lifecycle.reasons import task_reasons
from pipeline.selectors.days import latest_days
from stores.models import Staff
from stores.scope import ScopedQuerySet, all_stores


class Command(BaseCommand):
    help = "Prints a person's call list, in its order, with the reasons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--advisor", required=True, metavar="CODE", help="staff code")
        add_store_and_day(parser)

    def handle(self, **options: Any) -> None:
        person = Staff.objects.filter(code=options["advisor"]).first()
        if person is None:
            text = _("There is no staff member %(code)s.") % {"code": options["advisor"]}
            raise CommandError(text, returncode=2)
        with all_stores():
            stores = chosen_stores(options["store"])
            tasks = Task.objects.filter(owner=person, store__in=stores)
            listed = [_as_row(task, day) for task, day in _with_days(tasks, options["as_of"])]
        if options["json"]:
            self.stdout.write(json.dumps(listed, ensure_ascii=False, indent=2))
            return
        for place, row in enumerate(listed, start=1):
            self.stdout.write(f"{place:3} {_line(row)}")
            for reason in row["reasons"]:
                self.stdout.write(f"      {reason}")


def _with_days(tasks: ScopedQuerySet[Task], as_of: date | None) -> list[tuple[Task, date]]:
    """Tasks on the list of a day in its order, each with the day its reasons are told for."""
    if as_of is None:
        tasks = tasks.filter(closed_on=None)
    else:
        tasks = tasks.filter(opened_on__lte=as_of).filter(
            Q(closed_on=None) | Q(closed_on__gt=as_of)
        )
    related = ("vehicle__state", "vehicle__rollup", "customer", "owner", "store")
    found = list(in_list_order(with_appointments(tasks.select_related(*related))))
    days = latest_days({task.store_id for task in found})
    placed = [(task, as_of or days[task.store_id].on) for task in found]
    # What rests is not on the last day's list (TASK-4); since when it rests is not kept.
    return [
        (task, day) for task, day in placed if task.due_on <= day or day < days[task.store_id].on
    ]


def _as_row(task: Task, day: date) -> dict[str, Any]:
    return {
        "kind": task.kind,
        "vin": task.vehicle.vin,
        "customer": task.customer.external_id,
        "owner": task.owner.code if task.owner else None,
        "opened_on": task.opened_on.isoformat(),
        "due_on": task.due_on.isoformat(),
        "reasons": task_reasons(
            task.kind, task.vehicle.rollup, task.vehicle.state, day, task, task.store.timezone
        ),
        "priority": priority(vars(task)),
    }


def _line(row: dict[str, Any]) -> str:
    rank = row["priority"]
    worth = f"¥{rank['profit']:,.0f} × {rank['probability']:.0%}" if rank["group"] else "!"
    return f"{TaskKind(row['kind']).label} · {row['customer']} · {row['vin']} · {worth}"
