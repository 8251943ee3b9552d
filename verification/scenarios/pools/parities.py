"""Parities on the corners of a cube: 2^d rules, any two of which disagree on half of the corners, and the one that fits a sample best."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
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
from genbounds.verification.populations.cube import cube, parity
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.pools.held_out_network import shown_by
from genbounds.verification.scenarios.scenario import Scenario, World, holding, log_up, violating

SETTINGS = ((8, Fraction(1, 2), 20), (6, Fraction(1, 4), 300))
"""Dimension, how often a label is flipped, and examples: labels that say nothing, and a parity of four coordinates that is found."""
TARGET = 4
THINNING = 4
"""A sample for every fourth key."""


def parities(inputs: Array) -> Array:
    """The product of the chosen coordinates at each corner, for every choice: (2^d, N), entries -1 and 1.

    >>> parities(np.array([[1.0, -1.0], [-1.0, -1.0]])).tolist()
    [[1, 1], [1, -1], [-1, -1], [-1, 1]]
    """
    odd = (inputs < 0).astype(int)
    chosen = (np.arange(1 << inputs.shape[1])[:, None] >> np.arange(inputs.shape[1])) & 1
    return np.asarray(1 - 2 * (chosen @ odd.T % 2))


class BestParity(Scenario):
    """The parity with the fewest errors on the sample; ties go to the first."""

    name = "best parity on the cube"
    description = "all parities of the coordinates on corners of a cube with flipped labels: the one with the fewest errors"
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
            "vc_dimension",
        }
    )
    truths = frozenset({RISK})
    audit = (
        holding("corners and flips drawn independently: rows of the pool, with replacement", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS)
        | holding("all parities; K of them shatter at most log2 K points", CLASS_FIXED_IN_ADVANCE, CANDIDATES_INDEPENDENT_OF_SAMPLE)
        | holding("each has weight 1/K, and a word of log2 K bits", PRIOR_CODE_FIXED_IN_ADVANCE)
        | holding("errors (n - errors)/(n (n - 1)), by its definition", UNBIASED_VARIANCE)
        | holding("1/4, as no error has a larger variance", VARIANCE_BOUND)
        | violating("the best on the sample is picked", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for dimension, noise, n in SETTINGS:
            pool = cube(dimension, parity(TARGET), noise, f"cube of {dimension}, noise {noise}")
            wrong = parities(pool.inputs) != pool.labels
            drawn = np.stack([pool.sample(("parity", key), n) for key in keys[::THINNING]])
            errors = np.stack([wrong[:, sample].sum(axis=1) for sample in drawn])
            size = len(wrong)
            common: dict[str, Any] = {
                "n": n,
                "loss_range": 1,
                "variance_bound": 0.25,
                "class_size": size,
                "candidates": size,
                "log_inverse_prior": log_up(size),
                "bits": dimension,
                "vc_dimension": dimension,
            }
            truths = {RISK: wrong.mean(axis=1)[errors.argmin(axis=1)]}
            yield World(f"dimension {dimension}, noise {noise}, n = {n}", common, shown_by(errors.min(axis=1), n), truths)
