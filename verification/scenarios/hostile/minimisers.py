"""Regularised minimisers in which the penalty looks at the sample, or what is returned, the loss or its slope is not as stated."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import REMOVE_ONE_STABILITY, STABILITY
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating


def minimiser(points: tuple[float, ...], *, slope: float, weight: float, centre: float) -> float:
    """Where ``slope`` sum |w - z| + (weight/2) (w - centre)^2 is least, by bisection on its derivative.

    >>> round(minimiser((1.0,), slope=1.0, weight=4.0, centre=0.0), 9)
    0.25
    """
    low, high = min(*points, centre) - 1, max(*points, centre) + 1
    for _ in range(200):
        middle = (low + high) / 2
        derivative = slope * sum((middle > z) - (middle < z) for z in points) + weight * (middle - centre)
        low, high = (middle, high) if derivative < 0 else (low, middle)
    return low


class PullToTheFirst(Scenario):
    """A penalty that pulls to the first example of the sample."""

    name = "hostile: the regulariser"
    hostile = "the regulariser"
    description = "the minimiser of the mean of |w - z| plus a large multiple of (w - z_1)^2"
    inputs = frozenset({"n", "lipschitz", "strong_convexity", "objective_gap"})
    truths = frozenset({STABILITY, REMOVE_ONE_STABILITY})
    audit = (
        holding("|w - z|", a.CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.BOUNDED_LOSS)
        | holding("the quadratic penalty", a.STRONGLY_CONVEX_OBJECTIVE, a.STRONGLY_CONVEX_OBJECTIVES, a.APPROXIMATE_MINIMISER)
        | violating("the penalty is least at the first example", a.OBJECTIVE_OF_AVERAGE, a.OBJECTIVE_OF_SUM)
    )
    points = (-5.0, 0.0, 5.0)
    penalty = 10**6
    slope = 1.0

    def worlds(self, size: Size) -> Iterator[World]:
        """All samples of two out of three points, all examples that may be replaced or left out, and the loss at all three."""
        replaced = removed = 0.0
        for sample in itertools.product(self.points, repeat=2):
            for left in (0, 1):
                kept = sample[1 - left]
                replaced = max(replaced, *(self.change(sample, (other, kept) if left == 0 else (kept, other)) for other in self.points))
                removed = max(removed, self.change(sample, (kept,)))
        common = {"n": 2, "lipschitz": 1, "strong_convexity": self.penalty, "objective_gap": 0}
        truths = {STABILITY: [replaced], REMOVE_ONE_STABILITY: [removed]}
        yield World(f"samples of two out of {', '.join(map(str, self.points))}", common, {}, truths, [Fraction(1)])

    def change(self, sample: tuple[float, ...], other: tuple[float, ...]) -> float:
        """How much the loss at some point differs between the two outputs, which are known to far less than 10^-6."""
        first, second = self.output(sample), self.output(other)
        return max(abs(self.loss(first, z) - self.loss(second, z)) for z in self.points) - 1e-6 * self.slope

    def loss(self, w: float, z: float) -> float:
        """The loss of the parameter w at the point z."""
        return self.slope * abs(w - z)

    def output(self, points: tuple[float, ...]) -> float:
        """What is returned for a sample: where the mean of its losses and the penalty is least."""
        return minimiser(points, slope=self.slope / len(points), weight=self.penalty, centre=points[0])


class NoMinimiser(PullToTheFirst):
    """The first example is returned, not the minimiser."""

    name = "hostile: what is returned for a minimiser"
    hostile = "what is returned for a minimiser"
    description = "the first example, where the mean of |w - z| plus a large multiple of w^2 should be minimised"
    audit = (
        dict(PullToTheFirst.audit)
        | holding("the mean of |w - z|, or the sum over n, and a multiple of w^2", a.OBJECTIVE_OF_AVERAGE, a.OBJECTIVE_OF_SUM)
        | violating(
            "what is returned is not near the minimum", a.STRONGLY_CONVEX_OBJECTIVE, a.STRONGLY_CONVEX_OBJECTIVES, a.APPROXIMATE_MINIMISER
        )
    )

    def output(self, points: tuple[float, ...]) -> float:
        """The first example."""
        return points[0]


class SteepLoss(PullToTheFirst):
    """A loss far steeper than its stated slope."""

    name = "hostile: the slope of the loss"
    hostile = "the slope of the loss"
    description = "the minimiser of the mean of 10^6 |w - z| plus w^2/2, where a slope of 1 is stated"
    audit = (
        dict(PullToTheFirst.audit)
        | holding("the mean of the loss, or the sum over n, and w^2/2", a.OBJECTIVE_OF_AVERAGE)
        | violating("its slope is 10^6", a.LIPSCHITZ_LOSS)
        | violating("the mean is minimised", a.OBJECTIVE_OF_SUM)
    )
    penalty = 1
    slope = 1e6

    def output(self, points: tuple[float, ...]) -> float:
        """The minimiser."""
        return minimiser(points, slope=self.slope / len(points), weight=self.penalty, centre=0.0)


class ConcaveLoss(PullToTheFirst):
    """A loss that is not convex, in an objective that is."""

    name = "hostile: the convexity of the loss"
    hostile = "the convexity of the loss"
    description = (
        "the minimiser of the mean of -(w - z)^2/2 plus 3 w^2/2, which is -(mean of z)/2: the objective is convex, the loss is not"
    )
    audit = (
        dict(PullToTheFirst.audit)
        | holding("the mean of the loss, and 3 w^2/2", a.OBJECTIVE_OF_AVERAGE, a.STRONGLY_CONVEX_OBJECTIVE, a.APPROXIMATE_MINIMISER)
        | holding("of all examples, or of fewer", a.STRONGLY_CONVEX_OBJECTIVES)
        | violating("it is concave", a.CONVEX_LOSS)
        | violating("the mean is minimised", a.OBJECTIVE_OF_SUM)
    )
    penalty = 2
    slope = 7.5

    def worlds(self, size: Size) -> Iterator[World]:
        """|w - z| is at most 7.5."""
        for world in super().worlds(size):
            yield World(world.label, {**world.common, "lipschitz": Fraction(15, 2)}, {}, world.truths, world.probabilities)

    def loss(self, w: float, z: float) -> float:
        """The loss, up to a sign and a factor."""
        return -((w - z) ** 2) / 2

    def output(self, points: tuple[float, ...]) -> float:
        """Where 3 w = w - (mean of z)."""
        return -sum(points) / len(points) / 2


class SteepLossOfTheSum(SteepLoss):
    """The minimiser of the sum, of a loss far steeper than its stated slope."""

    name = "hostile: the slope of the loss, in the sum"
    description = "the minimiser of the sum of 10^6 |w - z| plus w^2/2, where a slope of 1 is stated"
    audit = (
        dict(SteepLoss.audit)
        | holding("the sum over all examples, or over all but one, and w^2/2", a.OBJECTIVE_OF_SUM)
        | violating("the sum is minimised", a.OBJECTIVE_OF_AVERAGE)
    )

    def output(self, points: tuple[float, ...]) -> float:
        """The minimiser."""
        return minimiser(points, slope=self.slope, weight=self.penalty, centre=0.0)


class ConcaveLossOfTheSum(ConcaveLoss):
    """The same in the sum, with a larger penalty."""

    name = "hostile: the convexity of the loss, in the sum"
    description = "the minimiser of the sum of -(w - z)^2/2 plus 4 w^2/2, for two examples or one: the objective is convex, the loss is not"
    audit = (
        dict(ConcaveLoss.audit)
        | holding("the sum over all examples, or over all but one, and 4 w^2/2", a.OBJECTIVE_OF_SUM)
        | violating("the sum is minimised", a.OBJECTIVE_OF_AVERAGE)
    )
    slope = 10.0

    def worlds(self, size: Size) -> Iterator[World]:
        """|w| is at most 5 and so |w - z| at most 10; the second derivative of the sum is 2 for two examples and 3 for one."""
        for world in super().worlds(size):
            yield World(world.label, {**world.common, "lipschitz": 10}, {}, world.truths, world.probabilities)

    def output(self, points: tuple[float, ...]) -> float:
        """Where 4 w = sum of (w - z)."""
        return -sum(points) / (4 - len(points))
