"""The ranges of a scenario's parameters, over which a search looks for the world where a bound is tightest, or false."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

DIGITS = 4
"""Significant digits of a number that a search chooses: short enough to be printed and typed again."""


@dataclass(frozen=True)
class Range:
    """What a parameter may be.

    Args:
        low, high: the ends, which belong to it.
        whole: whole numbers only.
        logarithmic: a search looks at its logarithm, as large and small values matter alike.
    """

    low: Fraction | int
    high: Fraction | int
    whole: bool = False
    logarithmic: bool = False

    def __post_init__(self) -> None:
        """Refuse an empty range, and the logarithm of one that is not positive."""
        if not self.low <= self.high:
            raise ValueError(f"low must be at most high, got {self.low} and {self.high}: give the smaller end first")
        if self.logarithmic and self.low <= 0:
            raise ValueError(f"low of a logarithmic range must be positive, got {self.low}: give a small number")

    def at(self, share: float) -> Fraction | int:
        """The parameter that lies this share of the way from low to high, as a number of few digits.

        >>> Range(1, 10**6, whole=True, logarithmic=True).at(0.5), Range(0, 1).at(0.25)
        (1000, Fraction(1, 4))
        """
        low, high = float(self.low), float(self.high)
        value = math.exp(math.log(low) + share * (math.log(high) - math.log(low))) if self.logarithmic else low + share * (high - low)
        chosen = Fraction(round(value)) if self.whole else Fraction(f"{value:.{DIGITS}g}")
        inside = min(max(chosen, Fraction(self.low)), Fraction(self.high))
        return int(inside) if self.whole else inside
