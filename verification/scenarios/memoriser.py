"""Classes that remember: sets of finitely many points, on continuous populations whose labels are all 1.

A set has score 1 on its points and 0 elsewhere, a tie, which is an error. Where only a part of the population is to be remembered, every
function of the class is right on the rest, and bounds are below 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, ClassVar

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_LOSS_CLASS,
    COMPLEXITY_OF_SCORES,
    COMPLEXITY_OF_SCORES_ON_SAMPLE,
    EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    NO_ERROR_ON_SAMPLE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.ranges import Range
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

MARGIN = 1 - 2.0**-20
"""Just below the score 1: an example counts in the margin risk if its margin is at most that."""
_COMMON = (
    holding("uniform points of an interval, drawn independently", IID_SAMPLE)
    | holding("the loss is 0 or 1", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    | holding("all scores are 0 or 1, and the margin is a number just below 1", MARGIN_LOSS, MARGIN_FIXED_IN_ADVANCE)
    | violating("the set is that of the sample's own points", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
)
_MARGINS: dict[str, Any] = {"margin": MARGIN, "largest_margin": 1}


class Memoriser(Scenario):
    """It says 1 on the n points that it has seen and 0 elsewhere: no error on the sample, and always wrong beyond it."""

    name = "memoriser"
    description = "all sets of at most n points, labels 1: the set of the sample's own points errs on none of them and everywhere else"
    inputs = frozenset({"n", "empirical_risk", "errors", "vc_dimension", "complexity", "margin_risk", "margin", "largest_margin"})
    truths = frozenset({RISK})
    audit = (
        _COMMON
        | holding("all sets of at most n points, whatever the sample", CLASS_FIXED_IN_ADVANCE)
        | holding(
            "every sign vector is reached, so the complexity is 1/2 on every sample, of losses and of scores",
            COMPLEXITY_OF_LOSS_CLASS,
            EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
            COMPLEXITY_OF_SCORES,
            COMPLEXITY_OF_SCORES_ON_SAMPLE,
        )
        | holding("the set holds every point of the sample", NO_ERROR_ON_SAMPLE)
    )

    ranges: ClassVar[Mapping[str, Range]] = {"n": Range(1, 10**5, whole=True, logarithmic=True)}

    def family(self, **parameters: Any) -> World:
        """``world`` of n."""
        return self.world(**parameters)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many points."""
        for n in (1, 10, 10**3, 10**6) if size == "thumbnail" else (1, 2, 5, 10, 100, 10**3, 10**4, 10**6):
            yield self.world(n)

    @staticmethod
    def world(n: int) -> World:
        """One sample is like any other: n points that are all different."""
        common = {"n": n, "vc_dimension": n, "complexity": Fraction(1, 2), **_MARGINS}
        shown = {name: [0] for name in ("empirical_risk", "errors", "margin_risk")}
        return World(f"n = {n}", common, shown, {RISK: [1]}, [Fraction(1)])


class PartMemoriser(Scenario):
    """Only a part of the population has to be remembered; the complexity is that of the very sample."""

    name = "memoriser of a part"
    description = "sets of at most n points of a part of the population; every hypothesis is right on the rest"
    inputs = frozenset({"n", "empirical_risk", "vc_dimension", "complexity", "margin_risk", "margin"})
    truths = frozenset({RISK})
    audit = (
        _COMMON
        | holding("all sets of at most n points of the part, whatever the sample", CLASS_FIXED_IN_ADVANCE)
        | holding(
            "k examples of the part have every sign vector, the others are constants: k/(2 n)",
            COMPLEXITY_OF_LOSS_CLASS,
            COMPLEXITY_OF_SCORES_ON_SAMPLE,
        )
        | holding("the set holds every point of the sample that lies in the part", NO_ERROR_ON_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Small and large parts."""
        for n in (10, 10**4) if size == "thumbnail" else (1, 2, 10, 50, 1000, 10**4):
            for part in map(Fraction, ("1/10", "1/2", "9/10")):
                yield self.world(n, part)

    @staticmethod
    def world(n: int, part: Fraction) -> World:
        """k of the n examples lie in the part, k = 0..n."""
        shown: dict[str, list[Any]] = {name: [0] * (n + 1) for name in ("empirical_risk", "margin_risk")}
        shown["complexity"] = [Fraction(k, 2 * n) for k in range(n + 1)]
        common = {"n": n, "vc_dimension": n, "margin": MARGIN}
        return World(f"n = {n}, part {part}", common, shown, {RISK: [part] * (n + 1)}, binomial_law(n, part))


class PartMemoriserOverSamples(Scenario):
    """Only a part of the population has to be remembered; the complexity is the mean over samples."""

    name = "memoriser of a part, mean complexity"
    description = "finite sets of points of a part of the population, every hypothesis right on the rest, and the complexity over samples"
    inputs = frozenset({"n", "empirical_risk", "complexity", "margin_risk", "margin", "largest_margin"})
    truths = frozenset({RISK})
    audit = (
        _COMMON
        | holding("all finite sets of points of the part", CLASS_FIXED_IN_ADVANCE)
        | holding("k/(2 n), whose mean is half of the part", EXPECTED_COMPLEXITY_OF_LOSS_CLASS, COMPLEXITY_OF_SCORES)
        | holding("the set holds every point of the sample that lies in the part", NO_ERROR_ON_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """All samples look the same: no error, and the part is the risk."""
        for n in (1, 10, 10**6) if size == "thumbnail" else (1, 2, 10, 100, 10**4, 10**6):
            for part in map(Fraction, ("1/10", "1/2", "9/10")):
                common = {"n": n, "complexity": part / 2, **_MARGINS}
                shown = {"empirical_risk": [0], "margin_risk": [0]}
                yield World(f"n = {n}, part {part}", common, shown, {RISK: [part]}, [Fraction(1)])


class MemoriserOfFew(Scenario):
    """Sets of at most d points, fewer than the examples that would have to be remembered, or just as many."""

    name = "memoriser of few points"
    description = "sets of at most d < n points of a part of the population: as many examples of it are remembered as the set can hold"
    inputs = frozenset({"n", "empirical_risk", "vc_dimension"})
    truths = frozenset({RISK})
    audit = (
        _COMMON
        | holding("all sets of at most d points of the part, whatever the sample", CLASS_FIXED_IN_ADVANCE)
        | violating("examples beyond the d that are remembered are errors", NO_ERROR_ON_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Dimensions from 1 to n."""
        for n in (10, 1000) if size == "thumbnail" else (2, 10, 50, 200, 1000, 4000):
            for part in map(Fraction, ("1/20", "1/10", "1/5", "1")):
                for dimension in sorted({1, math.floor(n * part / 2), math.ceil(n * part)}):
                    if 1 <= dimension < n:
                        yield self.world(n, part, dimension)

    @staticmethod
    def world(n: int, part: Fraction, dimension: int) -> World:
        """k of the n examples lie in the part, and k - d of them, if that is positive, are errors."""
        shown = {"empirical_risk": [Fraction(max(k - dimension, 0), n) for k in range(n + 1)]}
        common = {"n": n, "vc_dimension": dimension}
        return World(f"n = {n}, part {part}, d = {dimension}", common, shown, {RISK: [part] * (n + 1)}, binomial_law(n, part))


class ScoresMemoriser(Scenario):
    """Two scores of opposite signs, half a margin each on the points that are remembered and 0 elsewhere."""

    name = "memoriser of two classes"
    description = "two scores, 1/2 and -1/2 on what is remembered and 0 elsewhere, on all of the population or a part of it"
    inputs = frozenset({"n", "margin_risk", "margin", "outputs", "complexity"})
    truths = frozenset({RISK})
    audit = (
        _COMMON
        | holding("all finite sets of points of the part; the scores are constants on the rest", CLASS_FIXED_IN_ADVANCE)
        | holding("the larger of two sums of signs, whose difference has a known variance", COMPLEXITY_OF_SCORES)
        | holding("the set holds every point of the sample that lies in the part", NO_ERROR_ON_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """All points, or a part of them, are to be remembered."""
        for n in (1, 16, 10**6) if size == "thumbnail" else (1, 4, 16, 100, 10**4, 10**6):
            for part in map(Fraction, ("1/10", "1")):
                yield self.world(n, part)

    @staticmethod
    def world(n: int, part: Fraction) -> World:
        """Every sample looks the same: no error, and the part is the risk.

        With k examples in the part, of which p have the sign 1, and s the sum of the other signs, the two scores reach p + s and k - p - s,
        halved. The larger is k/2 + |p - k/2 + s|, of which the second term has a mean of at most sqrt(k/4 + n - k).
        """
        spread = n * (1 - 3 * part / 4)
        root = Fraction(math.isqrt(math.ceil(4 * spread) - 1) + 1, 2)  # of the spread, rounded up
        complexity = (n * part / 2 + root) / (2 * n)
        common = {"n": n, "outputs": 2, "complexity": complexity, "margin": MARGIN}
        return World(f"n = {n}, part {part}", common, {"margin_risk": [0]}, {RISK: [part]}, [Fraction(1)])
