"""Gradient descent from the top of a hill: what a late example moved has grown by a power of the number of steps when the run ends.

The losses are F - |w|^2/(2 c) less a slope at one of 10^60 coordinates, so that a step c/t multiplies the weights by 1 + 1/t, and steps
t to T by (T + 1)/t. The first steps have the size 0: only then do many examples leave the top before any of them is far from it. All
different samples have the same gap, in closed form, rounded down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.hostile.losses_of_scores import RUN
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

MANY = 10**60
_INPUTS = frozenset({"n", "lipschitz", "smoothness", "curvature", "step_scale", "steps", "expected_risk"})
_QUADRATIC = (a.SMOOTH_LOSS, a.LIPSCHITZ_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS, a.LIPSCHITZ_HESSIAN)


def largest_scale(steps: int) -> int:
    """A step scale c that the smoothness 1/c allows for so many steps: c >= 16 (ln T)^2."""
    return math.ceil(16.01 * math.log(steps) ** 2)


def inverse_fourth_powers(first: int, last: int) -> tuple[Fraction, Fraction]:
    """Between which numbers the sum of 1/(t (t + 1))^2 over t from ``first`` to ``last`` lies, by the integrals of t^-4.

    >>> low, high = inverse_fourth_powers(10, 100)
    >>> low <= sum(Fraction(1, (t * (t + 1)) ** 2) for t in range(10, 101)) <= high
    True
    """
    return (
        Fraction(1, 3 * (first + 1) ** 3) - Fraction(1, 3 * (last + 2) ** 3),
        Fraction(1, 3 * (first - 1) ** 3) - Fraction(1, 3 * last**3),
    )


def root_up(x: Fraction) -> Fraction:
    """A fraction just above the square root.

    >>> root_up(Fraction(2)) ** 2 >= 2
    True
    """
    return Fraction(math.isqrt(int(x * 10**40)) + 1, 10**20)


class SteeperStart(Scenario):
    """The curvature at the start is that of the hill, and a tenth of it is passed."""

    name = "hostile: the curvature that is passed"
    hostile = "the curvature that is passed"
    description = (
        "one pass over losses F - |w|^2/(2 c) - k w_i of 10^60 coordinates by steps c/t, the first of size 0; the curvature passed is a "
        "tenth of 1/c"
    )
    inputs = _INPUTS
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("one pass from 0, by steps of sizes fixed in advance, over 0 <= w_i <= b in a ball", *RUN)
        | holding("step t is c/t, or 0", a.STEPS_AT_MOST_C_OVER_T)
        | holding("by calculus, over the box in the ball; the Hessian is -1/c everywhere", *_QUADRATIC)
        | holding("what is passed is larger than the risk after any run over different examples", a.EXPECTED_RISK_OF_OUTPUT)
        | violating("the Hessian has the norm 1/c at the start, and 1/(10 c) is passed", a.CURVATURE_AT_START)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Long runs; the first step that moves is the one that leaves most of the slope to the hill."""
        for steps in (10**9, 10**12):
            yield self.world(steps, round((4 * steps**2 / 3) ** (1 / 3)))

    @staticmethod
    def world(steps: int, first: int) -> World:
        """Example t goes to c k (T + 1)/(t (t + 1)) on its own coordinate, k the slope there and T the number of steps."""
        scale = largest_scale(steps)
        low, high = ((steps + 1) ** 2 * entry for entry in inverse_fourth_powers(first, steps))
        edge = Fraction(steps + 1, first * (first + 1))  # b = c k times that
        slope = 1 / root_up(scale * (high / 2 + edge))  # k: losses lie between 0 and F = c k^2 (high/2 + edge) <= 1
        risk = scale * slope**2 * ((high - low) / 2 + edge)
        gap = scale * slope**2 * (Fraction(steps + 1, first) - 1) * (Fraction(1, steps) - Fraction(1, MANY))
        common = {
            "n": steps,
            "steps": steps,
            "step_scale": scale,
            "smoothness": Fraction(1, scale),
            "curvature": Fraction(1, 10 * scale),
            "lipschitz": slope * (1 + root_up(high)),
            "expected_risk": float(risk + repeated(steps)),
        }
        truth = float(gap - repeated(steps))
        return World(f"n = T = {steps}, steps from {first} on", common, {}, {EXPECTED_GAP: [truth]}, [Fraction(1)])


class SmootherHill(SteeperStart):
    """The same runs, of which a sixteenth of the smoothness is passed."""

    name = "hostile: the smoothness that is passed"
    hostile = "the smoothness that is passed"
    description = "one pass over losses F - |w|^2/(2 c) - k w_i of 10^60 coordinates by steps c/t, the first of size 0, as 1/(16 c)-smooth"
    inputs = _INPUTS - {"curvature", "expected_risk"}
    audit = {key: said for key, said in SteeperStart.audit.items() if key != a.CURVATURE_AT_START} | violating(
        "the Hessian has the norm 1/c, and 1/(16 c) is passed", a.SMOOTH_LOSS
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Those of the steeper start, with another constant."""
        for world in super().worlds(size):
            stated = {name: world.common[name] for name in self.inputs} | {"smoothness": world.common["smoothness"] / 16}
            yield World(world.label, stated, world.inputs, world.truths, world.probabilities)


class OneExampleAgain(Scenario):
    """Most steps meet one and the same example, in an order that is fixed in advance; it is a hill for one sample in 25."""

    name = "hostile: how often an example is met"
    hostile = "how often an example is met"
    description = (
        "losses F - |w|^2/(2 c) for one example in 25, F - L w_i for the others; each of many examples is met once, and the next one "
        "in all steps that are left"
    )
    inputs = _INPUTS
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices and kinds, drawn independently", a.IID_SAMPLE)
        | holding("from 0, by steps of sizes fixed in advance, over 0 <= w_i <= b in a ball", *(one for one in RUN if one != a.ONE_PASS))
        | holding("step t is c/t, or 0", a.STEPS_AT_MOST_C_OVER_T)
        | holding("by calculus, over the box in the ball; Hessians are 0 or -1/c everywhere", *_QUADRATIC)
        | holding("the mean over the population of the norm of the Hessian, which is constant", a.CURVATURE_AT_START)
        | holding("what is passed is larger than the risk of any output", a.EXPECTED_RISK_OF_OUTPUT)
        | violating("one example is met in nearly all steps", a.ONE_PASS)
    )
    hills = Fraction(1, 25)

    def worlds(self, size: Size) -> Iterator[World]:
        """The slopes are met from ``first`` to twice that, and the steps after it are as many as the ball allows."""
        for first in (10**8, 10**9):
            yield self.world(first)

    @classmethod
    def world(cls, first: int) -> World:
        """A coordinate ends at c L (T + 1)/(t q), q = 2 first, if the example that is met again is a hill, or further if others are."""
        last = 2 * first
        steps = math.isqrt(int(1 / inverse_fourth_powers(first, last - 1)[1])) - 1  # |w| <= c L whatever is drawn
        scale, share = largest_scale(steps), cls.hills
        slope = 1 / root_up(Fraction(scale, 2))  # so that the hill is c L^2/2 <= 1 high
        edge = scale * slope * Fraction(steps + 1, first * (first + 1))
        risk = slope * edge + share * scale * slope**2 / 2
        # Slopes that were met, where the example met again is a hill: sum of L w_i, and the sum of 1/t is at least ln 2.
        met = share * (1 - share) * scale * slope**2 * Fraction(steps + 1, last) * Fraction(math.log(2) * (1 - 1e-12))
        # The kind of an example may lower |w|^2/(2 c) by its own coordinate at most: at most c L^2/2 for all, and as much for the last.
        hidden = share * (1 - share) * scale * slope**2
        gap = (met - hidden) / steps - first * slope * edge / MANY - repeated(first + 1)
        common = {
            "n": steps,
            "steps": steps,
            "step_scale": scale,
            "smoothness": Fraction(1, scale),
            "curvature": share / scale,
            "lipschitz": slope,
            "expected_risk": float(risk) * (1 + 1e-12),
        }
        return World(f"n = T = {steps}, each met once from {first} to {last}", common, {}, {EXPECTED_GAP: [float(gap)]}, [Fraction(1)])


def repeated(examples: int) -> Fraction:
    """What samples that hold a coordinate twice can change: losses lie in [0, 1]."""
    return Fraction(2 * examples**2, MANY)
