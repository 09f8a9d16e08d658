"""KPI-1 as a page: a row a person, every number a link to its people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, pgettext

from common.formats import number, percent, yuan
from dashboards.selectors.boards.asked import Asked
from lifecycle.rules.periods import MONTHS, Period
from lifecycle.rules.rates import ENOUGH, Rate
from lifecycle.rules.scorecard import READS, Card, Part
from lifecycle.selectors import cells_by
from lifecycle.selectors.scorecard import Grounds, cards_of, grounds_of
from stores.access import Reader
from stores.choices import Role
from stores.models import Staff

LABELS = {
    "retention": gettext_lazy("Customers due who came"),
    "revenue": gettext_lazy("Revenue against the target"),
    "satisfaction": gettext_lazy("Satisfaction"),
}
BY_SCORE = "score"


@dataclass(frozen=True)
class Shown:
    """A number with what stands small below it; without `url` nothing to open."""

    text: str
    hint: str = ""
    url: str = ""


@dataclass(frozen=True)
class PartRow:
    """One part of the score: as counted, as scored, its weight; `value` opens its people."""

    label: str
    value: Shown
    scored: str
    weight: str


@dataclass(frozen=True)
class CardRow:
    """A person's row, or her own card."""

    person: Staff
    score: Shown
    parts: list[PartRow]
    customers: Shown
    loss: Shown
    visits: Shown
    nps: Shown
    calls: list[tuple[str, Shown]]
    flags: list[Shown]


@dataclass(frozen=True)
class Scorecard:
    """The page; `weights` as texts by label, `own` whether it is one person's own card."""

    rows: list[CardRow]
    weights: list[tuple[str, str]]
    has_targets: bool
    own: bool


def scorecard(question: Asked, reader: Reader, order: str = "") -> Scorecard:
    """All advisors by name (or by score when asked for), or the reader's own card."""
    split = cells_by(question.store_ids, READS, "advisor")
    grounds = grounds_of(question.store_ids)
    own = reader.own_only
    people = [reader.staff] if own else _people(question, grounds, split)
    ids = [person.pk for person in people]
    now = cards_of(split, question.now, grounds, also=ids)
    before = cards_of(split, question.before, grounds, also=ids)
    if order == BY_SCORE:
        people.sort(key=lambda person: -(now[person.pk].score or -1))
    rows = [
        _row(person, now[person.pk], before[person.pk], _asked_of(question, person), own=own)
        for person in people
    ]
    weights = [(str(LABELS[name]), f"{grounds.weights[name]}%") for name in LABELS]
    return Scorecard(rows, weights, bool(_targets(grounds, ids, question.now)), own)


def own_question(question: Asked, reader: Reader) -> Asked:
    """What an advisor may ask behind her own figures: those of herself."""
    return replace(question, split="advisor", value=reader.staff.pk)


def _people(question: Asked, grounds: Grounds, split: Iterable[int | None]) -> list[Staff]:
    """Whoever has figures, and advisors who have none yet."""
    found = {person.pk: person for person in grounds.people(split)}
    here = Staff.objects.filter(
        is_active=True, role=Role.ADVISOR, staffstore__store__in=question.store_ids
    )
    found.update((person.pk, person) for person in here)
    return sorted(found.values(), key=lambda person: (person.name, person.pk))


def _targets(grounds: Grounds, ids: Sequence[int], period: Period) -> list[Decimal]:
    return [
        amount
        for pk in ids
        for month, amount in grounds.targets.get(pk, {}).items()
        if period.has(month)
    ]


def _asked_of(question: Asked, person: Staff) -> Asked:
    return replace(question, split="advisor", value=person.pk)


@dataclass(frozen=True)
class _Links:
    question: Asked
    own: bool

    def to(self, board: str, **marks: object) -> str:
        """Her own list for an advisor, the manager's with export and tasks for a manager."""
        name = "scorecard_people" if self.own else "board_people"
        return f"{reverse(name)}?{self.question.query_with(board=board, **marks)}"

    def of(self, item: str, **marks: object) -> str:
        return self.to("scorecard", item=item, **{"stretch": self.question.code, **marks})

    def months(self, board: str, item: str, **marks: object) -> str:
        period = self.question.now
        return self.to(board, item=item, from_month=period.first, to_month=period.last, **marks)


def _row(person: Staff, now: Card, before: Card, question: Asked, *, own: bool) -> CardRow:
    links = _Links(question, own)
    return CardRow(
        person=person,
        score=_score(now, before),
        parts=[_part(part, now, links) for part in now.parts],
        customers=Shown(number(now.customers), url=links.of("owned") if now.customers else ""),
        loss=_loss(now.loss, links),
        visits=Shown(
            "–" if now.visits_a_year is None else number(now.visits_a_year, 2),
            url=links.of("revenue", hit=1) if now.visits_a_year else "",
        ),
        nps=_nps(now, links),
        calls=_calls(now, links),
        flags=_flags(now, links),
    )


def _score(now: Card, before: Card) -> Shown:
    if now.score is None:
        return Shown("–", _few(now.retention.n))
    if before.score is None:
        return Shown(number(now.score))
    return Shown(number(now.score), gettext("before: %(score)s") % {"score": number(before.score)})


def _part(part: Part, now: Card, links: _Links) -> PartRow:
    make = {"retention": _retention, "revenue": _revenue, "satisfaction": _satisfaction}
    scored = "–" if part.scored is None else number(part.scored * 100, 1)
    weight = percent(part.weight) if part.scored is not None else gettext("left out")
    return PartRow(str(LABELS[part.name]), make[part.name](part, now, links), scored, weight)


def _retention(part: Part, now: Card, links: _Links) -> Shown:
    url = links.of("came") if part.n else ""
    if part.raw is None or not now.retention.is_enough:
        return Shown("–", _few(part.n), url)
    return Shown(f"{number(part.raw * 100, 1)}%", _interval(now.retention), url)


def _revenue(part: Part, now: Card, links: _Links) -> Shown:
    url = links.of("revenue") if now.revenue else ""
    if part.raw is None:
        return Shown(yuan(now.revenue), gettext("no target"), url)
    facts = {
        "amount": yuan(now.in_targeted),
        "target": yuan(now.target),
        "months": number(now.targeted_months),
        "of": number(MONTHS[links.question.code]),
    }
    text = gettext("%(amount)s of %(target)s in %(months)s of %(of)s months") % facts
    return Shown(percent(part.raw), text, url)


def _satisfaction(part: Part, now: Card, links: _Links) -> Shown:
    url = links.of("csat") if part.n else ""
    if part.scored is None or part.raw is None:
        return Shown("–", _few(part.n), url)
    answers = gettext("%(n)s answers") % {"n": number(part.n)}
    return Shown(number(part.raw * 100, 1), answers, url)


def _loss(rate: Rate, links: _Links) -> Shown:
    if not rate.is_enough or rate.value is None:
        return Shown("–", _few(rate.n))
    url = links.of("owned", hit=1, stretch="12m")
    return Shown(f"{number(rate.value * 100, 1)}%", _interval(rate), url)


def _nps(now: Card, links: _Links) -> Shown:
    url = links.of("nps") if now.nps_answers else ""
    if now.nps is None:
        return Shown("–", _few(now.nps_answers), url)
    return Shown(number(now.nps), gettext("%(n)s answers") % {"n": number(now.nps_answers)}, url)


def _calls(now: Card, links: _Links) -> list[tuple[str, Shown]]:
    made = now.calls
    rows: tuple[tuple[str, int, str, dict[str, object]], ...] = (
        (pgettext("calls", "made"), made.made, "called", {}),
        (pgettext("calls", "connected"), made.connected, "called", {"hit": 1}),
        (pgettext("calls", "booked"), made.booked, "booked", {}),
        (pgettext("calls", "arrived"), made.arrived, "booked", {"hit": 1}),
    )
    return [
        (label, Shown(number(n), url=links.months("calls", item, **marks) if n else ""))
        for label, n, item, marks in rows
    ]


def _flags(now: Card, links: _Links) -> list[Shown]:
    found = []
    if now.flags.bulk:
        text = gettext("%(n)s of %(of)s calls not connected came five or more in five minutes")
        facts = {"n": number(now.flags.bulk), "of": number(now.flags.missed)}
        found.append(Shown(text % facts, url=links.months("gaming", "bulk", hit=1)))
    if now.flags.moved:
        text = gettext("%(n)s of %(of)s lost customers changed hands in the 30 days before")
        facts = {"n": number(now.flags.moved), "of": number(now.flags.lost)}
        found.append(Shown(text % facts, url=links.months("gaming", "moved", hit=1)))
    return found


def _interval(rate: Rate) -> str:
    low, high = rate.interval
    facts = {"low": number(low * 100), "high": number(high * 100), "n": number(rate.n)}
    return gettext("%(low)s–%(high)s%%, of %(n)s") % facts


def _few(n: int) -> str:
    return gettext("not enough data: %(n)s of %(enough)s") % {"n": number(n), "enough": ENOUGH}
