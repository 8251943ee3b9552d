"""Ten linear scores, each along the mean of its class less the mean of all: a classifier in one step, on samples of any size."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_SCORES,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

SETTINGS = (("digits", 30, 0.25), ("digits", 10**9, 0.25), ("mnist1d", 200, 2.0**-6))
"""Pool, examples, and the margin; every vector of scores has norm 1."""
THINNING = 16
"""A classifier for every sixteenth key: each is looked at on the whole pool."""
ROUNDING = 1e-12


def class_means(pool: FinitePool, counts: Array) -> Array:
    """For each sample one vector of norm 1 for each class, (draws, classes, d): its mean less the mean of all; 0 for a class unseen."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    parts = [pool.labels == label for label in pool.classes]
    sums = np.stack([shares[:, part] @ pool.inputs[part] for part in parts], axis=1)
    weights = np.stack([shares[:, part].sum(axis=1) for part in parts], axis=1)
    means = sums / np.maximum(weights, 1e-300)[:, :, None] - sums.sum(axis=1, keepdims=True)
    means = np.where(weights[:, :, None] > 0, means, 0.0)
    return np.asarray(means / np.maximum(np.linalg.norm(means, axis=2, keepdims=True), 1e-300))


def margins_of(vectors: Array, pool: FinitePool) -> Array:
    """The score of the label less the largest other score, at every point of the pool: (draws, N)."""
    scores = vectors @ pool.inputs.T  # (draws, classes, N)
    place = np.searchsorted(pool.classes, pool.labels)
    own = scores[:, place, np.arange(pool.size)].copy()
    scores[:, place, np.arange(pool.size)] = -np.inf
    return np.asarray(own - scores.max(axis=1))


class ClassMeans(Scenario):
    """All vectors of scores lie in the unit ball, so that the complexity of the scores is that of the ball, by the mean of ||x||^2."""

    name = "class means"
    description = "ten linear scores of norm 1 along the class means of draws from digits or MNIST-1D, and their margins"
    inputs = frozenset({"n", "margin_risk", "margin", "outputs", "complexity"})
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("linear scores, each of norm at most 1", CLASS_FIXED_IN_ADVANCE)
        | holding("sqrt(E ||x||^2/n) for the unit ball, in which every score lies", COMPLEXITY_OF_SCORES)
        | holding("examples with a margin of at most a constant of the scenario are counted", MARGIN_LOSS, MARGIN_FIXED_IN_ADVANCE)
        | violating("the means are those of the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for name, n, margin in SETTINGS:
            pool = population(name)
            counts = np.stack([pool.sample_counts(("class means", n, key), n) for key in keys[::THINNING]])
            margins = margins_of(class_means(pool, counts), pool)
            small = margins <= margin + ROUNDING
            complexity = math.sqrt(float((pool.inputs**2).sum(axis=1).mean()) / n) * (1 + ROUNDING)
            common = {"n": n, "margin": margin, "outputs": len(pool.classes), "complexity": complexity}
            # Counts are summed as whole numbers, so that the margin risk is a correctly rounded quotient.
            shown = {"margin_risk": [int(own[row].sum()) / n for own, row in zip(counts, small, strict=True)]}
            yield World(f"{name}, n = {n:g}", common, shown, {RISK: (margins <= -ROUNDING).mean(axis=1)})
