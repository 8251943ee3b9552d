"""Limits on the mean of a bounded law from independent draws, by betting."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from genbounds.verification.checks.coverage import ALPHA
from genbounds.verification.populations.protocol import Array

_STAKES = 0.999 * 0.5 ** np.arange(16)
"""Parts of the capital that are staked, each with a sixteenth of it: from nearly all, for small variances, down to 3e-5."""


def mean_interval(values: Sequence[float] | Array, low: float, high: float, delta: float = ALPHA) -> tuple[float, float]:
    """Limits on the mean of a law on [low, high] from independent draws; each of the two fails with probability at most ``delta``.

    No law is assumed beyond the range. Were the mean m or less, then with draws x in [0, 1] and a part s of the capital staked each time,
    the capital prod_i (1 + s (x_i - m) / m) would have expectation at most 1, and so would an average over several s; by Markov's
    inequality it reaches 1/delta with probability at most delta. The lower limit is the least m at which it does not. The upper limit is
    one minus that of 1 - x. (Waudby-Smith and Ramdas 2024, with fixed stakes: waudbysmith2024estimating in bounds/references.bib.)

    Raises:
        ValueError: no draws, draws outside [low, high], delta outside (0, 1).

    >>> lower, upper = mean_interval([0.1] * 1000, 0, 1)
    >>> round(lower, 3), round(upper, 3)
    (0.099, 0.109)
    """
    draws = np.asarray(values, dtype=np.float64)
    if draws.ndim != 1 or draws.size == 0:
        raise ValueError(f"values must be a non-empty vector with one entry per draw, got shape {draws.shape}: measure some draws")
    if not (low < high and np.all((draws >= low) & (draws <= high))):
        raise ValueError(
            f"values must lie in [low, high] with low < high, got [{low}, {high}] and draws from {draws.min()} to {draws.max()}: "
            "the limits hold for a range that is known beforehand"
        )
    if not 0 < delta < 1:
        raise ValueError(f"delta must lie in (0, 1), got {delta}: a 95 % limit is delta=0.05")
    unit = np.clip((draws - low) / (high - low), 0.0, 1.0)
    lower = low + (high - low) * _lower_limit(unit, delta)
    upper = high - (high - low) * _lower_limit(1.0 - unit, delta)
    return max(low, math.nextafter(lower, -math.inf)), min(high, math.nextafter(upper, math.inf))


def _lower_limit(unit: Array, delta: float) -> float:
    """The least mean in [0, 1] that the capital does not exclude, by bisection: the capital falls in m."""
    goal = math.log(1 / delta) + math.log(len(_STAKES)) + 1e-9

    def excluded(mean: float) -> bool:
        capital = np.log1p(_STAKES[:, None] * (unit / mean - 1.0)[None, :]).sum(axis=1)
        return bool(special.logsumexp(capital) >= goal)

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excluded(middle) else (low, middle)
    return low
