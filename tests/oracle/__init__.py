"""The oracle: DOMAIN.md §1-§4 in plain Python, written without looking at the product's SQL."""

from .engine import customer_stage, explain, explain_all, first_run_tasks, segments
from .facts import World
from .settings import DEFAULTS, Settings

__all__ = [
    "DEFAULTS",
    "Settings",
    "World",
    "customer_stage",
    "explain",
    "explain_all",
    "first_run_tasks",
    "segments",
]
