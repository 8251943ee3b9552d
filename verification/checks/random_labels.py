"""Does a measure tell random labels from true ones, and how does it answer to label noise? (A8)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from genbounds.verification.populations.protocol import Array


@dataclass(frozen=True)
class Separation:
    """P(measure on random labels > on true ones), ties counting one half, and the one-sided ``p_value`` of Mann and Whitney."""

    auc: float
    p_value: float


def separation(true: Sequence[float] | Array, random: Sequence[float] | Array) -> Separation:
    """How well a measure separates networks trained on true labels from those trained on random ones.

    The p-value is that of the exact law of ranks where there are no ties and few runs, else of its normal limit; the runs must be
    independent.

    Raises:
        ValueError: a group is empty, or an entry is NaN.

    >>> separation([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]).auc, separation([1.0, 2.0], [1.0, 2.0]).auc
    (1.0, 0.5)
    """
    low, high = (np.asarray(group, dtype=float) for group in (true, random))
    if low.size == 0 or high.size == 0 or np.isnan(low).any() or np.isnan(high).any():
        raise ValueError(f"true and random must be non-empty and free of NaN, got {low.size} and {high.size} entries: train some networks")
    found = stats.mannwhitneyu(high, low, alternative="greater")
    return Separation(float(found.statistic) / (low.size * high.size), float(found.pvalue))


@dataclass(frozen=True)
class DoseResponse:
    """The share of steps of the noise at which the mean measure rises, and Page's test of a rising trend within runs (``p_value``)."""

    rising: float
    p_value: float


def dose_response(measures: Array) -> DoseResponse:
    """How a measure answers to label noise.

    Args:
        measures: (runs, levels), the columns in increasing order of the noise. A row is one seed at all levels.

    Raises:
        ValueError: fewer than 3 levels or 3 runs.

    >>> dose_response(np.array([[1.0, 2, 3], [1, 3, 4], [0, 1, 5]])).rising
    1.0
    """
    table = np.asarray(measures, dtype=float)
    if table.ndim != 2 or min(table.shape) < 3:
        raise ValueError(f"measures must be (runs, levels) with at least 3 of each, got shape {table.shape}: one row per seed")
    steps = np.diff(table.mean(axis=0))
    found = stats.page_trend_test(table)
    return DoseResponse(float((steps > 0).mean()), float(found.pvalue))
