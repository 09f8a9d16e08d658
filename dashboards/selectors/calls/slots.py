"""Free times to offer on the phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.http import urlencode

from alerts.choices import Result
from common.dates import local_date
from customers.selectors import Slot, free_slots
from dashboards import presentation
from dashboards.selectors.calls.bar import Pick
from stores.models import Store

COUNT = 4


@dataclass(frozen=True)
class Slots:
    """Inputs of slots.html: the next free times, or those of one day."""

    picks: list[Pick]
    starts: list[datetime]
    # The day shown; None: the next ones.
    on: date | None
    today: date
    before: date | None = None
    after: date | None = None
    heading: str = ""


def slots_of(
    store: Store, now: datetime, came_at: Sequence[datetime], on: date | None = None
) -> Slots:
    """The next free times that suit who came at these times, or all of the day `on`; one query."""
    zone = store.timezone
    today = local_date(now, zone)
    if on is None:
        free = free_slots(store, now=now, came_at=came_at, count=COUNT)
        return Slots(_picks(free, zone), [slot.starts_at for slot in free], None, today)
    day = max(on, today)
    free = free_slots(store, now=now, on=day)
    return Slots(
        picks=_picks(free, zone, is_day=True),
        starts=[slot.starts_at for slot in free],
        on=day,
        today=today,
        before=day - timedelta(days=1) if day > today else None,
        after=day + timedelta(days=1),
        heading=presentation.day_title(day),
    )


def _picks(free: Iterable[Slot], zone: str, *, is_day: bool = False) -> list[Pick]:
    """The first nine have a digit as their key."""
    found = []
    for number, slot in enumerate(free, 1):
        local = slot.starts_at.astimezone(ZoneInfo(zone))
        label = f"{local:%H:%M}" if is_day else presentation.moment(local, zone)
        value = urlencode({"result": Result.BOOKED, "slot": local.isoformat()})
        found.append(Pick(label, value, str(number) if number < 10 else ""))
    return found
