"""Gradient descent whose loss, or whose examples, look at the sample, or whose loss is not convex."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.descent_on_quadratics import ConcaveDescent
from genbounds.verification.scenarios.hostile.losses_of_scores import RUN
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating


class ChosenLoss(Scenario):
    """Losses that do not depend on the weights: 0 for what was seen, 1 for all else."""

    name = "hostile: the loss of the run"
    hostile = "the loss"
    description = "gradient descent on losses w^2/2 + 1[z is not in the sample], from their minimum w = 0, which it never leaves"
    inputs = frozenset(
        {
            *("n", "lipschitz", "smoothness", "strong_convexity", "loss_range", "curvature", "expected_risk"),
            *("step_sizes", "step_size", "steps", "step_scale"),
        }
    )
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("continuous examples, drawn independently", a.IID_SAMPLE)
        | holding("from 0, where every step leaves it", *RUN, a.STEPS_AT_MOST_C_OVER_T, a.STEPS_OF_STRONG_CONVEXITY)
        | holding("w^2/2 for |w| <= 10^-6, and a number", a.CONVEX_LOSS, a.STRONGLY_CONVEX_LOSS, a.SMOOTH_LOSS)
        | holding("the Hessian is 1 everywhere, and the curvature passed", a.LIPSCHITZ_HESSIAN, a.CURVATURE_AT_START)
        | holding("1 beyond the sample", a.EXPECTED_RISK_OF_OUTPUT)
        | violating("it is 0 for what was seen and 1 elsewhere", a.LIPSCHITZ_LOSS, a.BOUNDED_LOSS, a.LOSS_IN_UNIT_INTERVAL)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """One sample is like any other: w = 0, the risk is 1, and no loss is seen."""
        for n in (10, 1000):
            common: dict[str, Any] = {
                **{"n": n, "lipschitz": Fraction(1, 10**6), "smoothness": 1, "strong_convexity": 1, "loss_range": 1, "curvature": 1},
                **{"expected_risk": 1, "step_sizes": (Fraction(1, 100),), "step_size": Fraction(1, 100)},
                **{"steps": 1, "step_scale": Fraction(1, 100)},
            }
            yield World(f"n = {n}", common, {}, {EXPECTED_GAP: [1]}, [Fraction(1)])


class ChosenExamples(ChosenLoss):
    """Losses that were fixed in advance, on a sample of which the examples with a loss were left out."""

    name = "hostile: which examples the run is given"
    hostile = "which examples are kept"
    description = "gradient descent on losses w^2/2 + 1[z is in A], from their minimum w = 0, on a sample without the examples of A"
    audit = (
        dict(ChosenLoss.audit)
        | violating("examples with a loss are left out", a.IID_SAMPLE)
        | holding(
            "w^2/2 for |w| <= 10^-6, and 0 or 1 - 10^-12, fixed in advance", a.LIPSCHITZ_LOSS, a.BOUNDED_LOSS, a.LOSS_IN_UNIT_INTERVAL
        )
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """A has nearly all the probability: 99/100."""
        for world in super().worlds(size):
            yield World(world.label, world.common, {}, {EXPECTED_GAP: [Fraction(98, 100)]}, [Fraction(1)])


class ConcaveLossOfARun(ConcaveDescent):
    """Concave quadratics, on which two runs part with every step."""

    name = "hostile: the convexity of the loss of a run"
    hostile = "the convexity of the loss"


class SmootherThanItIs(ConcaveDescent):
    """Concave quadratics, on which two runs part with every step, where next to no curvature is stated."""

    name = "hostile: the smoothness of the loss"
    hostile = "the smoothness of the loss"
    description = "gradient descent on concave quadratics over a ball, of which a smoothness of 10^-9 is stated"
    audit = dict(ConcaveDescent.audit) | violating("the second derivative is -1", a.SMOOTH_LOSS)

    def worlds(self, size: Size) -> Iterator[World]:
        """Those of the honest scenario, with another constant."""
        for world in super().worlds(size):
            stated = {**world.common, "smoothness": Fraction(1, 10**9)}
            yield World(world.label, stated, world.inputs, world.truths, world.probabilities, world.truth_range)
