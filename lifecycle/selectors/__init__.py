"""Reads: the states of cars and customers, and the figures of the boards."""

from lifecycle.rules.cells import Cell
from lifecycle.selectors.boards import Stamp, cells, cells_by, cells_by_store, models_of, stamp
from lifecycle.selectors.states import (
    DUE_LEVELS,
    KINDS,
    Board,
    Move,
    board,
    living_cars,
    living_customers,
    moves_of,
    stage_moves,
    warned,
)

__all__ = [
    "DUE_LEVELS",
    "KINDS",
    "Board",
    "Cell",
    "Move",
    "Stamp",
    "board",
    "cells",
    "cells_by",
    "cells_by_store",
    "living_cars",
    "living_customers",
    "models_of",
    "moves_of",
    "stage_moves",
    "stamp",
    "warned",
]
