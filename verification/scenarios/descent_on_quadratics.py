"""Gradient descent on linear, strongly convex and concave losses: on the line in all orders, and over examples that are all different."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    CONVEX_LOSS,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    MINIBATCH_SGD,
    OBLIVIOUS_ORDER,
    PLAIN_SGD,
    SMOOTH_LOSS,
    START_FIXED_IN_ADVANCE,
    STEPS_AT_MOST_C_OVER_T,
    STEPS_FIXED_IN_ADVANCE,
    STEPS_OF_STRONG_CONVEXITY,
    STRONGLY_CONVEX_LOSS,
    SUBGRADIENT_RULE,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.descent import Loss, fresh_world, line_world, settings
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

NO_CURVATURE = Fraction(1, 10**9)
"""What a linear loss states as its smoothness: any number above 0 is true."""
SLOPE = Fraction(8)
"""Not 1, so that a bound with the Lipschitz constant in the place of its square is seen."""
RUN = (
    holding("signed basis vectors, drawn independently", IID_SAMPLE)
    | holding("slope + |curvature| radius, over the whole ball", LIPSCHITZ_LOSS)
    | holding("a quadratic has the same second derivative everywhere", SMOOTH_LOSS)
    | holding("2 slope radius, over the whole ball", BOUNDED_LOSS)
    | holding("one example per step, from weights 0, projected on a ball", PLAIN_SGD, MINIBATCH_SGD, START_FIXED_IN_ADVANCE)
    | holding("steps and their number are those of the world, and the last iterate is returned", STEPS_FIXED_IN_ADVANCE)
    | holding("every order is run whatever the sample, or the order in which it was drawn", OBLIVIOUS_ORDER)
    | holding("the loss has a gradient everywhere", SUBGRADIENT_RULE)
)


class LinearDescent(Scenario):
    """No curvature and a constant step: each meeting moves the weights by the same amount."""

    name = "descent on linear losses"
    description = "descent with a constant step on linear losses: every sample and order of two points, and examples that all differ"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes", "step_size", "steps", "loss_range"})
    truths = frozenset({EXPECTED_GAP})
    audit = RUN | holding("linear", CONVEX_LOSS) | violating("linear", STRONGLY_CONVEX_LOSS)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few steps and many, small steps and large ones, with a ball that is never left and one that is."""
        for n, steps, order in (*settings(size == "thumbnail"), (1, 400, "cyclic")):
            for step, part in ((Fraction(1, 4), Fraction(1)), (Fraction(1, 1000), Fraction(1)), (Fraction(1, 4), Fraction(1, 2))):
                loss, sizes = Loss(SLOPE, Fraction(0), SLOPE * step * steps * part), (step,) * steps
                yield line_world(loss, n, sizes, order, _constant(loss, n, sizes))
        for n in (10, 1000):
            loss, sizes = Loss(SLOPE, Fraction(0), SLOPE * n / 100), (Fraction(1, 100),) * n
            yield fresh_world(loss, n, sizes, _constant(loss, n, sizes))


class StronglyConvexDescent(LinearDescent):
    """A constant step of at most 1/smoothness."""

    name = "descent on quadratics"
    description = (
        "descent with a constant step on quadratics over a ball: every sample and order of two points, and examples that all differ"
    )
    inputs = LinearDescent.inputs | {"strong_convexity"}
    audit = RUN | holding("the quadratic part is half the curvature times the squared norm", CONVEX_LOSS, STRONGLY_CONVEX_LOSS)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few long steps, and many short ones that average the noise away."""
        for n, steps, order in settings(size == "thumbnail"):
            for curvature, step in ((Fraction(1), Fraction(1)), (Fraction(1), Fraction(1, 4)), (Fraction(1, 4), Fraction(1))):
                for part in (Fraction(1), Fraction(1, 4)):
                    loss, sizes = Loss(SLOPE, curvature, SLOPE * part), (step,) * steps
                    yield line_world(loss, n, sizes, order, _constant(loss, n, sizes))
        for n in (1000, 10**5):
            sizes = (Fraction(10, n),) * n
            loss = _just_reached(Fraction(1), sizes)
            yield fresh_world(loss, n, sizes, _constant(loss, n, sizes))


class DecayingDescent(Scenario):
    """Steps 1/(strong_convexity t)."""

    name = "descent with decaying steps"
    description = (
        "descent with steps 1/(strong convexity t) on quadratics over a ball: every sample and order, and examples that all differ"
    )
    inputs = frozenset({"n", "lipschitz", "smoothness", "strong_convexity", "step_sizes", "steps", "step_scale", "loss_range"})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        RUN
        | holding("the quadratic part is half the curvature times the squared norm", CONVEX_LOSS, STRONGLY_CONVEX_LOSS)
        | holding("step t is 1/(curvature t)", STEPS_OF_STRONG_CONVEXITY, STEPS_AT_MOST_C_OVER_T)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Balls that cut the first steps off, as they are long."""
        quick = size == "thumbnail"
        for n, steps, order in settings(quick):
            for part in (Fraction(1), Fraction(1, 4)):
                curvature = Fraction(1, 2)
                loss = Loss(SLOPE, curvature, SLOPE * part / curvature)
                sizes = tuple(1 / (curvature * t) for t in range(1, steps + 1))
                yield line_world(loss, n, sizes, order, _scaled(loss, n, sizes))
        for n, part in ((1000, Fraction(1, 10)), (10**5, Fraction(1, 60))):
            loss, sizes = Loss(SLOPE, Fraction(1), SLOPE * part), tuple(Fraction(1, t) for t in range(1, n + 1))
            yield fresh_world(loss, n, sizes, _scaled(loss, n, sizes))


class ConcaveDescent(Scenario):
    """A loss that curves downwards: distances grow with every step."""

    name = "descent on concave losses"
    description = (
        "descent with steps c/t on concave quadratics over a ball: every sample and order of two points, and examples that all differ"
    )
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes", "steps", "step_scale", "loss_range"})
    truths = frozenset({EXPECTED_GAP})
    audit = RUN | holding("step t is c/t", STEPS_AT_MOST_C_OVER_T) | violating("concave", CONVEX_LOSS, STRONGLY_CONVEX_LOSS)

    def worlds(self, size: Size) -> Iterator[World]:
        """Balls that the runs just do not leave."""
        quick = size == "thumbnail"
        for n, steps, order in settings(quick):
            for scale in (Fraction(1, 10), Fraction(1, 100)):
                sizes = tuple(scale / t for t in range(1, steps + 1))
                reached, curvature = Fraction(0), Fraction(1)
                for step in sizes:  # all signs alike go farthest
                    reached = reached * (1 + step * curvature) + step
                loss = Loss(SLOPE, -curvature, SLOPE * reached)
                yield line_world(loss, n, sizes, order, _scaled(loss, n, sizes))
        for n, scale in ((20, Fraction(1, 20)), (1000, Fraction(1, 100)), *(() if quick else ((10**4, Fraction(1, 100)),))):
            sizes = tuple(scale / t for t in range(1, n + 1))
            loss = _just_reached(Fraction(-1), sizes)
            yield fresh_world(loss, n, sizes, _scaled(loss, n, sizes))
        # Equal steps, so that growth shows: over a run it is e^3, and each of very many examples adds little to the radius.
        n = 50_000 if quick else 200_000
        sizes = (Fraction(3, n),) * n
        loss = _just_reached(Fraction(-1), sizes)
        yield fresh_world(loss, n, sizes, _scaled(loss, n, sizes))


def _just_reached(curvature: Fraction, sizes: Sequence[Fraction]) -> Loss:
    """The loss on the smallest ball that one pass over different examples does not leave."""
    largest, square = 0.0, 0.0
    for step in map(float, sizes):
        square = square * (1 - step * float(curvature)) ** 2 + step**2
        largest = max(largest, square)
    return Loss(SLOPE, curvature, SLOPE * Fraction(math.sqrt(largest) * (1 + 1e-9)))


def _constant(loss: Loss, n: int, sizes: Sequence[Fraction]) -> dict[str, Any]:
    return _inputs(loss, n, sizes) | {"step_size": sizes[0]}


def _scaled(loss: Loss, n: int, sizes: Sequence[Fraction]) -> dict[str, Any]:
    return _inputs(loss, n, sizes) | {"step_scale": max(step * t for t, step in enumerate(sizes, 1))}


def _inputs(loss: Loss, n: int, sizes: Sequence[Fraction]) -> dict[str, Any]:
    common = {
        "n": n,
        "lipschitz": loss.lipschitz,
        "smoothness": abs(loss.curvature) or NO_CURVATURE,
        "step_sizes": tuple(sizes),
        "steps": len(sizes),
        "loss_range": loss.range,
    }
    return common | ({"strong_convexity": loss.curvature} if loss.curvature > 0 else {})
