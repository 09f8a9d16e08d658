"""Whose words stand for a call: the store's or the group's own before those we ship."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from alerts import wording
from alerts.models import Script
from stores.models import Group, Store


@dataclass(frozen=True)
class Wording:
    """A script that may be said, whoever wrote it; `own` None: shipped."""

    level: str
    tier: str
    text: str
    offer: str
    offer_cost_amount: Decimal
    own: Script | None = None

    @property
    def origin(self) -> str:
        """`shipped`, `group` or `store`."""
        if self.own is None:
            return "shipped"
        return "store" if self.own.store_id else "group"


def own_scripts(
    group: Group | int,
    store: Store | None,
    *,
    language: str,
    kind: str = "",
    with_author: bool = False,
) -> list[Script]:
    """What the group and, with one, this store wrote in a language; one query.

    `with_author`: for a page that says who wrote it.
    """
    of_place = Q(store=None) | Q(store=store) if store else Q(store=None)
    found = Script.objects.filter(of_place, group=group, language=language)
    if kind:
        found = found.filter(kind=kind)
    return list(found.select_related("author") if with_author else found)


def wordings(
    scripts: Iterable[Script], kind: str, level: str, tier: str, language: str
) -> Iterator[Wording]:
    """What may be said in a case, first what stands; `scripts` are those of one place.

    The store's words before the group's before ours, and of each the most specific: a store that
    wrote one text for every case does not want to find ours in some.
    """
    fitting = []
    for script in scripts:
        rank = wording.rank(script.level, script.tier, level, tier)
        if script.kind == kind and rank is not None:
            fitting.append(((script.store_id is not None, rank), script))
    for _rank, script in sorted(fitting, key=lambda pair: pair[0], reverse=True):
        yield _of_own(script)
    ours = wording.shipped(kind, level, tier, language)
    if ours:
        yield _of_ours(ours)


def _of_own(script: Script) -> Wording:
    return Wording(
        script.level, script.tier, script.text, script.offer, script.offer_cost_amount, script
    )


def _of_ours(words: wording.Words) -> Wording:
    return Wording(words.level, words.tier, words.text, words.offer, Decimal(words.offer_cost))
