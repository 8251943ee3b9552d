"""Gradient descent whose step sizes, or the risk that is passed for its output, are other than stated or look at the sample."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.hostile.losses_of_scores import POINTS, QUADRATIC, RUN, SIGMOID, sigmoid
from genbounds.verification.scenarios.hostile.order import SIGNED
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating


class LargerSteps(Scenario):
    """All steps have the size of the first."""

    name = "hostile: the later steps"
    hostile = "the sizes of the later steps"
    description = "one pass of gradient descent on sigmoid losses of basis vectors by steps of 400, where c/t with c = 1/100 is stated"
    inputs = frozenset({"n", "step_scale", "steps", "expected_risk", *(name for name, _ in SIGMOID.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("one pass from 0 in the order drawn", *RUN)
        | holding("by calculus", *SIGMOID.holds)
        | holding("half the examples beyond the sample, and less on it", a.EXPECTED_RISK_OF_OUTPUT)
        | violating("all steps have the size 400", a.STEPS_AT_MOST_C_OVER_T)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Each vector that was seen has a weight of at most -400 times the slope at 0."""
        for n in (10, 100, 1000):
            weight = -400 * SIGMOID.slope(0.0)
            gap = (1 - n / POINTS) * (SIGMOID.value(0.0) - SIGMOID.value(weight))
            common = {"n": n, "step_scale": Fraction(1, 100), "steps": n, "expected_risk": Fraction(1, 2)} | dict(SIGMOID.numbers)
            yield World(f"n = {n} of {POINTS} vectors", common, {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])


class AnotherRisk(LargerSteps):
    """The risk that is passed is not that of the output."""

    name = "hostile: whose risk is passed"
    hostile = "whose risk is passed"
    description = (
        "one pass of gradient descent on sigmoid losses of basis vectors by steps c/t; the risk passed is that of a perfect output"
    )
    audit = (
        dict(LargerSteps.audit)
        | holding("the steps are c/t", a.STEPS_AT_MOST_C_OVER_T)
        | violating("the risk of the output is 1/2", a.EXPECTED_RISK_OF_OUTPUT)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Each vector that was seen has a weight of at most -(c/n) times the slope at 0."""
        for n in (10, 100):
            scale = Fraction(1, 100)
            gap = (1 - n / POINTS) * (SIGMOID.value(0.0) - SIGMOID.value(-float(scale) / n * SIGMOID.slope(0.0)))
            common = {"n": n, "step_scale": scale, "steps": n, "expected_risk": 0} | dict(SIGMOID.numbers)
            yield World(f"n = {n} of {POINTS} vectors", common, {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])


class StepsByLuck(Scenario):
    """Steps are taken only where all examples of the sample agree."""

    name = "hostile: the sizes of the steps"
    hostile = "the sizes of the steps"
    description = "one pass over losses z w, z = 1 or -1, with steps of 1 if all signs of the sample are the same and of 10^-12 otherwise"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes", "step_size", "steps"})
    truths = frozenset({EXPECTED_GAP})
    audit = SIGNED | violating("they are large only where all signs agree", a.STEPS_FIXED_IN_ADVANCE)

    def worlds(self, size: Size) -> Iterator[World]:
        """The samples on which all signs agree, and all others, on which the gap is 0 but for what such small steps do."""
        for n in (3, 10, 30):
            agree, small = Fraction(2, 2**n), 1e-12
            common = {"n": n, "lipschitz": 1, "smoothness": Fraction(1, 1000), "steps": n}
            inputs: dict[str, list[Any]] = {"step_sizes": [(1.0,) * n, (small,) * n], "step_size": [1.0, small]}
            yield World(f"n = {n}", common, inputs, {EXPECTED_GAP: [n, 0]}, [agree, 1 - agree])


class StepsByLuckOnSigmoids(Scenario):
    """One step, which is taken only where all examples of the sample agree, on losses that are bounded and not convex."""

    name = "hostile: the sizes of the steps, for sigmoid losses"
    hostile = "the sizes of the steps"
    description = (
        "one step on losses 1/(1 + exp(-z w)), z = 1 or -1, of size 10 if all signs of the sample are the same and of 10^-12 otherwise"
    )
    inputs = frozenset({"n", "step_sizes", "step_scale", "steps", "expected_risk", *(name for name, _ in SIGMOID.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("fair signs, drawn independently", a.IID_SAMPLE)
        | holding("from 0, on the first example", *RUN)
        | holding("by calculus", *SIGMOID.holds)
        | holding("there is one step", a.STEPS_AT_MOST_C_OVER_T)
        | holding("1/2, as both signs are equally likely", a.EXPECTED_RISK_OF_OUTPUT)
        | violating("it is large only where all signs agree", a.STEPS_FIXED_IN_ADVANCE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """After a step of 10 on agreeing signs z w = -10/4; after one of 10^-12 no gap is above that size, and below -10^-12 none."""
        for n in (3, 5, 10):
            agree, small = Fraction(2, 2**n), 1e-12
            common = {"n": n, "steps": 1, "expected_risk": Fraction(1, 2)} | dict(SIGMOID.numbers)
            inputs: dict[str, list[Any]] = {"step_sizes": [(10.0,), (small,)], "step_scale": [10.0, small]}
            gaps = [0.5 - sigmoid(-10 / 4), -small]
            yield World(f"n = {n}", common, inputs, {EXPECTED_GAP: gaps}, [agree, 1 - agree])


class StepsByLuckOnQuadratics(Scenario):
    """One step, which is taken only where all examples of the sample agree, on strongly convex losses."""

    name = "hostile: the sizes of the steps, for quadratic losses"
    hostile = "the sizes of the steps"
    description = "one step on losses w^2/2 - z w, z = 1 or -1, |w| <= 1, of size 1 if all signs of the sample are alike and else of 10^-12"
    inputs = frozenset({"n", "step_size", "step_sizes", "steps", *(name for name, _ in QUADRATIC.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("by calculus", *QUADRATIC.holds)
        | SIGNED
        | violating("it is large only where all signs agree", a.STEPS_FIXED_IN_ADVANCE, a.STEPS_OF_STRONG_CONVEXITY)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """After a step of 1 on agreeing signs w = z: the risk is 1/2, the loss on the sample -1/2."""
        for n in (3, 10, 30):
            agree, small = Fraction(2, 2**n), 1e-12
            common = {"n": n, "steps": 1} | dict(QUADRATIC.numbers)
            inputs: dict[str, list[Any]] = {"step_sizes": [(1.0,), (small,)], "step_size": [1.0, small]}
            yield World(f"n = {n}", common, inputs, {EXPECTED_GAP: [1, -small]}, [agree, 1 - agree])
