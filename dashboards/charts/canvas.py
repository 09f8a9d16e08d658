"""The canvas of a chart: a plot inside margins, fractions and places to points with one decimal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Canvas:
    """Width and height in units of the view box; the plot lies inside the margins."""

    width: int = 640
    height: int = 250
    left: int = 46
    right: int = 20
    top: int = 22
    bottom: int = 30

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"

    def x(self, place: float) -> float:
        """From 0 (left edge of the plot) to 1 (right edge)."""
        return round(self.left + place * (self.width - self.left - self.right), 1)

    def y(self, share: float) -> float:
        """From 0 (bottom of the plot) to 1 (top)."""
        return round(self.top + (1 - share) * (self.height - self.top - self.bottom), 1)
