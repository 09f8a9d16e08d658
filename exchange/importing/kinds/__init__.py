"""The ten kinds of files in the order in which they load."""

from exchange.importing.columns import Kind
from exchange.importing.kinds.cars import VEHICLES, VISITS
from exchange.importing.kinds.customers import CUSTOMERS
from exchange.importing.kinds.events import (
    APPOINTMENTS,
    COMPLAINTS,
    CONTACTS,
    ENGAGEMENT,
    SURVEYS,
)
from exchange.importing.kinds.people import STAFF, STORES

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        STORES,
        STAFF,
        CUSTOMERS,
        VEHICLES,
        VISITS,
        SURVEYS,
        COMPLAINTS,
        CONTACTS,
        APPOINTMENTS,
        ENGAGEMENT,
    )
}
