"""Minimisers of a regularised risk in closed form: a linear loss of one weight, and a coin that no weight can help against.

An example is a sign s and a coin y, the loss is h y + g (B - s w), the regulariser (mu/2) w^2: so the minimiser is g/mu times the mean
sign, which the law of two counts decides, whatever n. The largest changes of the loss when an example is replaced or left out are looked
for among all samples, not taken from a theorem.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    APPROXIMATE_MINIMISER,
    BOUNDED_LOSS,
    CONVEX_LOSS,
    DETERMINISTIC_ALGORITHM,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    LOSS_IN_UNIT_INTERVAL,
    OBJECTIVE_OF_AVERAGE,
    OBJECTIVE_OF_SUM,
    REMOVE_ONE_STABILITY,
    REMOVE_ONE_STABILITY_TWICE,
    STRONGLY_CONVEX_OBJECTIVE,
    STRONGLY_CONVEX_OBJECTIVES,
    UNIFORM_STABILITY,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP, RISK, STABILITY
from genbounds.bounds.bounds_on import REMOVE_ONE_STABILITY as REMOVE_ONE
from genbounds.verification.scenarios.scenario import LARGEST_EXACT, Scenario, Size, World, binomial_law, holding, violating

Trained = Callable[[int, int], Fraction]
"""The weight that is returned for a sum of signs over so many examples."""
POINTS = 10**30
"""So many weights, one for each point of the second population, that a sample hardly ever meets a point twice."""


@dataclass(frozen=True)
class Setting:
    """The loss h y + g (B - s w) with P(y = 1) = ``coin``, and what is returned: the minimiser, or a point ``radius`` away from it.

    B is the largest |w| that can be returned, and h fills the range of the loss up to 1.
    """

    n: int
    slope: Fraction
    convexity: Fraction
    coin: Fraction
    radius: Fraction = Fraction(0)

    @property
    def reach(self) -> Fraction:
        """B."""
        return self.slope / self.convexity + self.radius

    @property
    def height(self) -> Fraction:
        """h."""
        return 1 - 2 * self.slope * self.reach

    @property
    def objective_gap(self) -> Fraction:
        """How far above its minimum the objective is: (mu/2) radius^2."""
        return self.convexity * self.radius**2 / 2

    def trained(self, weight_of_one: Callable[[int], Fraction]) -> Trained:
        """The minimiser, the examples weighing ``weight_of_one`` each, moved away from 0 by the radius (down at 0)."""

        def output(total: int, examples: int) -> Fraction:
            minimiser = self.slope / self.convexity * total * weight_of_one(examples)
            return minimiser + (self.radius if total > 0 else -self.radius)

        return output

    def __str__(self) -> str:
        """As it is shown in the label of a world."""
        away = f", {self.radius} away from the minimiser" if self.radius else ""
        return f"n = {self.n}, L = {self.slope}, strong convexity {self.convexity}, coin {self.coin}{away}"


class RegularisedMinimiser(Scenario):
    """The average loss plus the regulariser; without an example the average is over the others."""

    name = "regularised minimiser"
    description = "a linear loss of one weight and its exact regularised minimiser: every number of signs and of errors of a coin"
    inputs = frozenset({"n", "empirical_risk", "leave_one_out_risk", "loss_range", "lipschitz", "strong_convexity", "objective_gap"})
    truths = frozenset({RISK, EXPECTED_GAP, STABILITY, REMOVE_ONE})
    audit = (
        holding("independent signs and coins", IID_SAMPLE)
        | holding("h y + g (B - s w) lies in [0, 1] for |w| <= B", BOUNDED_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("it is linear in w with the slope g", CONVEX_LOSS, LIPSCHITZ_LOSS)
        | holding("the average over the examples that are there", OBJECTIVE_OF_AVERAGE)
        | holding("closed form: g/mu times the mean sign", STRONGLY_CONVEX_OBJECTIVE, STRONGLY_CONVEX_OBJECTIVES, APPROXIMATE_MINIMISER)
        | holding("g and mu are numbers of the world", ALGORITHM_FIXED_IN_ADVANCE, DETERMINISTIC_ALGORITHM)
        | holding(
            "the stability is that of the catalogue, and is compared with the exact one here",
            UNIFORM_STABILITY,
            REMOVE_ONE_STABILITY,
            REMOVE_ONE_STABILITY_TWICE,
        )
        | violating("the average is over the examples that are left", OBJECTIVE_OF_SUM)
    )
    radii: tuple[Fraction, ...] = (Fraction(0),)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples; a loss that the weight decides, and one that the coin decides."""
        quick = size == "thumbnail"
        slopes = ((Fraction(1, 2), Fraction(1)), (Fraction(1, 4), Fraction(1, 2)), (Fraction(1, 1000), Fraction(1)))
        for n in (1, 3, 10, 25) if quick else (1, 2, 3, 4, 9, 25, 64):
            for slope, convexity in slopes:
                for coin in (Fraction(1, 2),) if quick else (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)):
                    for radius in self.radii:
                        yield self.world(Setting(n, slope, convexity, coin, radius))

    def weight_of_one(self, setting: Setting) -> Callable[[int], Fraction]:
        """The weight of one example in the objective, by the number of examples that are there."""
        return lambda examples: Fraction(1, max(examples, 1))

    def world(self, setting: Setting) -> World:
        """All numbers of positive signs and of wrong coins."""
        n, g, h = setting.n, setting.slope, setting.height
        output = setting.trained(self.weight_of_one(setting))
        fixed = g * setting.reach
        empirical, left_out, risks, law = [], [], [], []
        coins = binomial_law(n, setting.coin)
        for positive, chance in enumerate(binomial_law(n, Fraction(1, 2))):
            total = 2 * positive - n
            gain = g * output(total, n) * Fraction(total, n)
            without = {s: output(total - s, n - 1) for s in (1, -1)}
            gain_left_out = g * (positive * without[1] - (n - positive) * without[-1]) / n
            for errors, mass in enumerate(coins):
                empirical.append(h * Fraction(errors, n) + fixed - gain)
                left_out.append(h * Fraction(errors, n) + fixed - gain_left_out)
                risks.append(h * setting.coin + fixed)  # the signs are even, so that no weight is better than another
                law.append(Fraction(chance) * Fraction(mass))
        truths: dict[str, list[Any]] = {
            RISK: risks,
            EXPECTED_GAP: [r - e for r, e in zip(risks, empirical, strict=True)],
            STABILITY: [g * largest_change(output, n, replaced=True)] * len(law),
            REMOVE_ONE: [g * largest_change(output, n, replaced=False)] * len(law),
        }
        common = {
            "n": n,
            "loss_range": 1,
            "lipschitz": g,
            "strong_convexity": setting.convexity,
            "objective_gap": setting.objective_gap,
        }
        return World(str(setting), common, {"empirical_risk": empirical, "leave_one_out_risk": left_out}, truths, law)


class ApproximateMinimiser(RegularisedMinimiser):
    """What is returned lies a step away from the minimiser, on the side where the majority of the signs pulls it."""

    name = "approximate minimiser"
    description = "the same loss, and weights whose objective is above its minimum by a known amount, on the side of the majority"
    audit = dict(RegularisedMinimiser.audit) | violating("the output lies away from the minimiser", STRONGLY_CONVEX_OBJECTIVE)
    radii = (Fraction(1, 8), Fraction(1, 1000))


class MinimiserOfTheSum(RegularisedMinimiser):
    """The sum of the losses over n, also where an example is left out: the others keep their weights."""

    name = "regularised minimiser of the sum"
    description = "the same loss and regulariser, each example at the weight 1/n of the whole sample also when another is left out"
    truths = frozenset({RISK, EXPECTED_GAP, REMOVE_ONE})
    audit = (
        dict(RegularisedMinimiser.audit)
        | holding("each example has the weight 1/n of the whole sample", OBJECTIVE_OF_SUM)
        | violating("without an example the weights do not add up to 1", OBJECTIVE_OF_AVERAGE)
        | violating("some outputs lie away from the minimiser", STRONGLY_CONVEX_OBJECTIVE)
    )
    radii = (Fraction(0), Fraction(1, 8))

    def weight_of_one(self, setting: Setting) -> Callable[[int], Fraction]:
        """1/n of the whole sample."""
        return lambda examples: Fraction(1, setting.n)


def largest_change(output: Trained, n: int, *, replaced: bool) -> Fraction:
    """The largest change of the weight over all samples, when one sign is replaced, or one left out of n or of n - 1 examples."""
    if replaced:
        return max(abs(output(total, n) - output(total - 2, n)) for total in range(2 - n, n + 1, 2))
    sizes = range(max(n - 1, 1), n + 1)
    moves = itertools.chain.from_iterable(((m, total) for total in range(-m, m + 1, 2)) for m in sizes)
    return max(abs(output(total, m) - output(total - s, m - 1)) for m, total in moves for s in _signs_in(total, m))


def _signs_in(total: int, examples: int) -> list[int]:
    """The signs that a sample with that sum holds."""
    return [s for s in (1, -1) if total != -s * examples]


class FreshWeights(Scenario):
    """Each point has a weight of its own: the loss of an example is lower than that of a fresh point by the same amount on every sample.

    The loss at a point i with coin y is h y + g (g/mu - w_i), the minimiser w_i = g/(mu n) for the points of the sample and 0 elsewhere.
    Replacing an example changes the loss at its point by exactly a/n, a = g^2/mu, and no loss by more.
    """

    name = "fresh weights"
    description = "regularised minimisers with one weight for each of 10^30 points: the exact stability is the exact gap of every sample"
    inputs = frozenset({"n", "empirical_risk", "loss_range", "lipschitz", "strong_convexity", "stability"})
    truths = frozenset({RISK, EXPECTED_GAP})
    audit = (
        holding("uniform points and coins, drawn independently", IID_SAMPLE)
        | holding("h y + g (g/mu - w_i) lies in [0, 1], as 0 <= w_i <= g/mu", BOUNDED_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("it is linear with a slope of g in one coordinate", CONVEX_LOSS, LIPSCHITZ_LOSS)
        | holding("closed form", OBJECTIVE_OF_AVERAGE, STRONGLY_CONVEX_OBJECTIVE, APPROXIMATE_MINIMISER)
        | holding("a/n: one example less at a point, or one more", UNIFORM_STABILITY, REMOVE_ONE_STABILITY)
        | holding("g and mu are numbers of the world", ALGORITHM_FIXED_IN_ADVANCE, DETERMINISTIC_ALGORITHM)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """From a loss that the weights decide to one that the coin decides."""
        quick = size == "thumbnail"
        for n in (1, 2, 50, 1000) if quick else (1, 2, 3, 10, 50, 64, 1000, 20_000):
            for effect in (Fraction(9, 10), Fraction(1, 10), Fraction(1, 10**9)):
                for coin in (Fraction(0), Fraction(1, 2)) if quick else (Fraction(0), Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)):
                    yield self.world(n, effect, coin)

    @staticmethod
    def world(n: int, effect: Fraction, coin: Fraction, points: int = POINTS) -> World:
        """All numbers of wrong coins on n different points, with mu = 1/``effect`` and g = 1, so that a = ``effect``.

        Of the samples with a repetition nothing is used: the truths are the least that they may be.
        """
        g, convexity, h = Fraction(1), 1 / effect, 1 - effect
        counts = range(n + 1)
        own, fresh = g * (g / convexity - g / (convexity * n)), g * g / convexity
        empirical = [h * Fraction(k, n) + own for k in counts]
        risk = h * coin + fresh
        common = {"n": n, "loss_range": 1, "lipschitz": g, "strong_convexity": convexity, "stability": effect / n}
        # For many examples from below, and from above to a part in 10^40.
        exact = n <= LARGEST_EXACT
        different = Fraction(math.perm(points, n), points**n) if exact else 1 - n * (n - 1) / (2 * points)
        law: list[Any] = [mass * different for mass in binomial_law(n, coin)] + [1 - different]
        truths: dict[str, list[Any]] = {
            RISK: [risk] * len(counts) + [Fraction(0)],
            EXPECTED_GAP: [risk - entry for entry in empirical] + [Fraction(-1)],
        }
        label = f"n = {n}, a = {effect}, coin {coin}"
        return World(label, common, {"empirical_risk": [*empirical, Fraction(0)]}, truths, law)
