"""A linear classifier whose weights are written down with one of three signs each: a code that was fixed before the sample."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    CANDIDATES_INDEPENDENT_OF_SAMPLE,
    CLASS_FIXED_IN_ADVANCE,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    PRIOR_CODE_FIXED_IN_ADVANCE,
    UNBIASED_VARIANCE,
    VARIANCE_BOUND,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios.pools.held_out_network import shown_by
from genbounds.verification.scenarios.scenario import Scenario, World, holding, log_up, violating

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
    inputs = frozenset(
        {
            "n",
            "errors",
            "empirical_risk",
            "variance",
            "variance_bound",
            "loss_range",
            "class_size",
            "candidates",
            "log_inverse_prior",
            "bits",
        }
    )
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS)
        | holding("all words of three letters, whatever the sample", CLASS_FIXED_IN_ADVANCE, CANDIDATES_INDEPENDENT_OF_SAMPLE)
        | holding("every word has the weight 3^-d, or a codeword of that length", PRIOR_CODE_FIXED_IN_ADVANCE)
        | holding("errors (n - errors)/(n (n - 1)), by its definition", UNBIASED_VARIANCE)
        | holding("1/4, as no error has a larger variance", VARIANCE_BOUND)
        | violating("the word is written from the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for pool, n in settings():
            drawn = np.stack([pool.sample(("quantised", n, key), n) for key in keys[::THINNING]])
            words = np.stack([ternary(pool, sample) for sample in drawn])
            wrong = words @ pool.inputs.T * pool.labels <= 0
            errors = np.take_along_axis(wrong, drawn, axis=1).sum(axis=1)
            size = 3**pool.features
            common: dict[str, Any] = {
                "n": n,
                "loss_range": 1,
                "variance_bound": 0.25,
                "class_size": size,
                "candidates": size,
                "log_inverse_prior": log_up(size),
                "bits": math.ceil(pool.features * math.log2(3)),
            }
            yield World(f"{pool.name}, n = {n}", common, shown_by(errors, n), {RISK: wrong.mean(axis=1)})
