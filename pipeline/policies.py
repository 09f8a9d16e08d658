"""The kinds of settings a store's day pins."""

from alerts.policies import TaskPolicy
from lifecycle.policies import PlanPolicy, SegmentPolicy, WarningPolicy
from stores.policies import PolicyValues

KINDS: tuple[type[PolicyValues], ...] = (PlanPolicy, WarningPolicy, SegmentPolicy, TaskPolicy)
