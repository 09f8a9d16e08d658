"""What a board is asked for: stores, period and one split, all in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy

from common.dates import local_date
from customers.choices import Powertrain
from dashboards.selectors.boards.words import BANDS
from lifecycle.boards import CARS, SPLITS
from lifecycle.models import BoardCell
from lifecycle.rules import periods
from lifecycle.rules.periods import Period
from lifecycle.selectors import Stamp, models_of, stamp
from pipeline.boards import BOARDS
from stores.access import Reader
from stores.choices import Role
from stores.models import Staff, Store

PERIODS = {
    "12m": gettext_lazy("Last 12 months"),
    "6m": gettext_lazy("Last 6 months"),
    "3m": gettext_lazy("Last 3 months"),
}
MOST_ADVISORS = 60


@dataclass(frozen=True)
class Asked:
    """The question of a board; `value` of the split: an advisor's id, a model, a powertrain, a band
    of satisfaction.

    `stamp.as_of` is None before the first night; `now` and `before` are then of today.
    """

    stores: list[Store]
    code: str
    split: str
    value: Any
    stamp: Stamp
    now: Period
    before: Period

    @property
    def store_ids(self) -> list[int]:
        return [store.pk for store in self.stores]

    @property
    def as_of(self) -> date | None:
        return self.stamp.as_of

    @property
    def today(self) -> date:
        """The local date at the first store."""
        return _today(self.stores)

    @property
    def store(self) -> Store | None:
        """The one store, None when several are asked for."""
        return self.stores[0] if len(self.stores) == 1 else None

    @property
    def query(self) -> str:
        """The question as the end of an address, without a question mark."""
        return self.query_with()

    def query_with(self, **more: Any) -> str:
        """The same question with more or other parts."""
        return urlencode({**self._parts, **more})

    @cached_property
    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] = {"period": self.code}
        if self.store:
            parts["store"] = self.store.code
        if self.split:
            parts[self.split] = self.value
        return parts

    @cached_property
    def _people_at(self) -> str:
        # A page of cohorts has hundreds of such links.
        return reverse("board_people")

    def without_split(self) -> "Asked":
        """The same of everybody: for boards that are not parted."""
        return replace(self, split="", value=None)

    def parts(self, board: str) -> bool:
        """Whether the board is counted by the split asked for."""
        return not self.split or self.split in BOARDS[board].splits

    def people(self, board: str, **marks: Any) -> str:
        """Where the people behind a figure are listed.

        `marks`: item (item_from, item_to: these and all between), part, part_from (that part or
        later, as of cohorts), hit (0 or 1), and
        from_month, to_month (inclusive) or stretch (12m, 12m-1); what is left out is any. Empty
        where the board is not parted by the split: the page has no figure to open.
        """
        if not self.parts(board):
            return ""
        return f"{self._people_at}?{self.query_with(board=board, **marks)}"

    def people_in(self, board: str, period: Period | None = None, **marks: Any) -> str:
        """As `people`, of the months of a period (default: the one asked for)."""
        period = period or self.now
        if period.code != "all":
            marks = {"from_month": period.first, "to_month": period.last, **marks}
        return self.people(board, **marks)


def asked(reader: Reader, given: Mapping[str, str], today: date | None = None) -> Asked:
    """The question in an address; what is not in it takes the default, all of the reader's stores.

    Raises Http404 for a store out of reach, as for one that does not exist.
    """
    stores = _stores(reader, given.get("store", ""))
    found = stamp([store.pk for store in stores], BOARDS)
    code = given.get("period", "")
    code = code if code in PERIODS else periods.DEFAULT
    on = found.as_of or today or _today(stores)
    split, value = _split(given)
    return Asked(
        stores,
        code,
        split,
        value,
        found,
        periods.period(code, on),
        periods.period(code, on, before=True),
    )


def choices_of(question: Asked, splits: Iterable[str] = CARS) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: {split: (value, label)}; a query each for advisors and models.

    What is asked for is always among them, offered or not: no page is parted unseen.
    """
    asked_for = [question.split] if question.split else []
    return {
        split: _with_asked(question, split, _OFFERED[split](question))
        for split in SPLITS
        if split in {*splits, *asked_for}
    }


def _models(question: Asked) -> list[tuple[str, str]]:
    return [(name, name) for name in models_of(question.store_ids)]


def _powertrains(question: Asked) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in Powertrain.choices]


def _bands(question: Asked) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in BANDS.items()]


def _advisors(question: Asked) -> list[tuple[str, str]]:
    """Advisors of the stores, and whoever else their cars were counted under.

    Advisors are a store's: over several stores they are offered while a list of them can be read.
    """
    counted = BoardCell.objects.filter(store__in=question.store_ids, board="cars", split="advisor")
    staff = Staff.objects.filter(
        Q(role=Role.ADVISOR, staffstore__store__in=question.store_ids)
        | Q(pk__in=counted.values("advisor"))
    )
    named = staff.distinct().order_by("name", "pk").values_list("pk", "name")
    # Two hundred stores are not asked who works there.
    is_few = len(question.stores) <= MOST_ADVISORS
    if question.store or (is_few and len(named[: MOST_ADVISORS + 1]) <= MOST_ADVISORS):
        return [(str(pk), name) for pk, name in named]
    if question.split != "advisor":
        return []
    return [(str(pk), name) for pk, name in named.filter(pk=question.value)]


_OFFERED = {"advisor": _advisors, "model": _models, "powertrain": _powertrains, "band": _bands}


def _with_asked(
    question: Asked, split: str, offered: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    value = str(question.value)
    if question.split != split or value in dict(offered):
        return offered
    return [*offered, (value, value)]


def everything(question: Asked) -> str:
    """What the figures are of, in words: «North · last 12 months · all advisors»."""
    where = question.store.name if question.store else gettext("All stores")
    return f"{where} · {PERIODS[question.code]}"


def _stores(reader: Reader, code: str) -> list[Store]:
    if code:
        chosen = [store for store in reader.stores if store.code == code]
        if not chosen:
            raise Http404
        return chosen
    return list(reader.stores)


def _today(stores: list[Store]) -> date:
    now = timezone.now()
    return local_date(now, stores[0].timezone) if stores else now.date()


def _split(given: Mapping[str, str]) -> tuple[str, Any]:
    """One at a time: the figures are parted by each alone."""
    for name in SPLITS:
        value = given.get(name, "")
        if not value:
            continue
        if name == "advisor":
            if value.isdecimal():
                return name, int(value)
            continue
        return name, value
    return "", None
