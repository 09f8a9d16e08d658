"""Settings of the task queue."""

from dataclasses import dataclass
from typing import ClassVar

from stores.policies import PolicyValues, require


@dataclass(frozen=True)
class TaskPolicy(PolicyValues):
    """TASK-2 to TASK-6: chances that a contact brings a visit, cards a day, tries, the lane."""

    kind: ClassVar[str] = "task"
    yellow_probability: float = 0.35
    orange_probability: float = 0.45
    overdue_probability: float = 0.40
    late_probability: float = 0.20
    late_from_days: int = 31
    attempt_factor: float = 0.8
    margin_percent: int = 50
    overdue_task_days: int = 30
    advisor_capacity: int = 40
    specialist_capacity: int = 50
    manager_capacity: int = 10
    # TASK-4: days until the next try, how often, then the next channel.
    retry_days: int = 3
    retry_times: int = 3
    # TASK-6: days after the first service, days before the second is due.
    lane_call_days: int = 2
    lane_care_days: int = 7
    lane_booking_days: int = 14
    lane_confirm_days: int = 3
    # WB-5: a customer's value and what may be given of it.
    expected_years: int = 5
    acquisition_amount: int = 500
    offer_share_percent: int = 30

    def check(self) -> None:
        for name, value in vars(self).items():
            if name.endswith("_probability") or name == "attempt_factor":
                require(0 <= value <= 1, name, "must be from 0 to 1")
            elif name.endswith("_capacity"):
                require(1 <= value <= 500, name, "must be from 1 to 500")
            elif name.endswith("_percent"):
                require(0 <= value <= 100, name, "must be from 0 to 100")
        require(1 <= self.retry_days <= 30, "retry_days", "must be from 1 to 30")
        require(0 <= self.retry_times <= 10, "retry_times", "must be from 0 to 10")
        require(1 <= self.expected_years <= 20, "expected_years", "must be from 1 to 20")
        require(
            0 < self.lane_call_days < self.lane_care_days,
            "lane_care_days",
            "must come after the call within two days",
        )
        require(
            0 <= self.lane_confirm_days < self.lane_booking_days,
            "lane_booking_days",
            "must come before the confirmation",
        )
