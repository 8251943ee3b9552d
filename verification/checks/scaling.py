"""How a bound and a risk scale in n, width, depth or label noise: log-log slopes with a bootstrap over runs (A7)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genbounds.verification.populations.protocol import Array, generator

SMALLEST_POINTS, SMALLEST_DECADES = 5, 1.2
"""A slope is fitted to at least so many sizes over at least so many decades."""
RESAMPLES = 2000


@dataclass(frozen=True)
class Slope:
    """The slope of ln(value) in ln(size), between two limits of the stated confidence (a percentile bootstrap over runs)."""

    value: float
    lower: float
    upper: float
    confidence: float

    @property
    def grows(self) -> bool:
        """Whether even the lower limit is positive."""
        return self.lower > 0


@dataclass(frozen=True)
class Scaling:
    """The slopes of a bound and of the risk over the same runs.

    Attributes:
        bound, risk: their slopes.
        difference: the slope of the bound minus that of the risk, on the same resampled runs.
        flag: ``"the bound grows"`` with the size that should make it fall, ``"flatter than the risk"`` where its slope is above the risk's
            by more than ``tolerance`` even at the lower limit; empty otherwise. A description, no refutation: a true bound may grow.
    """

    bound: Slope
    risk: Slope
    difference: Slope
    flag: str


def scaling(
    sizes: Sequence[float] | Array,
    bounds: Array,
    risks: Array,
    *,
    tolerance: float = 0.25,
    confidence: float = 0.99,
    key: str = "scaling",
) -> Scaling:
    """Slopes of a bound and of the risk in a size (the number of examples) that both should fall with.

    Args:
        sizes: increasing and positive, (points,).
        bounds, risks: positive, (runs, points). A run is a cluster: one seed through all sizes, whose values hang together.
        tolerance: how much flatter than the risk a bound may be.
        confidence: of each pair of limits.
        key: names the resampling.

    Raises:
        ValueError: fewer than 5 sizes or 1.2 decades, fewer than 3 runs, values that are not positive.

    >>> sizes = np.array([10, 30, 100, 300, 1000])
    >>> runs = np.exp(np.random.default_rng(0).normal(0, 0.1, (20, 5)))
    >>> found = scaling(sizes, runs * sizes**0.3, runs / sizes**0.5)
    >>> round(found.bound.value, 1), round(found.risk.value, 1), found.flag
    (0.3, -0.5, 'the bound grows')
    """
    logs = np.log(np.asarray(sizes, dtype=float))
    tables = [np.asarray(table, dtype=float) for table in (bounds, risks)]
    _check(logs, tables)
    bound_slopes, risk_slopes = (_slopes(logs, np.log(table)) for table in tables)
    runs = len(bound_slopes)
    picks = generator("bootstrap", key).integers(runs, size=(RESAMPLES, runs))
    found = [_limits(slopes, picks, confidence) for slopes in (bound_slopes, risk_slopes, bound_slopes - risk_slopes)]
    flag = "the bound grows" if found[0].grows else "flatter than the risk" if found[2].lower > tolerance else ""
    return Scaling(found[0], found[1], found[2], flag)


def _check(logs: Array, tables: Sequence[Array]) -> None:
    decades = float(np.ptp(logs)) / math.log(10) if len(logs) else 0.0
    if len(logs) < SMALLEST_POINTS or decades < SMALLEST_DECADES or np.any(np.diff(logs) <= 0):
        raise ValueError(
            f"sizes must be at least {SMALLEST_POINTS} increasing numbers over {SMALLEST_DECADES} decades, got {len(logs)} over "
            f"{decades:.2g}: a slope over less says nothing"
        )
    for table in tables:
        if table.ndim != 2 or table.shape[1] != len(logs) or len(table) < 3:
            raise ValueError(f"bounds and risks must be (runs, {len(logs)}) with at least 3 runs, got {table.shape}: one row per seed")
        if not np.all((table > 0) & np.isfinite(table)):
            raise ValueError("bounds and risks must be positive and finite, got others: leave such sizes out, for all runs")


def _slopes(logs: Array, values: Array) -> Array:
    """The least-squares slope of each run. That of the mean curve over some runs is the mean of theirs, the sizes being the same."""
    centred = logs - logs.mean()
    return np.asarray(values @ centred / (centred @ centred))


def _limits(slopes: Array, picks: Array, confidence: float) -> Slope:
    resampled = slopes[picks].mean(axis=1)
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(resampled, [tail, 1 - tail])
    return Slope(float(slopes.mean()), float(lower), float(upper), confidence)
