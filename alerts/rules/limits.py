"""WB-5: what a customer is worth, and what may be given to keep one."""

from dataclasses import dataclass
from decimal import Decimal

from alerts.policies import TaskPolicy


@dataclass(frozen=True)
class Limit:
    """What the person on the phone may give without asking, in yuan, and how it is reckoned."""

    yearly_amount: Decimal
    value_amount: Decimal
    amount: Decimal
    margin_percent: int
    years: int
    acquisition_amount: int
    share_percent: int


def limit_of(yearly_amount: Decimal, policy: TaskPolicy) -> Limit:
    """Yearly spend × margin × years − acquisition, never below 0; its share ÷ years; exact."""
    earned = yearly_amount * policy.margin_percent / 100 * policy.expected_years
    value = max(Decimal(0), earned - policy.acquisition_amount)
    return Limit(
        yearly_amount=yearly_amount,
        value_amount=value,
        amount=value * policy.offer_share_percent / 100 / policy.expected_years,
        margin_percent=policy.margin_percent,
        years=policy.expected_years,
        acquisition_amount=policy.acquisition_amount,
        share_percent=policy.offer_share_percent,
    )
