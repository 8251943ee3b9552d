"""Statements in expectation: the mean over independent draws, with limits that hold at any number of draws, beside the bound."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

from genbounds.bounds.certificate import Certificate, decimal_down_percent
from genbounds.verification.checks.coverage import ALPHA
from genbounds.verification.checks.mean_limits import mean_interval
from genbounds.verification.checks.tightness import tightness
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.rows.bound_row import RISKS, BoundRow
from genbounds.verification.rows.interval import Interval

ROWS = 10
"""Rows of statements in expectation that a study may have at most, if it has no other check: each refutes with its share of ``ALPHA``."""
ROW_DELTA = ALPHA / ROWS
"""A row refutes a bound that holds with at most this probability."""


def interval(values: Array, low: float, high: float) -> Interval:
    """``mean_interval`` at the probability that all reports use, with its method in words.

    A mean that may be negative, a gap, refutes a bound on its absolute value from either end, so each end has half of ``ROW_DELTA``. One
    that cannot, a risk, refutes from its lower end alone.

    >>> import numpy as np
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
