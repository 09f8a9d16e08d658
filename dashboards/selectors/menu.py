"""The number at "Today's calls": the cards of the person's list, asked on every page."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from alerts.models import Task
from alerts.policies import TaskPolicy
from alerts.rules.capacity import places_of
from alerts.selectors import open_tasks
from alerts.selectors.lost import lost_count
from alerts.selectors.progress import recorded
from common.dates import local_date
from pipeline.models import StoreDay
from stores.access import Reader
from stores.choices import Role
from stores.models import Staff

# As `_day`, in the words of the lost customers' own statement.
_DAY = """coalesce((SELECT max(d."on") FROM pipeline_storeday d
                    WHERE d.store_id = ANY(%(stores)s::bigint[])), %(on)s::date)"""
# So many lost customers are counted at first: more than a day's capacity as shipped.
ENOUGH = 100


def cards_on_list(reader: Reader, now: datetime) -> int:
    """What the list shows and counts, whether it fits today or not; one query.

    A specialist's lost customers count as far as there are places for them; who has more places
    than ENOUGH costs a second query.
    """
    day = _day(reader)
    if reader.role != Role.SPECIALIST or not reader.stores:
        mine = Task.objects.filter(owner=reader.staff, closed_on__isnull=True, due_on__lte=day)
        return int(mine.aggregate(cards=Count("customer", distinct=True))["cards"])
    found = _specialists(reader, day, now, ENOUGH)
    places = _places(found)
    if found["lost"] == ENOUGH < places:
        found = _specialists(reader, day, now, places)
    return int(found["cards"]) + min(places, int(found["lost"]))


def _day(reader: Reader) -> Any:
    """The day the list is of (dashboards.selectors.calls.list_day), as an expression."""
    newest = StoreDay.objects.filter(store_id__in=reader.store_ids).order_by("-on")
    return Coalesce(Subquery(newest.values("on")[:1]), Value(timezone.localdate()))


def _specialists(reader: Reader, day: Any, now: datetime, most: int) -> dict[str, Any]:
    """Cards, the calls among them, customers dealt with, lost ones (at most `most`), settings."""
    me, store = reader.staff, reader.stores[0]
    tasks: Any = open_tasks(day).filter(owner=me)
    on = local_date(now, store.timezone)
    done = recorded(on).filter(staff=me, is_back=False).values("staff_id")
    settings = StoreDay.objects.filter(store=store).order_by("-on").values("policy_set__values")
    found: Any = (
        Staff.objects.filter(pk=me.pk)
        .values(
            cards=_people(tasks.values("owner_id")),
            calls=_people(tasks.filter(is_with_manager=False).values("owner_id")),
            done=_people(done),
            lost=lost_count(me, reader.store_ids, on, most, day=_DAY),
            settings=Subquery(settings[:1]),
        )
        .get()
    )
    return dict(found)


def _people(rows: Any) -> Any:
    """How many customers rows grouped by one person are about."""
    counted = rows.order_by().annotate(people=Count("customer", distinct=True))
    return Coalesce(Subquery(counted.values("people")), 0)


def _places(found: dict[str, Any]) -> int:
    """For lost customers: what the calls of the list leave of the day."""
    policy: TaskPolicy = TaskPolicy.from_json((found["settings"] or {}).get("task", {}))
    places = places_of(policy.specialist_capacity, found["done"])
    return max(0, places - int(found["calls"]))
