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
        if not self.n:
            return 0.0, 1.0
        share, z2 = self.hits / self.n, _Z * _Z
        middle = (share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = _Z / (1 + z2 / self.n) * sqrt(share * (1 - share) / self.n + z2 / (4 * self.n**2))
        return max(0.0, middle - half), min(1.0, middle + half)
