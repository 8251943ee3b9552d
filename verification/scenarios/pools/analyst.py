"""The adaptive analyst on labels that say nothing: random classifiers are turned by their scores on one held-out sample, and then vote."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genbounds.bounds.assumptions import (
    ADAPTIVE_QUERIES,
    ADAPTIVE_QUERIES_IN_BITS,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    QUERIES_FIXED_IN_ADVANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.learners.voters import wrong_classifiers
from genbounds.verification.populations.protocol import Array
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

SETTINGS = ((20, 12), (200, 40))
"""Examples of the held-out sample, and models that are asked about: all but the last are random classifiers, an odd number of them."""
THINNING = 4
"""An analyst for every fourth key."""


def vote_of_turned(wrong: Array, sample: Array) -> Array:
    """Which points of the pool the vote gets wrong, (N,), after every classifier that errs on more than half of the sample is turned.

    Args:
        wrong: which points each classifier gets wrong, (classifiers, N), an odd number of them.
        sample: rows of the pool, (n,).

    >>> vote_of_turned(np.array([[True, True, False]]), np.array([0, 1])).tolist()
    [False, False, True]
    """
    turned = 2 * wrong[:, sample].sum(axis=1) > len(sample)
    return np.asarray(2 * (wrong ^ turned[:, None]).sum(axis=0) > len(wrong))


class AnalystOnNoise(Scenario):
    """The risk of the vote is exact over the pool; it stays near one half, however few errors the sample shows."""

    name = "adaptive analyst on noise labels"
    description = "random classifiers on breast cancer with random labels, turned by their scores on a held-out sample; then their vote"
    inputs = frozenset({"n", "empirical_risk", "errors", "queries", "bits"})
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("of each count of errors one bit is looked at", ADAPTIVE_QUERIES, ADAPTIVE_QUERIES_IN_BITS)
        | holding("a constant of the scenario", QUERIES_FIXED_IN_ADVANCE)
        | violating("the vote depends on the scores", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        pool = random_labels("breast_cancer")
        for n, queries in SETTINGS:
            wrong = wrong_classifiers(pool, queries - 1)
            drawn = [pool.sample(("analyst", key), n) for key in keys[::THINNING]]
            votes = [vote_of_turned(wrong, sample) for sample in drawn]
            errors = np.array([int(vote[sample].sum()) for vote, sample in zip(votes, drawn, strict=True)])
            common = {"n": n, "queries": queries, "bits": 1}
            shown = {"errors": errors, "empirical_risk": errors / n}
            yield World(f"{queries} models, n = {n}", common, shown, {RISK: np.array([vote.mean() for vote in votes])})
