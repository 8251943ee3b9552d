"""A class that remembers: the indicators of all sets of at most d points, on a continuous population whose labels are all 1."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_LOSS_CLASS,
    EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    NO_ERROR_ON_SAMPLE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating


class Memoriser(Scenario):
    """It says 1 on the n points that it has seen and 0 elsewhere: no error on the sample, and always wrong beyond it."""

    name = "memoriser"
    description = "all sets of at most n points, labels 1: the set of the sample's own points errs on none of them and everywhere else"
    inputs = frozenset({"n", "empirical_risk", "errors", "vc_dimension", "complexity"})
    truths = frozenset({RISK})
    audit = (
        holding("uniform points of the interval, drawn independently", IID_SAMPLE)
        | holding("the loss is 0 or 1", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("all sets of at most n points, whatever the sample", CLASS_FIXED_IN_ADVANCE)
        | holding(
            "every sign vector is reached, so the complexity is 1/2 on every sample",
            COMPLEXITY_OF_LOSS_CLASS,
            EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
        )
        | holding("the set holds every point of the sample", NO_ERROR_ON_SAMPLE)
        | violating("the set is that of the sample's own points", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """One sample is like any other: n points that are all different."""
        for n in (1, 10, 10**3, 10**6) if size == "thumbnail" else (1, 2, 5, 10, 100, 10**3, 10**4, 10**6):
            common = {"n": n, "vc_dimension": n, "complexity": Fraction(1, 2)}
            yield World(f"n = {n}", common, {"empirical_risk": [0], "errors": [0]}, {RISK: [1]}, [Fraction(1)])
