"""A ball of linear functions on digits: the one that fits a sample best, for a loss that is linear and for the signs.

With |<w, x>| <= 1/2 on the whole pool the loss 1/2 - y <w, x> lies in [0, 1], and on a sample the best w of the ball points along the
sum of y x. Nothing is searched for: the learner is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_LOSS_CLASS,
    COMPLEXITY_OF_SCORES,
    DATA_NORM_OF_SAMPLE,
    EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    KERNEL_FIXED_IN_ADVANCE,
    KERNEL_TRACE_OF_SAMPLE,
    LIPSCHITZ_LOSS_IN_OUTPUT,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_LOSS,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

ROUNDING = 1e-12
"""More than float64 loses in the sums here: risks that are shown are raised, and true ones lowered, by so much."""
THINNING = 4
"""A function for every fourth key."""
LARGEST = 0.5
"""No function of the ball has a larger value on the pool."""
_BALL = (
    holding("draws with replacement from the pool", IID_SAMPLE)
    | holding("the ball's radius is a constant of the scenario", CLASS_FIXED_IN_ADVANCE)
    | violating("the function of the least empirical risk is picked", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
)


def settings() -> tuple[tuple[FinitePool, int], ...]:
    """Labels that say nothing, of which a few examples and many are learnt by heart; and digit 0 against the rest."""
    return (random_labels("digits"), 16), (random_labels("digits"), 200), (population("digits_0_vs_rest"), 40)


@dataclass(frozen=True, eq=False)
class BestOfBall:
    """The best function of the ball on each sample.

    Attributes:
        norm: the radius of the ball.
        margins: y <w, x> at every point of the pool, (draws, N).
        on_sample: the same on the sample, (draws, n).
        data_norm: the Frobenius norm of each sample's inputs, rounded up, (draws,).
        complexity: an upper bound on the expected Rademacher complexity of the ball, norm sqrt(E ||x||^2/n).
    """

    norm: float
    margins: Array
    on_sample: Array
    data_norm: Array
    complexity: float

    @classmethod
    def of(cls, pool: FinitePool, n: int, keys: range) -> BestOfBall:
        """One for each key."""
        norm = LARGEST / pool.input_radius * (1 - ROUNDING)
        drawn = np.stack([pool.sample(("ball", n, key), n) for key in keys])
        signed = pool.inputs * pool.labels[:, None]
        sums = signed[drawn].sum(axis=1)
        weights = norm * sums / np.linalg.norm(sums, axis=1, keepdims=True)
        margins = weights @ signed.T
        squares = (pool.inputs**2).sum(axis=1)
        complexity = norm * math.sqrt(float(squares.mean()) / n) * (1 + ROUNDING)
        data_norm = np.sqrt(squares[drawn].sum(axis=1)) * (1 + ROUNDING)
        return cls(norm, margins, np.take_along_axis(margins, drawn, axis=1), data_norm, complexity)


@cache
def best_of_ball(setting: int, keys: range) -> BestOfBall:
    """The best functions of one of the settings, made once for all scenarios of this file."""
    return BestOfBall.of(*settings()[setting], keys[::THINNING])


class LinearLossOfBall(Scenario):
    """The loss 1/2 - y <w, x>, whose class has the complexity of the ball; the kernel is the inner product."""

    name = "best linear function of a ball"
    description = "the function of an l2 ball of linear functions that fits draws from digits best, for the loss 1/2 - y f(x)"
    inputs = frozenset({"n", "empirical_risk", "norm", "data_norm", "lipschitz"})
    truths = frozenset({RISK})
    audit = (
        _BALL
        | holding("1/2 - y f(x), and |f| <= 1/2 on the whole pool", LOSS_IN_UNIT_INTERVAL)
        | holding("the loss is linear in f, with slope 1: its class has the complexity of the ball", COMPLEXITY_OF_LOSS_CLASS)
        | holding("the slope is 1", LIPSCHITZ_LOSS_IN_OUTPUT)
        | holding("the kernel is the inner product: its trace is the sum of ||x||^2", KERNEL_FIXED_IN_ADVANCE, KERNEL_TRACE_OF_SAMPLE)
        | holding("computed on this sample, and rounded up", DATA_NORM_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for setting, (pool, n) in enumerate(settings()):
            found = best_of_ball(setting, keys)
            common = {"n": n, "norm": found.norm, "lipschitz": 1}
            shown = {"empirical_risk": linear_risk(found.on_sample) + ROUNDING, "data_norm": found.data_norm}
            yield World(f"{pool.name}, n = {n}", common, shown, {RISK: linear_risk(found.margins) - ROUNDING})


class LinearLossOverSamples(Scenario):
    """The same, with the complexity over samples."""

    name = "best linear function of a ball, mean complexity"
    description = LinearLossOfBall.description
    inputs = frozenset({"n", "empirical_risk", "complexity"})
    truths = frozenset({RISK})
    audit = (
        _BALL
        | holding("1/2 - y f(x), and |f| <= 1/2 on the whole pool", LOSS_IN_UNIT_INTERVAL)
        | holding("of the ball, by the mean of ||x||^2 over the pool", EXPECTED_COMPLEXITY_OF_LOSS_CLASS)
        | violating("the complexity is one over samples", COMPLEXITY_OF_LOSS_CLASS)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for setting, (pool, n) in enumerate(settings()):
            found = best_of_ball(setting, keys)
            shown = {"empirical_risk": linear_risk(found.on_sample) + ROUNDING}
            common = {"n": n, "complexity": found.complexity}
            yield World(f"{pool.name}, n = {n}", common, shown, {RISK: linear_risk(found.margins) - ROUNDING})


class SignsOfBall(Scenario):
    """The signs of the same functions, and a margin that is chosen on the sample: half of its mean margin."""

    name = "signs of a linear function of a ball"
    description = "the signs of the function of an l2 ball that fits draws from digits best, and a margin that is chosen on the sample"
    inputs = frozenset({"n", "margin_risk", "margin", "largest_margin", "complexity"})
    truths = frozenset({RISK})
    chosen_on_sample = frozenset({"margin"})
    audit = (
        _BALL
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("examples with a margin of at most the one chosen are counted", MARGIN_LOSS)
        | holding("of the ball, by the mean of ||x||^2 over the pool", COMPLEXITY_OF_SCORES)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        for setting, (pool, n) in enumerate(settings()):
            found = best_of_ball(setting, keys)
            margin = np.maximum(found.on_sample.mean(axis=1) / 2, 2.0**-20)
            shown = {"margin": margin, "margin_risk": (found.on_sample <= margin[:, None] + ROUNDING).mean(axis=1)}
            common = {"n": n, "largest_margin": LARGEST, "complexity": found.complexity}
            yield World(f"{pool.name}, n = {n}", common, shown, {RISK: (found.margins <= -ROUNDING).mean(axis=1)})


def linear_risk(margins: Array) -> Array:
    """The mean of 1/2 - y f, one number for each row."""
    return np.asarray(0.5 - margins.mean(axis=1))
