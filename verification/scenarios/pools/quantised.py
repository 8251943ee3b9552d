"""A linear classifier whose weights are written down with one of three signs each: a code that was fixed before the sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios.picked_best import CHARGED, SHOWN, audit_of_the_picked, charged, shown_by
from genbounds.verification.scenarios.scenario import Scenario, World

PENALTY = 1.0
"""Of the ridge regression that is quantised."""
THINNING = 4
"""A classifier for every fourth key."""


def settings() -> tuple[tuple[FinitePool, int], ...]:
    """Labels that say nothing, and few examples; and tumours, with enough of them."""
    return (random_labels("breast_cancer"), 16), (population("breast_cancer_1_vs_rest"), 400)


def ternary(pool: FinitePool, sample: Array) -> Array:
    """The weights of a ridge regression of the labels, in {-1, 0, 1}: of all 0 < k <= d the k largest in size that err least.

    Every choice of k is among the 3^d words of the code, so nothing but the code is paid for.
    """
    inputs, labels = pool.inputs[sample], pool.labels[sample].astype(float)
    weights = np.linalg.solve(inputs.T @ inputs + PENALTY * np.eye(pool.features), inputs.T @ labels)
    order = np.argsort(-np.abs(weights), kind="stable")
    words = np.zeros((pool.features, pool.features), dtype=int)
    for kept in range(pool.features):
        words[kept:, order[kept]] = int(np.sign(weights[order[kept]]))
    errors = (inputs @ words.T * labels[:, None] <= 0).sum(axis=0)
    return np.asarray(words[int(errors.argmin())])


class QuantisedClassifier(Scenario):
    """sign <w, x> with w in {-1, 0, 1}^d: d log2(3) bits, rounded up."""

    name = "quantised classifier"
    description = "a linear classifier on draws from breast cancer whose 30 weights are rounded to -1, 0 or 1: a code of 48 bits"
    inputs = SHOWN | CHARGED
    truths = frozenset({RISK})
    audit = audit_of_the_picked(
        examples="draws with replacement from the pool",
        fixed="all words of three letters, whatever the sample",
        words="every word has the weight 3^-d, or a codeword of that length",
        variance="1/4, as no error has a larger variance",
        picked="the word is written from the sample",
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for pool, n in settings():
            drawn = np.stack([pool.sample(("quantised", n, key), n) for key in keys[::THINNING]])
            words = np.stack([ternary(pool, sample) for sample in drawn])
            wrong = words @ pool.inputs.T * pool.labels <= 0
            errors = np.take_along_axis(wrong, drawn, axis=1).sum(axis=1)
            yield World(f"{pool.name}, n = {n}", charged(n, 3**pool.features, 0.25), shown_by(errors, n), {RISK: wrong.mean(axis=1)})
