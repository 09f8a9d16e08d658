"""The advisor's day as its page shows it: the list, the opened card, the outcomes, the progress."""

from dashboards.selectors.calls.queue import Queue, list_day, queue_of
from dashboards.selectors.calls.rows import Row, car_text, row_of, tier_chip, worth

__all__ = [
    "Queue",
    "Row",
    "car_text",
    "list_day",
    "queue_of",
    "row_of",
    "tier_chip",
    "worth",
]
