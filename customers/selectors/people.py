"""Reads of customers: search, history in one line of time, consent."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q

from common.along import along
from common.crypto import blind_indexes, is_phone, normal_phone
from common.sql import rows, statement
from customers.models import ConsentEvent, Customer, Vehicle
from stores.scope import ScopedQuerySet

# A four-digit search that fits more people tells too much about too many (DOMAIN §9).
LAST_FOUR_LIMIT = 20
_PLATE_SEPARATORS = re.compile(r"[\s·•.\-]")


def living() -> ScopedQuerySet[Customer]:
    """Customers of the scope that are neither erased nor merged into another."""
    found: ScopedQuerySet[Customer] = Customer.objects.filter(
        erased_on__isnull=True, merged_into__isnull=True
    )
    return found


def search(text: str) -> ScopedQuerySet[Customer]:
    """Customers by name, pinyin, plate, VIN, whole phone or its last four digits."""
    query = unicodedata.normalize("NFKC", text).strip()
    if is_last_four(query):
        return living().filter(phone_last4_index__in=blind_indexes("phone last4", query, 4))
    if _is_whole_phone(query):
        # Alone: with the other ways to find somebody the whole store would be looked through.
        return living().filter(_phone(query) | Q(external_id=query))
    cars = Vehicle.objects.filter(_plate_or_vin(query)).values("customer_id")
    return living().filter(_phone(query) | _name_or_number(query) | Q(pk__in=cars))


def _is_whole_phone(query: str) -> bool:
    """Whether it can be nothing else; the end of a VIN may be eight digits."""
    return len(_phone_digits(query) or "") >= 10


def _phone_digits(query: str) -> str | None:
    digits = normal_phone(query)
    return None if re.search(r"[^\d\s+\-()]", query) or not is_phone(digits) else digits


def _phone(query: str) -> Q:
    digits = _phone_digits(query)
    return Q(phone_index__in=blind_indexes("phone", digits)) if digits else Q(pk__in=())


def is_last_four(text: str) -> bool:
    """Whether a search is for the last four digits of a phone."""
    return bool(re.fullmatch(r"\d{4}", unicodedata.normalize("NFKC", text).strip()))


def _name_or_number(query: str) -> Q:
    """By the keys of customers.rules.name_keys; a part of a Chinese name, the start of others."""
    by_number = Q(external_id=query)
    folded = query.lower()
    if not folded.isascii():
        name = folded.replace(" ", "")
        pairs = [name[i : i + 2] for i in range(len(name) - 1)] or [name]
        # The index finds the pairs in any order, the text check keeps the written one.
        return by_number | Q(name_parts__contains=pairs, name__icontains=name)
    letters = folded.replace(" ", "")
    by_name = Q(name_pinyin__startswith=folded) | Q(name_initials__startswith=letters)
    if 2 <= len(letters) <= 4:
        by_name |= Q(name_parts__contains=[letters])
    return by_number | by_name


def _plate_or_vin(query: str) -> Q:
    """Plates are kept in upper case without blanks and dots; both are named by their end, too."""
    bare = _PLATE_SEPARATORS.sub("", query).upper()
    found = Q(plate=bare) | Q(vin=bare)
    if len(bare) >= 5 and any(ch.isdigit() for ch in bare):
        found |= Q(plate__endswith=bare) | Q(vin__endswith=bare)
    return found


@dataclass(frozen=True)
class Event:
    """A line of a customer's history; which fields are filled depends on `kind`.

    visit: word = kind, state = status, text = items, more = the survey's comment; complaint:
    word = category, state = open or resolved, more = resolution; contact: word = channel,
    state = outcome, text = note, more = direction; appointment: word = source, state = status.
    """

    kind: str
    at: datetime
    on_date: date
    vehicle_id: int | None
    word: str
    state: str
    amount: Decimal | None
    score: Decimal | None
    text: str
    more: str
    odometer_km: int | None
    advice: str
    staff: str


def history(customer: Customer, limit: int = 40) -> list[Event]:
    """Visits, complaints, contacts and appointments of a customer, newest first; one query."""
    found = rows(statement("customers", "history"), {"customer_id": customer.pk, "limit": limit})
    return [Event(**row) for row in found]


@dataclass(frozen=True)
class Consent:
    """Where a channel stands: granted, withdrawn, or unknown when nothing was ever said."""

    channel: str
    is_granted: bool
    given_at: datetime | None
    source: str


_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def consents(customer: Customer) -> list[Consent]:
    """The standing consent by channel: the later wins, undated never grants again, no wins ties."""
    return _standing(ConsentEvent.objects.filter(customer=customer))


def consent_events() -> ArraySubquery:
    """For a query of customers, to be read by `consents_of`."""
    events = ConsentEvent.objects.filter(customer=OuterRef("pk"))
    return along(events, "channel", "is_granted", "given_at", "recorded_at", "source")


def consents_of(events: Iterable[Mapping[str, Any]]) -> list[Consent]:
    """As `consents`, of events that came along with their customer."""
    return _standing(ConsentEvent(**{**event, **_moments(event)}) for event in events)


def _moments(event: Mapping[str, Any]) -> dict[str, datetime | None]:
    return {
        name: datetime.fromisoformat(event[name]) if event[name] else None
        for name in ("given_at", "recorded_at")
    }


def _standing(events: Iterable[ConsentEvent]) -> list[Consent]:
    latest: dict[str, ConsentEvent] = {}
    for event in events:
        known = latest.get(event.channel)
        if known is None or _weight(event) > _weight(known):
            latest[event.channel] = event
    return [
        Consent(channel, event.is_granted, event.given_at, event.source)
        for channel, event in sorted(latest.items())
    ]


def _weight(event: ConsentEvent) -> tuple[datetime, bool]:
    undated = _LONG_AGO if event.is_granted else event.recorded_at
    return event.given_at or undated, not event.is_granted
