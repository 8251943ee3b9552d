"""Gradient descent on one example whose loss turns against whoever learned another one: kinked, or rounded off by a softmax.

For each of m points z the loss is the largest of <e_z, w> and, for every other point y, <(e_z - e_y)/sqrt 2, w> - A (1 - 1/sqrt 2), or tau
times the logarithm of the sum of their exponentials over tau. Each of these vectors has norm 1. Descent on z goes down <e_z, w> as far as
it can, to -A e_z after steps that add up to A, and there every other loss has grown by A (sqrt 2 - 1): the gap is A sqrt 2 for a fresh
point, where linear losses have A. Two losses of this kind cannot differ by more, since the weights of two runs are A sqrt 2 apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import special

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
    SUBGRADIENT_RULE,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

Array = NDArray[np.float64]

SLOPE = 8
"""Not 1, so that a bound with the Lipschitz constant in the place of its square is seen."""


class DescentOnKinks(Scenario):
    """The losses with kinks; of the vectors that attain the maximum the first is the subgradient."""

    name = "descent on kinked losses"
    description = "subgradient descent on one of m points, whose kinked losses turn against what another one teaches: every sample"
    inputs = frozenset({"n", "lipschitz", "step_size", "step_sizes", "steps", "step_scale", "loss_range"})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("one of m points, all equally likely", IID_SAMPLE)
        | holding("the largest of linear functions, or a softmax of them, each with a gradient of norm 1", CONVEX_LOSS, LIPSCHITZ_LOSS)
        | holding("on a ball, 2 radius slope and a constant added to the losses", BOUNDED_LOSS)
        | holding(
            "from weights 0 on that ball, the one example at every step", PLAIN_SGD, MINIBATCH_SGD, START_FIXED_IN_ADVANCE, OBLIVIOUS_ORDER
        )
        | holding("step_scale is the last step times their number", STEPS_AT_MOST_C_OVER_T)
        | holding("steps and their number are those of the world, and the last iterate is returned", STEPS_FIXED_IN_ADVANCE)
        | holding("the first vector that attains the maximum", SUBGRADIENT_RULE)
        | violating("the gradient jumps at a kink", SMOOTH_LOSS)
    )
    softness: tuple[Fraction | None, ...] = (None,)

    def worlds(self, size: Size) -> Iterator[World]:
        """One step and many, few points and many."""
        for points in (8, 48) if size == "thumbnail" else (2, 3, 8, 48, 160):
            for steps in (1, 16, 256) if size == "thumbnail" else (1, 4, 16, 64, 256, 1024):
                yield from (self.world(points, steps, Fraction(1, 16), softness) for softness in self.softness)

    @staticmethod
    def world(points: int, steps: int, step: Fraction, softness: Fraction | None = None, slope: int = SLOPE) -> World:
        """One run for each point; the gap is that of the loss of a point that is drawn anew.

        ``softness`` is tau, in parts of the step. The losses of the module stretched to a larger slope, slope^2 f(w / slope), have runs
        that are stretched alike, with the same steps and the same smoothness.
        """
        losses = run(points, steps, float(step), float(step * (softness or 0)))
        gaps = [slope**2 * float(entry) for entry in losses.mean(axis=0) - np.diag(losses)]
        radius = 4 * steps * step * slope  # no run goes farther than a quarter of it
        common = {
            "n": 1,
            "lipschitz": slope,
            "step_size": step,
            "step_sizes": (step,) * steps,
            "steps": steps,
            "step_scale": step * steps,
            "loss_range": 2 * radius * slope,
        }
        shown = "kinks" if softness is None else f"tau = {softness} of a step"
        if softness is not None:
            # The Hessian is 1/tau times a covariance of vectors at most 1 apart, whose variances are at most 1/4.
            common["smoothness"] = 1 / (4 * softness * step)
        law, reach = [Fraction(1, points)] * points, float(2 * radius * slope)
        return World(f"{points} points, T = {steps}, {shown}", common, {}, {EXPECTED_GAP: gaps}, law, (-reach, reach))


class DescentOnRoundedKinks(DescentOnKinks):
    """A softmax: of temperature step/8, so that the steps are 2/smoothness, or so sharp that one step is as at a kink."""

    name = "descent on rounded kinks"
    description = "gradient descent on one of m points, whose smooth losses turn against what another one teaches: every sample"
    inputs = DescentOnKinks.inputs | {"smoothness"}
    audit = dict(DescentOnKinks.audit) | holding("a softmax of vectors at most 1 apart is 1/(4 tau)-smooth", SMOOTH_LOSS)
    softness = (Fraction(1, 8), Fraction(1, 1000))


def scores(weights: Array, offset: float) -> Array:
    """The linear functions of every point's loss at every run's weights: (run, point, function), first <e_z, w>.

    >>> scores(np.array([[-1.0, 0.0]]), 0.25).round(3).tolist()
    [[[-1.0, -0.957], [0.0, 0.457]]]
    """
    own = weights[:, :, None]
    turned = (own - weights[:, None, :]) / math.sqrt(2) - offset
    m = weights.shape[1]
    others = turned[:, ~np.eye(m, dtype=bool)].reshape(len(weights), m, m - 1)
    return np.concatenate([own, others], axis=2)


def values(weights: Array, offset: float, softness: float) -> Array:
    """The loss of every point at every run's weights: (run, point)."""
    listed = scores(weights, offset)
    if not softness:
        return np.asarray(listed.max(axis=2))
    return np.asarray(softness * special.logsumexp(listed / softness, axis=2))


def run(points: int, steps: int, step: float, softness: float) -> Array:
    """Descent on each of the points from weights 0; entry (z, y) is the loss of y after the run on z.

    >>> run(2, 1, 1.0, 0.0).round(3).tolist()
    [[-1.0, 0.414], [0.414, -1.0]]
    """
    offset = steps * step * (1 - 1 / math.sqrt(2))
    weights, own = np.zeros((points, points)), np.arange(points)
    away = ~np.eye(points, dtype=bool)
    for _ in range(steps):
        listed = np.zeros((points, points))  # the first function in place z of run z, the others in the places of their points
        listed[away] = ((weights[own, own][:, None] - weights) / math.sqrt(2) - offset)[away]
        listed[own, own] = weights[own, own]
        if softness:
            shares = special.softmax(listed / softness, axis=1)
        else:
            best = listed.max(axis=1)
            chosen = np.where(listed[own, own] >= best, own, listed.argmax(axis=1))
            shares = np.zeros((points, points))
            shares[own, chosen] = 1.0
        first = shares[own, own].copy()
        gradient = -shares / math.sqrt(2)
        gradient[own, own] = first + (1 - first) / math.sqrt(2)
        weights -= step * gradient
    # One run after the other: of all runs at once the scores would take points^3 numbers.
    return np.concatenate([values(own_weights[None], offset, softness) for own_weights in weights])
