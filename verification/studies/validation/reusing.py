"""A test set that is asked again and again, until its answer is false (Blum and Hardt 2015, the boosting attack)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from genbounds.bounds.holdout import adaptive_reuse, adaptive_reuse_rounded, finite_class, hoeffding, ladder
from genbounds.verification.populations.protocol import Array, generator
from genbounds.verification.studies.validation.cell import DELTA, ReuseCell

FALSE = ("Hoeffding", "Hoeffding, union")
"""Bounds whose candidates must not depend on the test set."""
SOUND = ("adaptive, counts", "adaptive, bits")
"""Bounds that hold for an analyst who looks at all counts, or at one bit of each."""
RISK = 0.5
"""Of every classifier, since the labels are fair coins."""


def reuse(cell: ReuseCell) -> Mapping[str, Any]:
    """Random classifiers are asked about one after the other, those with more than half wrong are turned, and their vote is the last model.

    The analyst sees one bit of each answer. Whether a random classifier is right on an example is a fair coin, so nothing else need be
    drawn; the vote's errors on a second test set are as many as fair coins give.

    Returns:
        For each number of classifiers the mean ``reported`` error of the vote and the mean error on a ``second`` test set; by bound,
        ``values`` (means) and ``failures`` (test sets on which the risk 1/2 exceeds it); the same of the ``ladder``, whose score is
        released only where it improves by the step.
    """
    random = generator("validation: reuse", cell.seed)
    wrong = np.array([_attack(random, cell) for _ in range(cell.repetitions)])
    second = random.binomial(cell.n, RISK, wrong.shape) / cell.n
    scores = [_ladder_score(random, cell) for _ in range(cell.repetitions)]
    released = [_ladder(score, cell.n, cell.classifiers[-1] + 1, cell.step) for score in scores]
    values = {
        name: np.array([[_bound(name, int(k), cell.n, asked + 1) for k, asked in zip(row, cell.classifiers, strict=True)] for row in wrong])
        for name in (*FALSE, *SOUND)
    }
    return {
        "reported": (wrong.mean(axis=0) / cell.n).tolist(),
        "second": second.mean(axis=0).tolist(),
        "values": {name: np.minimum(1.0, table).mean(axis=0).tolist() for name, table in values.items()},
        "failures": {name: (table < RISK).sum(axis=0).tolist() for name, table in values.items()},
        "ladder": {
            "score": float(np.mean([float(score) for score in scores])),
            "value": float(np.mean(released)),
            "failures": sum(value < RISK for value in released),
        },
    }


def _attack(random: np.random.Generator, cell: ReuseCell) -> list[int]:
    """The errors of the votes of the first 1, 9, ... classifiers (odd numbers, so that no vote is a tie)."""
    votes, found, done = np.zeros(cell.n, dtype=np.int64), [], 0
    for asked in cell.classifiers:
        right = 2 * random.integers(0, 2, (asked - done, cell.n), dtype=np.int8).astype(np.int64) - 1
        votes += (np.where(right.sum(axis=1) < 0, -1, 1)[:, None] * right).sum(axis=0)
        found.append(int((votes < 0).sum()))
        done = asked
    return found


def _ladder_score(random: np.random.Generator, cell: ReuseCell) -> Fraction:
    """The score released last: of the same analyst, who keeps the classifiers whose scores are released, and submits their vote."""
    score, kept = Fraction(2), np.zeros(cell.n, dtype=np.int64)
    for _ in range(cell.classifiers[-1]):
        right: Array = 2 * random.integers(0, 2, cell.n, dtype=np.int8).astype(np.int64) - 1
        after = release(score, Fraction(int((right < 0).sum()), cell.n), cell.step)
        if after != score:
            score, kept = after, kept + right
    return release(score, Fraction(int((kept < 0).sum()), cell.n), cell.step)


def release(score: Fraction, error: Fraction, step: Fraction) -> Fraction:
    """The Ladder's score after a submission: its error rounded to a multiple of the step, where it is better by the step.

    >>> release(Fraction(1, 2), Fraction(46, 100), Fraction(1, 20)), release(Fraction(1, 2), Fraction(44, 100), Fraction(1, 20))
    (Fraction(1, 2), Fraction(9, 20))
    """
    return step * round(error / step) if error < score - step else score


@cache
def _bound(name: str, errors: int, n: int, queries: int) -> float:
    share = Fraction(errors, n)
    if name == "Hoeffding":
        return float(hoeffding(empirical_risk=share, n=n, delta=DELTA).value)
    if name == "Hoeffding, union":
        return float(finite_class(empirical_risk=share, n=n, class_size=queries, delta=DELTA).value)
    if name == "adaptive, counts":
        return float(adaptive_reuse(empirical_risk=share, n=n, queries=queries, delta=DELTA).value)
    return float(adaptive_reuse_rounded(empirical_risk=share, n=n, queries=queries, bits=1, delta=DELTA).value)


@cache
def _ladder(score: Fraction, n: int, queries: int, step: Fraction) -> float:
    return float(ladder(reported_risk=score, n=n, queries=queries, step=step, delta=DELTA).value)
