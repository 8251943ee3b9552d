"""Statements in expectation: the mean over independent draws, with limits that hold at any number of draws, compared with the bound."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.certificate import Certificate, decimal_down_percent
from genbounds.bounds.perceptron import random_iterate
from genbounds.verification.checks.mean_limits import mean_interval
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.tightness import tightness
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.rows.bound_row import RISKS, BoundRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.canary import Canary

HOLDS_ZERO = "no power: the interval of the mean begins at 0, so that no bound would be refuted"
"""Said where the draws do not even tell the mean from 0."""


@dataclass(frozen=True)
class Usual:
    """Values lie within plus and minus ``half`` with probability 1 - ``exception`` each, by a theorem about the law they come from.

    Limits on a mean by draws cost as much as the values may jump. Values that are cut off at ``half`` have a mean that differs from the
    true one by the width of the range times ``exception`` at most, and jump far less.
    """

    half: float
    exception: float


def interval(values: Array, low: float, high: float, delta: float, usual: Usual | None = None) -> Interval:
    """``mean_interval``, refuting a true bound with probability ``delta`` at most, with its method in words.

    A mean that may be negative, a gap, refutes a bound on its absolute value from either end, so each end has half of ``delta``. One
    that cannot, a risk, refutes from its lower end alone. ``usual``: where the values lie but for an exception.

    >>> import numpy as np
    >>> interval(np.full(100, 0.5), 0, 1, 1e-4).method, interval(np.full(100, 0.5), -1, 1, 1e-4).method
    ('99.99 % at each end, from 100 draws', '99.995 % at each end, from 100 draws')
    >>> [round(interval(np.full(1000, 0.01), -1, 1, 1e-4, usual).lower, 4) for usual in (None, Usual(0.1, 1e-9))]
    [-0.0027, 0.0086]
    """
    each = delta / 2 if low < 0 else delta
    method = f"{decimal_down_percent(Fraction(repr(each)))} % at each end, from {len(values)} draws"
    if usual is None or usual.half >= max(-low, high):
        return Interval(*mean_interval(values, low, high, each), method)
    cut = np.clip(np.asarray(values, dtype=np.float64), -usual.half, usual.half)
    lower, upper = mean_interval(cut, -usual.half, usual.half, each)
    room = (high - low) * usual.exception
    return Interval(max(low, lower - room), min(high, upper + room), f"{method}, each within {usual.half:.3g} but for {usual.exception:g}")


def common(one: Interval, other: Interval) -> Interval | None:
    """What two limits on one number have in common; None where they exclude each other.

    >>> common(Interval(-1, 0.5, "a"), Interval(0.25, 2, "b"))
    Interval(lower=0.25, upper=0.5, method='a; b')
    """
    lower, upper = max(one.lower, other.lower), min(one.upper, other.upper)
    return Interval(lower, upper, f"{one.method}; {other.method}") if lower <= upper else None


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
    said = "; ".join(part for part in (f"mean {mean:.3g} over the draws", note, "" if measured.lower > 0 else HOLDS_ZERO) if part)
    row = BoundRow.compared(certificate, measured, n, verdict=verdict, note=said, **words)
    bits = math.log2(certificate.value / abs(mean)) if mean and certificate.value else None
    row = dataclasses.replace(row, bits_of_slack=bits)
    if certificate.bounds_on not in RISKS:
        return row
    found = tightness(certificate.value, mean, n, 0.05)
    return dataclasses.replace(row, baseline=found.baseline, held_out_equivalent=found.held_out_equivalent)


def canary(study: str) -> Canary:
    """A mean of .9 under a bound of .1 must be refuted by what judges statements in expectation, one of 0.01 not."""
    certificate = random_iterate(radius=10, margin=1, n=1000)
    words = {"study": study, "cell": "", "population": "none", "network": "none", "training": "none", "risk_what": "", "scale": "realistic"}

    def refuted(mean: float) -> bool:
        found = interval(np.full(1000, mean), 0.0, 1.0, share(study) / 1000)
        return expectation_row(certificate, found, mean, 1000, note="", **words).verdict.is_failure

    return Canary.of("a mean risk of 0.9 under a bound of 0.1", {"limits on means": (refuted(0.9), refuted(0.01))})
