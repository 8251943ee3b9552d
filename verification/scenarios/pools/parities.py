"""Parities on the corners of a cube: 2^d rules, any two of which disagree on half of the corners, and the one that fits a sample best."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, RISK
from genbounds.verification.populations.cube import cube, parity
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.picked_best import CHARGED, INFORMED, SHOWN, audit_of_the_picked, best_on_samples
from genbounds.verification.scenarios.scenario import Scenario, World

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
    inputs = SHOWN | CHARGED | INFORMED | {"vc_dimension"}
    truths = frozenset({RISK, EXPECTED_RISK, EXPECTED_GAP})
    audit = audit_of_the_picked(
        examples="corners and flips drawn independently: rows of the pool, with replacement",
        fixed="all parities; K of them shatter at most log2 K points",
        words="each has weight 1/K, and a word of log2 K bits",
        variance="1/4, as no error has a larger variance",
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for dimension, noise, n in SETTINGS:
            pool = cube(dimension, parity(TARGET), noise, f"cube of {dimension}, noise {noise}")
            wrong = parities(pool.inputs) != pool.labels
            drawn = np.stack([pool.sample(("parity", key), n) for key in keys[::THINNING]])
            yield best_on_samples(f"dimension {dimension}, noise {noise}, n = {n}", wrong, drawn, 0.25, {"vc_dimension": dimension})
