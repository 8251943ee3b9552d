"""Exact minimisers of a regularised logistic risk on draws from a pool; the loss, over its largest value, lies in [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    BOUNDED_LOSS,
    CONVEX_LOSS,
    DETERMINISTIC_ALGORITHM,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    LOSS_IN_UNIT_INTERVAL,
    OBJECTIVE_OF_AVERAGE,
    STRONGLY_CONVEX_OBJECTIVE,
    UNIFORM_STABILITY,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP, RISK
from genbounds.verification.learners.linear_models import logistic_constants, loss_range, minimise, up
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

POOL = "separable"
DIVIDED_LOSSES = (
    holding("draws with replacement from the pool", IID_SAMPLE)
    | holding("the penalty keeps ||w|| below a known number, and the loss is divided by its largest value there", BOUNDED_LOSS)
    | holding("the same", LOSS_IN_UNIT_INTERVAL)
)
"""What holds of every regularised learner on a pool."""


def settings() -> tuple[tuple[FinitePool, int, Fraction], ...]:
    """Population, examples, and the weight mu of the penalty (mu/2) ||w||^2: many examples, and a few whose labels are random."""
    return (population(POOL), 400, Fraction(1, 2)), (random_labels(POOL), 2, Fraction(1, 2))


class RegularisedOnPool(Scenario):
    """The minimiser of average logistic loss + (mu/2) ||w||^2: its stability follows from constants that are proved."""

    name = "regularised logistic regression"
    description = "the minimiser of a regularised logistic risk on draws from the separable pool; the loss divided by its largest value"
    inputs = frozenset({"n", "empirical_risk", "lipschitz", "strong_convexity", "loss_range"})
    truths = frozenset({RISK, EXPECTED_GAP})
    audit = (
        DIVIDED_LOSSES
        | holding("the logistic loss of y <w, x>, and the largest ||x|| of the pool", CONVEX_LOSS, LIPSCHITZ_LOSS)
        | holding("the penalty; the distance to the exact minimiser is paid in the empirical risk", STRONGLY_CONVEX_OBJECTIVE)
        | holding("loss and penalty are constants of the scenario; over all w", OBJECTIVE_OF_AVERAGE)
        | holding("a loss whose constants are proved, and a strongly convex objective", UNIFORM_STABILITY)
        | holding("the exact minimiser of this objective, whatever the sample", ALGORITHM_FIXED_IN_ADVANCE, DETERMINISTIC_ALGORITHM)
        | violating("the minimiser looks at the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One for each setting."""
        for pool, n, penalty in settings():
            largest = loss_range(pool.input_radius, penalty)
            sampled = [pool.sample_counts(("regularised", key), n) for key in keys]
            found = [minimise(pool.inputs, pool.labels, counts, float(penalty), pool.input_radius) for counts in sampled]
            error = max(one.error + pool.input_radius * one.distance for one in found) / largest * (1 + 1e-9)
            sample_risk, pool_risk = (np.array([getattr(one, risk) for one in found]) / largest for risk in ("sample_risk", "pool_risk"))
            lipschitz, _ = logistic_constants(pool.input_radius)
            common: dict[str, Any] = {
                "n": n,
                "loss_range": 1,
                "lipschitz": up(lipschitz / Fraction(largest)),
                "strong_convexity": math.nextafter(float(penalty / Fraction(largest)), 0.0),
            }
            label = f"{pool.name}, n = {n}, mu = {penalty}"
            shown = {"empirical_risk": np.clip(sample_risk + error, 0, 1)}
            # The risk is that of the computed weights less all that rounding may have added, so that no refutation rests on rounding.
            truths = {RISK: pool_risk - error, EXPECTED_GAP: pool_risk - sample_risk}
            yield World(label, common, shown, truths, truth_range=(-1.0, 1.0))
