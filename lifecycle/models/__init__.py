"""What is computed: the states of cars and customers, their history, the figures of the boards."""

from lifecycle.models.boards import AdvisorSpell, BoardCell, BoardDay
from lifecycle.models.judged import JudgedWarning
from lifecycle.models.states import (
    CustomerRollup,
    CustomerState,
    MonthSnapshot,
    PreChurnScreening,
    StageTransition,
    VehicleRollup,
    VehicleState,
)
from lifecycle.models.targets import RevenueTarget, Spending

__all__ = [
    "AdvisorSpell",
    "BoardCell",
    "BoardDay",
    "CustomerRollup",
    "CustomerState",
    "JudgedWarning",
    "MonthSnapshot",
    "PreChurnScreening",
    "RevenueTarget",
    "Spending",
    "StageTransition",
    "VehicleRollup",
    "VehicleState",
]
