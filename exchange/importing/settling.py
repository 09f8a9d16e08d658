"""Hands changed vehicles to the day's computations, inside the importer's transaction."""

from collections.abc import Sequence

from pipeline.services import settle as pipeline


def settle(vehicle_ids: Sequence[int]) -> None:
    """Computes the vehicles at once: what a file says is on the call list when it is loaded."""
    if vehicle_ids:
        pipeline.settle(vehicle_ids)
