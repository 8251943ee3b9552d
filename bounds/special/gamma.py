"""The second increment of the log-gamma function, without cancellation."""

from __future__ import annotations

from typing import Any

import numpy as np

_SHIFT = 32  # Stirling's series from here on has a rest below 1e-17
PAD = 1e-15
"""Relative amount by which the increment is moved upward: its exponential may be all that a bound says, and magnifies an error."""


def log_gamma_second_increment(x: Any, a: Any, b: Any) -> Any:
    """ln (Gamma(x) Gamma(x + a + b) / (Gamma(x + a) Gamma(x + b))) for x > 0 and a, b >= 0, rounded up.

    For whole b it is ln (1 + a/x) + ... + ln (1 + a/(x + b - 1)). It is symmetric in a and b, and never negative. Where its exponential is
    a double, the result is never below the exact number and at most 3e-15 of itself above it; elsewhere it is within 1e-14 of itself. This
    holds even where each log-gamma is larger than the result by many orders of magnitude. Float64 arrays broadcast. Stirling's formula
    (Abramowitz and Stegun 6.1.40) is subtracted term by term, in an order in which only numbers of the size of the result cancel; small x
    is shifted up by the recurrence Gamma(x + 1) = x Gamma(x).

    >>> round(float(log_gamma_second_increment(5.0, 2.0, 3.0)), 12)  # ln(7/5) + ln(8/6) + ln(9/7) = ln 2.4
    0.875468737354
    """
    x, a, b = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(a, np.float64), np.asarray(b, np.float64))
    a, b = np.minimum(a, b), np.maximum(a, b)
    low = x < _SHIFT
    increment = _stirling(np.where(low, x + _SHIFT, x), a, b)
    if np.any(low):
        steps = x[..., None] + np.arange(_SHIFT)
        a, b = a[..., None], b[..., None]
        increment = np.where(low, increment + np.sum(np.log1p(a / steps * (b / (steps + a + b))), axis=-1), increment)
    return increment * (1 + PAD)


def _stirling(x: Any, a: Any, b: Any) -> Any:
    """The second increment for x >= 32 and a <= b."""
    first, second = np.log1p(a / x), np.log1p(b / x)
    mixed = np.log1p(a / x * (b / (x + a + b)))  # first + second - ln(1 + (a + b)/x)
    total = a * second + b * np.log1p(a / (x + b)) - (x + a - 0.5) * mixed
    for coefficient, power in ((1 / 12, 1), (-1 / 360, 3), (1 / 1260, 5), (-1 / 1680, 7)):
        rest = np.expm1(-power * first) * np.expm1(-power * second) + np.exp(-power * (first + second)) * np.expm1(power * mixed)
        total = total + coefficient * x ** -float(power) * rest
    return total
