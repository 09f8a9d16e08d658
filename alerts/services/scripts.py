"""A group's or a store's own words for a kind of call: kept, or given up for those above."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from alerts import wording
from alerts.models import Script
from alerts.rules.facts import problems
from common.exceptions import DomainError, NotFound
from stores.choices import AuditAction
from stores.models import Group, Staff, Store
from stores.services import audit


@dataclass(frozen=True)
class Case:
    """Which call, of whom, in which language, and for which store; `store` None: the group."""

    group: Group
    store: Store | None
    kind: str
    level: str
    tier: str
    language: str

    def check(self) -> None:
        """Raises NotFound for a case no call has."""
        if (
            self.kind not in wording.kinds()
            or self.level not in wording.levels(self.kind)
            or self.tier not in wording.TIERS
            or self.language not in wording.LANGUAGES
        ):
            raise NotFound("no_case", "no call is of this case")

    def row(self) -> dict[str, object]:
        return dict(vars(self))


@transaction.atomic
def save(
    case: Case, *, text: str, offer: str, offer_cost_amount: Decimal, author: Staff
) -> Script | None:
    """The case's own words from now on; None when they are its own already (a double click).

    Raises DomainError('bad_script', problems=…) when the text could leave a hole (CAD-5, CAD-10).
    """
    case.check()
    found = problems(text)
    if found:
        raise DomainError("bad_script", "the text cannot be used", problems=found)
    words = {"text": text, "offer": offer, "offer_cost_amount": offer_cost_amount}
    script, is_new = Script.objects.get_or_create(
        **case.row(), defaults={**words, "author": author}
    )
    if not is_new:
        if {name: getattr(script, name) for name in words} == words:
            return None
        for name, value in words.items():
            setattr(script, name, value)
        script.author = author
        script.save()
    _record(case, script.pk, author)
    return script


@transaction.atomic
def reset(case: Case, *, author: Staff) -> bool:
    """Gives the case's own words up; False when there were none."""
    case.check()
    script = Script.objects.select_for_update().filter(**case.row()).first()
    if script is None:
        return False
    number = script.pk
    script.delete()
    _record(case, number, author, is_reset=True)
    return True


def _record(case: Case, number: int, author: Staff, **detail: object) -> None:
    audit.record(
        actor=author,
        action=AuditAction.SCRIPT_CHANGED,
        store=case.store,
        thing="script",
        thing_id=number,
        detail={
            "kind": case.kind,
            "level": case.level,
            "tier": case.tier,
            "language": case.language,
            **detail,
        },
    )
