"""Where the grids of the margin bounds have a number: found by counting in exact rationals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath import mp, mpf


def stratum(t: Fraction) -> int:
    """The smallest j >= 0 with 2^j >= t, by multiplication."""
    j, power = 0, Fraction(1)
    while power < t:
        j, power = j + 1, power * 2
    return j


def margin_exponent(margin: Fraction) -> int:
    """The integer g with 2^-g the largest power of two <= margin."""
    g, power = 0, Fraction(1)
    while power > margin:
        g, power = g + 1, power / 2
    while 2 * power <= margin:
        g, power = g - 1, power * 2
    return g


def log_integer_weight(j: int) -> Any:
    """-ln of the weight 1/(1.5 (|j|+1)(|j|+2)) of an integer j."""
    return mp.log(mpf(3) / 2 * (abs(j) + 1) * (abs(j) + 2))
