"""A rate with what it is made of: shown with its n and its interval, or not at all."""

from dataclasses import dataclass
from math import sqrt

ENOUGH = 20
_Z = 1.959963984540054


@dataclass(frozen=True)
class Rate:
    """`hits` of `n`; `value` is a fraction from 0 to 1, None without anybody."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def is_enough(self) -> bool:
        """Fewer than 20 are "not enough data", whatever the rate."""
        return self.n >= ENOUGH

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval, as fractions; (0, 1) without anybody."""
        return wilson(self.hits / self.n, self.n) if self.n else (0.0, 1.0)


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share of `n`, as fractions."""
    z2 = _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(one: float, other: float, n: float) -> tuple[float, float]:
    """The 95 % interval of `one` - `other`, shares of `n` each (Newcombe's, from Wilson's two)."""
    (low, high), (low_other, high_other) = wilson(one, n), wilson(other, n)
    gap = one - other
    return (
        gap - sqrt((one - low) ** 2 + (high_other - other) ** 2),
        gap + sqrt((high - one) ** 2 + (other - low_other) ** 2),
    )
