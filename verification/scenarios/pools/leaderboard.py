"""A leaderboard on labels that say nothing: an analyst keeps every random change of a linear classifier for which a score is released."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array, generator
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios.adaptive_analyst import SUBMISSIONS
from genbounds.verification.scenarios.scenario import Scenario, World, holding

POOL = "breast_cancer"
SETTINGS = ((40, 30, Fraction(1, 10)), (10**5, 4, Fraction(1, 2)))
"""Examples of the held-out sample, submissions, and the step of the scores: many fine looks at few examples, coarse ones at many."""
THINNING = 2
"""An analyst for every second key."""


def climbed(pool: FinitePool, counts: Array, directions: Array, step: Fraction) -> tuple[list[Fraction], Array]:
    """The scores released last, (draws,), and which points of the pool the submissions get wrong that they belong to, (draws, N).

    Submission t adds ``directions[:, t]`` to the weights of the one whose score was released last. A score is released, rounded down to a
    multiple of the step, when it is lower than the last one by at least the step; the first one always is.

    Args:
        pool: with labels -1 and +1.
        counts: how often each point is in the held-out sample, (draws, N).
        directions: (draws, submissions, d).
        step: between scores.
    """
    signed, n = pool.inputs * pool.labels[:, None], int(counts[0].sum())
    draws, submissions, _ = directions.shape
    kept, wrong_of_kept = np.zeros_like(directions[:, 0]), np.zeros(counts.shape, dtype=bool)
    scores = [Fraction(2)] * draws  # above every score, so that the first is released
    for turn in range(submissions):
        submitted = kept + directions[:, turn]
        wrong = submitted @ signed.T <= 0
        for draw, errors in enumerate((counts * wrong).sum(axis=1).tolist()):
            if Fraction(errors, n) <= scores[draw] - step:
                scores[draw] = step * (Fraction(errors, n) // step)
                kept[draw], wrong_of_kept[draw] = submitted[draw], wrong[draw]
    return scores, wrong_of_kept


class LeaderboardOnNoise(Scenario):
    """The risk of the classifier whose score was released last is exact over the pool."""

    name = "leaderboard on noise labels"
    description = "linear classifiers on breast cancer with random labels, changed at random and kept when a leaderboard releases a score"
    inputs = frozenset({"n", "reported_risk", "queries", "step"})
    truths = frozenset({RISK})
    audit = holding("draws with replacement from the pool", IID_SAMPLE) | SUBMISSIONS

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        pool = random_labels(POOL)
        for n, queries, step in SETTINGS:
            chosen = keys[::THINNING]
            counts = np.stack([pool.sample_counts(("leaderboard", key), n) for key in chosen])
            directions = np.stack([generator("leaderboard", key).standard_normal((queries, pool.features)) for key in chosen])
            scores, wrong = climbed(pool, counts, directions, step)
            common = {"n": n, "queries": queries, "step": step}
            yield World(f"{queries} submissions, step {step}, n = {n}", common, {"reported_risk": scores}, {RISK: wrong.mean(axis=1)})
