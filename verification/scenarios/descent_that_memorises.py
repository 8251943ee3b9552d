"""Gradient descent with one weight for each of 10^30 points: what is learned from an example says nothing about the other points.

The loss of point i is F - L w_i over the box 0 <= w_i <= F/L, so that it lies in [0, F]. One pass over different examples takes example t
down by L^2 times its step, to 0 at most; a fresh example costs F.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    CONVEX_LOSS,
    CURVATURE_AT_START,
    EXPECTED_RISK_OF_OUTPUT,
    IID_SAMPLE,
    LIPSCHITZ_HESSIAN,
    LIPSCHITZ_LOSS,
    LOSS_IN_UNIT_INTERVAL,
    MINIBATCH_SGD,
    OBLIVIOUS_ORDER,
    ONE_PASS,
    PLAIN_SGD,
    SMOOTH_LOSS,
    START_FIXED_IN_ADVANCE,
    STEPS_AT_MOST_C_OVER_T,
    STEPS_FIXED_IN_ADVANCE,
    SUBGRADIENT_RULE,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.descent import law_of_a_repetition
from genbounds.verification.scenarios.scenario import LARGEST_EXACT, Scenario, Size, World, holding


class MemorisingDescent(Scenario):
    """One pass with steps c/t over examples that are all different."""

    name = "descent that memorises"
    description = "one pass of descent with steps c/t over a box with one weight for each of 10^30 points: what is met is learned"
    revision = 2
    inputs = frozenset({"n", "lipschitz", "smoothness", "curvature", "step_sizes", "step_scale", "steps", "loss_range", "expected_risk"})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform points, drawn independently", IID_SAMPLE)
        | holding(
            "F - L w_i is linear on the box, with values from 0 to F", CONVEX_LOSS, LIPSCHITZ_LOSS, BOUNDED_LOSS, LOSS_IN_UNIT_INTERVAL
        )
        | holding("there is no curvature: whatever is stated is enough", SMOOTH_LOSS, LIPSCHITZ_HESSIAN, CURVATURE_AT_START)
        | holding("one example per step, from weights 0, projected on a box", PLAIN_SGD, MINIBATCH_SGD, START_FIXED_IN_ADVANCE)
        | holding("steps and their number are those of the world, and the last iterate is returned", STEPS_FIXED_IN_ADVANCE)
        | holding("the order in which the examples were drawn, at most one step each", OBLIVIOUS_ORDER, ONE_PASS)
        | holding("step t is c/t", STEPS_AT_MOST_C_OVER_T)
        | holding("the loss has a gradient everywhere", SUBGRADIENT_RULE)
        | holding("F, as no loss is larger", EXPECTED_RISK_OF_OUTPUT)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Long first steps that learn an example at once, and steps that are small for the largest smoothness which they allow."""
        quick = size == "thumbnail"
        flat = Fraction(1, 10**9)
        for n, steps in (
            ((3, 1), (1, 1), (4, 2), (10, 3), (16, 16)) if quick else ((3, 1), (1, 1), (2, 1), (20, 1), (4, 2), (10, 3), (16, 16))
        ):
            for part in (Fraction(1, 4), Fraction(1)):  # of the loss that the first step takes away
                yield self.world(n, steps, Fraction(1, 2), Fraction(1), part / 2, flat)
        for n in (1, 8, 64, 1024) if quick else (1, 2, 3, 8, 64, 1024, 10_000):
            scale = Fraction(max(1, math.ceil(16.1 * math.log(n) ** 2)))
            for met in (Fraction(1, 4), Fraction(3, 8), Fraction(1)):  # the part of the examples that is learned to the end
                lipschitz = Fraction(math.sqrt(met * n / (2 * scale)))
                yield self.world(n, n, Fraction(1, 2), lipschitz, scale, 1 / scale)
        if not quick:  # a loss so small that its powers are far apart
            yield self.world(1, 1, Fraction(1, 100), Fraction(1, 10), Fraction(1), Fraction(1))

    @staticmethod
    def world(n: int, steps: int, height: Fraction, lipschitz: Fraction, scale: Fraction, smoothness: Fraction) -> World:
        """``height`` F and ``lipschitz`` L; of samples with a repetition the least that the gap may be is used."""
        sizes = tuple(scale / t for t in range(1, steps + 1))
        losses = run(height, lipschitz, sizes)
        # A fresh point costs the height, and so do the examples that no step met.
        gaps: list[Any] = [sum(height - loss for loss in losses) / n, -height]
        common = {
            "n": n,
            "lipschitz": lipschitz,
            "smoothness": smoothness,
            "curvature": smoothness,
            "step_sizes": sizes,
            "step_scale": scale,
            "steps": steps,
            "loss_range": height,
            "expected_risk": height,
        }
        label = f"n = {n}, T = {steps}, F = {height}, L = {float(lipschitz):.6g}, c = {scale}"
        return World(label, common, {}, {EXPECTED_GAP: gaps}, law_of_a_repetition(n), (-float(height), float(height)))


def run(height: Fraction, lipschitz: Fraction, sizes: Sequence[Fraction]) -> list[Any]:
    """The losses of the examples met, after one step for each of them; Fractions for few.

    >>> [str(loss) for loss in run(Fraction(1), Fraction(1), [Fraction(2), Fraction(1, 4)])]
    ['0', '3/4']
    """
    number: type[Any] = Fraction if len(sizes) <= LARGEST_EXACT else float
    top, slope = number(height), number(lipschitz)
    weights: list[Any] = [number(0)] * len(sizes)
    for met, step in enumerate(sizes):
        weights[met] = max(number(0), min(weights[met] + number(step) * slope, top / slope))
    return [top - slope * weight for weight in weights]
