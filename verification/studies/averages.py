"""Statements in expectation: the mean over independent draws, with limits that hold at any number of draws, beside the bound."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

from genbounds.bounds.certificate import Certificate, decimal_down_percent
from genbounds.verification.checks.coverage import ALPHA
from genbounds.verification.checks.tightness import tightness
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.rows.rows import RISKS, BoundRow, Interval

ROWS = 10
"""Rows of statements in expectation that a study may have at most, if it has no other check: each refutes with its share of `ALPHA`."""
ROW_DELTA = ALPHA / ROWS
"""A row refutes a bound that holds with at most this probability."""
_STAKES = 0.999 * 0.5 ** np.arange(16)
"""Parts of the capital that are staked, each with a sixteenth of it: from nearly all, for small variances, down to 3e-5."""


def mean_interval(values: Sequence[float] | Array, low: float, high: float, delta: float = ROW_DELTA) -> tuple[float, float]:
    """Limits on the mean of a law on [low, high] from independent draws; each of the two fails with probability at most `delta`.

    No law is assumed beyond the range. Were the mean m or less, then with draws x in [0, 1] and a part s of the capital staked each time,
    the capital prod_i (1 + s (x_i - m) / m) would have expectation at most 1, and so would an average over several s; by Markov's
    inequality it reaches 1/delta with probability at most delta. The lower limit is the least m at which it does not. The upper limit is
    one minus that of 1 - x. (Waudby-Smith and Ramdas 2024, with fixed stakes: waudbysmith2024estimating in bounds/references.bib.)

    Raises:
        ValueError: no draws, draws outside [low, high], delta outside (0, 1).

    >>> lower, upper = mean_interval([0.1] * 1000, 0, 1)
    >>> round(lower, 3), round(upper, 3)
    (0.099, 0.111)
    """
    draws = np.asarray(values, dtype=np.float64)
    if draws.ndim != 1 or draws.size == 0:
        raise ValueError(f"values must be a non-empty vector with one entry a draw, got shape {draws.shape}: measure some draws")
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


def interval(values: Array, low: float, high: float) -> Interval:
    """`mean_interval` at the probability that all reports use, with its method in words.

    A mean that may be negative, a gap, refutes a bound on its absolute value from either end, so each end has half of `ROW_DELTA`. One that
    cannot, a risk, refutes from its lower end alone.

    >>> interval(np.full(100, 0.5), 0, 1).method, interval(np.full(100, 0.5), -1, 1).method
    ('99.99 % at each end, from 100 draws', '99.995 % at each end, from 100 draws')
    """
    each = ROW_DELTA / 2 if low < 0 else ROW_DELTA
    method = f"{decimal_down_percent(Fraction(repr(each)))} % at each end, from {len(values)} draws"
    return Interval(*mean_interval(values, low, high, each), method)


def distance_from_zero(signed: Interval) -> Interval:
    """The interval of |q| from one of q.

    >>> distance_from_zero(Interval(-0.25, 0.125, "draws"))
    Interval(lower=0.0, upper=0.25, method='draws')
    """
    ends = sorted((abs(signed.lower), abs(signed.upper)))
    return Interval(0.0 if signed.lower <= 0 <= signed.upper else ends[0], ends[1], signed.method)


def expectation_row(certificate: Certificate, signed: Interval, mean: float, n: int, *, note: str, **words: Any) -> BoundRow:
    """A row of a statement in expectation: refuted only where the lower limit on (the absolute value of) the mean exceeds the bound.

    Slack and held-out worth are those at the mean over the draws, which the interval need not have in its middle.

    >>> from genbounds.bounds.perceptron import leave_one_out
    >>> words = {"study": "s", "cell": "c", "population": "p", "network": "w", "training": "t", "risk_what": "r", "scale": "realistic"}
    >>> row = expectation_row(leave_one_out(radius=1, margin=1, n=9), Interval(0.02, 0.08, "50 draws"), 0.05, 9, note="exact", **words)
    >>> row.certificate.value, row.bits_of_slack, str(row.verdict), row.note
    (0.1, 1.0, 'not refuted', 'mean 0.05 over the draws; exact')
    """
    measured = distance_from_zero(signed)
    verdict = Verdict.REFUTED if measured.lower > certificate.value else Verdict.NOT_REFUTED
    row = BoundRow.compared(certificate, measured, n, verdict=verdict, note=f"mean {mean:.3g} over the draws; {note}", **words)
    bits = math.log2(certificate.value / abs(mean)) if mean and certificate.value else None
    row = dataclasses.replace(row, bits_of_slack=bits)
    if certificate.bounds_on not in RISKS:
        return row
    found = tightness(certificate.value, mean, n, 0.05)
    return dataclasses.replace(row, baseline=found.baseline, held_out_equivalent=found.held_out_equivalent)
