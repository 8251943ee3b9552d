"""Gradient descent with steps 1/(strong_convexity t), or one step, in which one thing that its bounds assume is missing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.hostile.losses_of_scores import POINTS, QUADRATIC, RUN, SIGMOID, sigmoid
from genbounds.verification.scenarios.hostile.order import SIGNED
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

MANY = 10**15
"""So many basis vectors that ten thousand draws are all different, but for a probability of 5 10^-8."""


def repeated(n: int, losses: int) -> float:
    """What samples that hold a vector twice can take from the mean gap: twice their probability for each unit of the losses' range."""
    return losses * n**2 / MANY


class IterateByLuck(Scenario):
    """The first step is taken or not, by whether its example is one of the majority."""

    name = "hostile: which iterate is returned, for quadratic losses"
    hostile = "which iterate is returned"
    description = (
        "losses w^2/2 - z w, z = 1 or -1, |w| <= 1: the weights after the first step if its example is of the majority, else the start"
    )
    inputs = frozenset({"n", "step_size", *(name for name, _ in QUADRATIC.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("by calculus", *QUADRATIC.holds)
        | SIGNED
        | violating("how many steps are taken looks at the sample", a.STEPS_FIXED_IN_ADVANCE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """All numbers of positive signs, and whether the first sign is that of the majority."""
        for n in (101, 1001):
            gaps: list[Fraction] = []
            law: list[Fraction | float] = []
            for k, probability in enumerate(binomial_law(n, Fraction(1, 2))):
                leading = Fraction(max(k, n - k), n)
                gaps += [Fraction(abs(2 * k - n), n), Fraction(0)]  # w is the sign of the majority, or 0
                law += [probability * leading, probability * (1 - leading)]
            yield World(f"n = {n}", {"n": n, "step_size": 1} | dict(QUADRATIC.numbers), {}, {EXPECTED_GAP: gaps}, law)


class LongLastSteps(Scenario):
    """Steps 1/t but for the last two, which are so long that all that was seen is carried to the faces of a box."""

    name = "hostile: the last steps"
    hostile = "the sizes of the last steps"
    description = (
        "steps 1/t on losses |w|^2/2 - <w, z> of basis vectors over a box in the unit ball, but for the last two, of size 1 + n^(1/4)"
    )
    inputs = frozenset({"n", *(name for name, _ in QUADRATIC.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("one pass from 0, by steps of sizes fixed in advance, projected on a convex set", *RUN)
        | holding("by calculus", *QUADRATIC.holds)
        | violating("the last two steps are longer", a.STEPS_OF_STRONG_CONVEXITY, a.STEPS_AT_MOST_C_OVER_T)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The number of examples is a fourth power."""
        for root in (10, 20):
            n = root**4
            entries = self.seen(root)
            gap = sum(entries) / n - sum(map(abs, entries)) / MANY - repeated(n, 2)
            yield World(f"n = {n}", {"n": n} | dict(QUADRATIC.numbers), {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])

    @staticmethod
    def seen(root: int) -> list[float]:
        """The last weights on the vectors in the order in which they were met, for n = root^4 of them, all different.

        The box is [-b, u] in each direction, u = n^(-1/2) and b = root/(n - 2). Steps 1/t make the mean of what was seen, cut at u when
        it is met; the next step multiplies it by -root, which reaches -b, and the last one by -root again, which reaches u for nearly all.
        """
        n = root**4
        most, least = n**-0.5, root / (n - 2)
        mean = [min(1.0, most * p) / (n - 2) for p in range(1, n - 1)]
        return [*(min(most, root**2 * entry) for entry in mean), -least, most]


class NoCurvature(Scenario):
    """Linear losses, in which nothing pulls the long first steps back."""

    name = "hostile: the curvature of the loss, at decaying steps"
    hostile = "the curvature of the loss"
    description = "one pass by steps 1/t over losses -<w, z> of basis vectors, of which a strong convexity of 1 is stated"
    inputs = frozenset({"n", "lipschitz", "smoothness", "strong_convexity", "loss_range"})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("one pass from 0, by steps of sizes fixed in advance", *RUN)
        | holding("linear, on a ball of radius 13/10, and 13/10 added", a.CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS, a.BOUNDED_LOSS)
        | holding("step t is 1/t, and 1 is stated", a.STEPS_OF_STRONG_CONVEXITY, a.STEPS_AT_MOST_C_OVER_T)
        | violating("linear", a.STRONGLY_CONVEX_LOSS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The weights 1/t on what was seen have the norm sqrt(sum of 1/t^2) < 13/10, so no run over different vectors leaves the ball."""
        for n in (1000, 10**4):
            gap = sum(1 / t for t in range(1, n + 1)) * (1 / n - 1 / MANY) - repeated(n, 3)
            common = {"n": n, "lipschitz": 1, "smoothness": 1, "strong_convexity": 1, "loss_range": Fraction(13, 5)}
            yield World(f"n = {n} of {MANY} vectors", common, {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])


class ChosenSubgradient(Scenario):
    """The first step is at a kink, and goes along all examples at once."""

    name = "hostile: which subgradient is taken"
    hostile = "which subgradient is taken"
    description = (
        "one step from 0 on losses |w| - <w, z> of basis vectors, along the subgradient -(sum of the vectors seen)/sqrt(their number) - z"
    )
    inputs = frozenset({"n", "lipschitz", "step_size", "steps"})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("one step, from 0, on the first example", *RUN)
        | holding("a norm less a linear function of norm 1", a.CONVEX_LOSS, a.LIPSCHITZ_LOSS)
        | violating("it looks at all examples", a.SUBGRADIENT_RULE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The weights are 1/sqrt(m) on each of the m <= n vectors that were seen, and 1 more on the first."""
        for n in (1000, 10**4, 10**6):
            common = {"n": n, "lipschitz": 2, "step_size": 1, "steps": 1}
            gap = n**-0.5 * (1 - 1e-12) - (n**0.5 + 1) / MANY
            yield World(f"n = {n} of {MANY} vectors", common, {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])


class NegativeLoss(Scenario):
    """A loss in [-1/2, 1/2]: the risk is 0, and no measure of what losses there are."""

    name = "hostile: losses below 0"
    hostile = "the range of the loss"
    description = "one step of size 10 on the losses 1/(1 + exp(-<w, z>)) - 1/2 of basis vectors, whose mean is 0 at w = 0 and falls"
    inputs = frozenset({"n", "step_scale", "step_sizes", "steps", "expected_risk", *(name for name, _ in SIGMOID.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("one step, from 0, on the first example", *RUN, a.STEPS_AT_MOST_C_OVER_T)
        | holding("by calculus", *SIGMOID.holds)
        | holding("0 on what was not seen, and less on what was", a.EXPECTED_RISK_OF_OUTPUT)
        | violating("it lies in [-1/2, 1/2]", a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The score of the first vector becomes -10/4."""
        for n in (1, 10, 1000):
            gap = (1 / n - 1 / POINTS) * (0.5 - sigmoid(-10 / 4))
            common: dict[str, Any] = {"n": n, "step_scale": 10, "step_sizes": (10,), "steps": 1, "expected_risk": 0} | dict(SIGMOID.numbers)
            yield World(f"n = {n} of {POINTS} vectors", common, {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])
