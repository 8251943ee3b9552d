"""Learners that make no error on their sample: elimination modulo 2 finds a parity, and the hard-margin machine a half-space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    CONDITIONAL_INFORMATION,
    EVALUATED_INFORMATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    NO_ERROR_ON_SAMPLE,
    NO_LOSS_ON_ANY_SAMPLE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import EXPECTED_RISK, RISK
from genbounds.verification.populations.protocol import generator
from genbounds.verification.populations.sphere import TeacherSphere
from genbounds.verification.scenarios.pools.hard_margin import machine
from genbounds.verification.scenarios.scenario import Scenario, World, holding, log_up, violating

PARITIES = ((48, 49), (4, 400))
"""Coordinates and examples: hardly enough to know the parity by, and by far enough for a bound that says something."""
HALF_SPACES = ((2, 3), (5, 500))
"""Coordinates and examples."""
THINNING = 4
"""A hypothesis for every fourth key."""
ROUNDING = 1e-12
_CONSISTENT = (
    holding("independent draws from the law", IID_SAMPLE)
    | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    | violating("the hypothesis is found from the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
)


def parity_of(corners: Sequence[int], labels: Sequence[int]) -> int:
    """A parity that is right on all examples, as the set of its coordinates; of all of them the one without free coordinates.

    Args:
        corners: of the cube, one bit for each coordinate, 1 where it is -1. An equation begins with its highest bit; a coordinate
            with which none begins, after elimination, is free.
        labels: 1 where the product of the coordinates of the parity is -1, else 0.

    Raises:
        ValueError: no parity is right on all of them.

    >>> bin(parity_of([0b011, 0b110], [1, 0]))  # the two upper coordinates; the lowest alone would do, but no equation begins with it
    '0b110'
    """
    pivots: dict[int, int] = {}  # rows in echelon form by their leading bit; the label is the lowest bit of a row
    for corner, label in zip(corners, labels, strict=True):
        row = corner << 1 | label
        while row > 1 and row.bit_length() in pivots:
            row ^= pivots[row.bit_length()]
        if row == 1:
            raise ValueError("labels must be those of a parity of the coordinates: two examples contradict each other")
        if row:
            pivots[row.bit_length()] = row
    found = 0
    for leading in sorted(pivots):  # the coordinates below the leading one are known
        row = pivots[leading]
        if (row & 1) ^ ((row >> 1 & found).bit_count() & 1):
            found |= 1 << (leading - 2)
    return found


class ConsistentParity(Scenario):
    """The labels are the product of all coordinates; any other parity is wrong on half of the corners."""

    name = "parity without an error"
    description = "a parity on corners of the cube that elimination modulo 2 finds to be right on the sample; the labels are one parity"
    inputs = frozenset({"n", "class_size", "vc_dimension", "log_growth_2n", "conditional_information"})
    truths = frozenset({RISK, EXPECTED_RISK})
    audit = (
        _CONSISTENT
        | holding(
            "all 2^d parities: they shatter the d corners with one -1, and have at most 2^d patterns anywhere", CLASS_FIXED_IN_ADVANCE
        )
        | holding("the system of equations modulo 2 is solved, and has a solution", NO_ERROR_ON_SAMPLE, NO_LOSS_ON_ANY_SAMPLE)
        | holding("elimination is a function of the sample", ALGORITHM_FIXED_IN_ADVANCE)
        | holding("the entropy of one of 2^d parities is at most d ln 2", CONDITIONAL_INFORMATION, EVALUATED_INFORMATION)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Few examples in many dimensions, and many in few."""
        for dimension, n in PARITIES:
            risks = [self.risk(dimension, n, key) for key in keys[::THINNING]]
            common = {"n": n, "class_size": 2**dimension, "vc_dimension": dimension, "log_growth_2n": log_up(2**dimension)}
            common["conditional_information"] = common["log_growth_2n"]
            yield World(f"parities of {dimension} coordinates, n = {n}", common, {}, {RISK: risks, EXPECTED_RISK: risks})

    @staticmethod
    def risk(dimension: int, n: int, key: int) -> float:
        """One half, unless the sample leaves no other parity."""
        bits = generator("parity without an error", dimension, key).integers(2, size=(n, dimension))
        corners = [int("".join(map(str, row)), 2) for row in bits.tolist()]
        found = parity_of(corners, [corner.bit_count() & 1 for corner in corners])
        return 0.0 if found == 2**dimension - 1 else 0.5


class ConsistentHalfSpace(Scenario):
    """Unit vectors with the signs of a teacher's products, and the machine of least norm on them: its risk is its angle to the teacher."""

    name = "half-space without an error"
    description = "the hard-margin machine through the origin on points of a sphere that a teacher labels, by its angle to the teacher"
    inputs = frozenset({"n", "vc_dimension"})
    truths = frozenset({RISK})
    audit = (
        _CONSISTENT
        | holding("half-spaces through 0 in d dimensions shatter d points and no more", CLASS_FIXED_IN_ADVANCE)
        | holding("the conditions of Karush, Kuhn and Tucker are checked on every sample", NO_ERROR_ON_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Few examples on a circle, and many in five dimensions."""
        for dimension, n in HALF_SPACES:
            law = TeacherSphere(np.eye(dimension)[0])
            risks = []
            for key in keys[::THINNING]:
                inputs, labels = law.sample(("half-space without an error", key), n)
                risks.append(max(0.0, law.risk(machine(inputs * labels[:, None])) - ROUNDING))
            yield World(f"half-spaces in {dimension} dimensions, n = {n}", {"n": n, "vc_dimension": dimension}, {}, {RISK: risks})
