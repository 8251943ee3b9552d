"""What bounds by information are told of an algorithm that learns nothing, or of a loss that is larger than they are told."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK
from genbounds.verification.scenarios.blurred_memory import remembered
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating
from genbounds.verification.scenarios.tiny_algorithms import FAIR, HALF, Algorithm, TinyAlgorithms, marks, noisy_copy

CONSTANT = Algorithm("always the same output, of risk 1/2", FAIR, 1, lambda sample: {marks(2)[1]: Fraction(1)})
KNOWN = dict(TinyAlgorithms.audit)


class UnlearnedRisk(Scenario):
    """A constant output of risk 1/2; the risk on the sample that is passed is that of a lucky one."""

    name = "hostile: whose training risk is passed"
    hostile = "whose training risk is passed"
    description = "an algorithm that always returns the same, of risk 1/2: passed is the risk on the sample on which it has no error"
    inputs = TinyAlgorithms.inputs
    truths = frozenset({EXPECTED_GAP, EXPECTED_RISK})
    audit = KNOWN | violating("it is 1/2 on average", a.EXPECTED_EMPIRICAL_RISK)

    def worlds(self, size: Size) -> Iterator[World]:
        """One point is seen."""
        yield CONSTANT.world(expected_empirical_risk=0)


class LossOnSample(Scenario):
    """The same output, which has a loss on half of the samples."""

    name = "hostile: the loss that is left on the sample"
    hostile = "the loss that is left on the sample"
    description = "an algorithm that always returns the same, of risk 1/2, and has an error on every other sample"
    inputs = TinyAlgorithms.inputs
    truths = frozenset({EXPECTED_RISK})
    audit = KNOWN | violating("it errs on every other sample", a.NO_LOSS_ON_ANY_SAMPLE)

    def worlds(self, size: Size) -> Iterator[World]:
        """One point is seen."""
        yield CONSTANT.world()


class LargeLoss(Scenario):
    """A noisy copy of the first of two points, whose losses are 0 and 100."""

    name = "hostile: the size of the loss, for a noisy copy"
    hostile = "the size of the loss"
    description = "the first of two points is right with probability 3/4, and an error costs 100 where the range 1 is stated"
    inputs = TinyAlgorithms.inputs
    truths = frozenset({EXPECTED_GAP, EXPECTED_RISK})
    audit = KNOWN | violating("an error costs 100", a.SUBGAUSSIAN_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)

    def worlds(self, size: Size) -> Iterator[World]:
        """One point is seen; the risk passed is cut off at 1."""
        small = Algorithm("the first of two points, right with probability 3/4, an error costs 100", FAIR, 1, noisy_copy(HALF + HALF / 2))
        world = small.world()
        large: dict[str, list[Any]] = {name: [100 * entry for entry in entries] for name, entries in world.truths.items()}
        yield World(world.label, world.common, {}, large, world.probabilities)


class SharpLargeLoss(Scenario):
    """A memory of points of an interval, whose losses are 0 on the sample and 100 elsewhere."""

    name = "hostile: the size of the loss, for a memory"
    hostile = "the size of the loss"
    description = "a machine that is right on its sample and wrong elsewhere, where an error costs 100 and the range 1 is stated"
    inputs = frozenset({"n", "conditional_information", "evaluated_information", "expected_empirical_risk"})
    truths = frozenset({EXPECTED_GAP, EXPECTED_RISK})
    audit = (
        holding("points of an interval, drawn independently", a.IID_SAMPLE)
        | holding("a memory", a.ALGORITHM_FIXED_IN_ADVANCE, a.NO_LOSS_ON_ANY_SAMPLE)
        | holding("n ln 2, of which each pair shows ln 2", a.CONDITIONAL_INFORMATION, a.EVALUATED_INFORMATION, a.EXPECTED_EMPIRICAL_RISK)
        | violating("an error costs 100", a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Two numbers of examples."""
        for n in (1, 10):
            world = remembered(n, Fraction(1))
            large: dict[str, list[Any]] = {name: [100 * entry for entry in entries] for name, entries in world.truths.items()}
            yield World(world.label, world.common, {}, large, world.probabilities)
