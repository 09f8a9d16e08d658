"""Hands changed vehicles to the day's computations, inside the importer's transaction."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from customers.services import dirty


def settle(vehicle_ids: Sequence[int]) -> None:
    """Marks the vehicles and computes them at once."""
    if not vehicle_ids:
        return
    dirty.mark(vehicle_ids)
    if find_spec("pipeline.services.settle"):
        import_module("pipeline.services.settle").settle(vehicle_ids)
