"""Settings of the task queue."""

from dataclasses import dataclass
from typing import ClassVar

from stores.policies import PolicyValues, require


@dataclass(frozen=True)
class TaskPolicy(PolicyValues):
    """TASK-2 and TASK-5: probabilities that a contact brings a visit, margin, cards a day."""

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

    def check(self) -> None:
        for name, value in vars(self).items():
            if name.endswith("_probability") or name == "attempt_factor":
                require(0 <= value <= 1, name, "must be from 0 to 1")
            elif name.endswith("_capacity"):
                require(1 <= value <= 500, name, "must be from 1 to 500")
        require(0 <= self.margin_percent <= 100, "margin_percent", "must be from 0 to 100")
