"""Reads for entering a customer or a car by hand: who is there already, which words are known."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from common.crypto import blind_indexes, normal_phone
from customers.models import Customer, Vehicle
from customers.rules import entered_number
from customers.selectors.people import living
from stores.models import Store
from stores.scope import stores_scope

# Beyond that a list of suggestions helps nobody.
MOST_WORDS = 300
MOST_TWINS = 5


@dataclass(frozen=True)
class KnownCar:
    """A VIN the group has; `vehicle` None: at a store out of reach, of which nothing is told."""

    vehicle: Vehicle | None


def known_car(group_id: int, vin: str) -> KnownCar | None:
    """Whether any store of the group has the car: a VIN is unique there."""
    near = Vehicle.objects.filter(group_id=group_id, vin=vin).select_related("customer").first()
    if near:
        return KnownCar(near)
    with stores_scope(Store.objects.filter(group_id=group_id).values_list("pk", flat=True)):
        is_known = Vehicle.objects.filter(group_id=group_id, vin=vin).exists()
    return KnownCar(None) if is_known else None


def with_phone(phone: str) -> list[Customer]:
    """Customers in reach with this number, with their cars; a firm may have many."""
    digits = normal_phone(phone)
    if not digits:
        return []
    found = living().filter(phone_index__in=blind_indexes("phone", digits))
    return list(found.prefetch_related("vehicles").order_by("pk")[:MOST_TWINS])


def entered(key: UUID) -> Customer | None:
    """The customer whom a form with this key has entered already."""
    found: Customer | None = Customer.objects.filter(external_id=entered_number(key)).first()
    return found


@dataclass(frozen=True)
class CarWords:
    """Brands and models the stores know, for suggestions."""

    brands: list[str]
    models: list[str]


def car_words(stores: Iterable[Store]) -> CarWords:
    """The brands and models of the stores' cars."""
    cars = Vehicle.objects.filter(store__in=list(stores)).order_by()
    pairs = sorted(cars.values_list("brand", "model").distinct()[:MOST_WORDS])
    return CarWords(
        brands=sorted({brand for brand, _model in pairs}),
        models=sorted({model for _brand, model in pairs}),
    )


def sources(stores: Iterable[Store]) -> list[str]:
    """Where customers of these stores came from, in the words in use."""
    found = Customer.objects.filter(store__in=list(stores)).exclude(source="").order_by()
    return sorted(found.values_list("source", flat=True).distinct()[:MOST_WORDS])
