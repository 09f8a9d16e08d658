"""Reads of warnings, tasks and outcomes."""

from alerts.selectors.lists import (
    MANAGERS_KINDS,
    Card,
    Load,
    call_list,
    cards_of,
    count_cards,
    in_list_order,
    is_listed,
    loads,
    open_counts,
    open_tasks,
    resting,
    split,
    store_cards,
)

__all__ = [
    "MANAGERS_KINDS",
    "Card",
    "Load",
    "call_list",
    "cards_of",
    "count_cards",
    "in_list_order",
    "is_listed",
    "loads",
    "open_counts",
    "open_tasks",
    "resting",
    "split",
    "store_cards",
]
