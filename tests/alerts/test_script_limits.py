"""WB-5: what a customer is worth and what may be given, by hand on both sides of each bound."""

from decimal import Decimal

import pytest

from alerts.policies import TaskPolicy
from alerts.rules.limits import limit_of


@pytest.mark.parametrize(
    ("yearly", "settings", "value", "limit"),
    [
        pytest.param("3000", {}, "7000", "420", id="the example of DOMAIN"),
        pytest.param("200", {}, "0", "0", id="earns what it cost"),
        pytest.param("199.99", {}, "0", "0", id="never below nothing"),
        pytest.param("200.40", {}, "1", "0.06", id="a yuan above"),
        pytest.param("0", {}, "0", "0", id="never spent anything"),
        pytest.param("3000", {"margin_percent": 40}, "5500", "330", id="a smaller margin"),
        pytest.param("3000", {"expected_years": 1}, "1000", "300", id="a single year"),
        pytest.param("3000", {"acquisition_amount": 0}, "7500", "450", id="won for nothing"),
        pytest.param("3000", {"offer_share_percent": 0}, "7000", "0", id="nothing is given"),
        pytest.param("3333.33", {}, "7833.325", "469.9995", id="not rounded"),
    ],
)
def test_the_limit_is_a_share_of_the_value_for_a_year(
    yearly: str, settings: dict[str, int], value: str, limit: str
) -> None:
    found = limit_of(Decimal(yearly), TaskPolicy(**settings))
    assert (found.value_amount, found.amount) == (Decimal(value), Decimal(limit))
