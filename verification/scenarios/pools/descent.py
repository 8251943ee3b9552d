"""Stochastic gradient descent on linear models over draws from a pool: gaps between risk and empirical risk, with proved constants."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    CONVEX_LOSS,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    LOSS_IN_UNIT_INTERVAL,
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
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.descent import decaying_sigmoid, one_pass_logistic
from genbounds.verification.learners.linear_models import logistic_constants, sigmoid_constants, up
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.populations.random_labels import random_labels
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

POOL = "separable"
_RUNS = (
    holding("draws with replacement from the pool", IID_SAMPLE)
    | holding("the order is drawn from a stream of its own", OBLIVIOUS_ORDER)
    | holding("weights 0", START_FIXED_IN_ADVANCE)
    | holding("one example a step, no momentum", PLAIN_SGD)
    | holding("as many steps as examples, of sizes that the scenario states; the last iterate", STEPS_FIXED_IN_ADVANCE)
    | holding("the largest ||x|| of the pool, rounded up, and the derivatives of the loss", LIPSCHITZ_LOSS, SMOOTH_LOSS)
    | holding("the loss is differentiable", SUBGRADIENT_RULE)
)


def pool_of(n: int) -> FinitePool:
    """The pool itself for many examples; for a few the one with random labels, where all that is learnt is the sample."""
    return population(POOL) if n >= 10 else random_labels(POOL)


def samples(pool: FinitePool, n: int, keys: range) -> Array:
    """The rows of the pool in each sample, (draws, n)."""
    return np.stack([pool.sample(("descent", key), n) for key in keys])


class LogisticDescent(Scenario):
    """One pass over the sample in random order, with steps of one size, projected on a ball; the logistic loss."""

    name = "logistic gradient descent"
    description = "one pass of gradient descent over draws from the separable pool in random order, logistic loss, projected on a ball"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes", "step_size", "steps"})
    truths = frozenset({EXPECTED_GAP})
    audit = _RUNS | holding("ln(1 + exp(-y <w, x>)) is convex in w", CONVEX_LOSS) | holding("one random permutation", ONE_PASS)
    settings = ((100, Fraction(1, 64)), (2, Fraction(1, 2)))
    radius = Fraction(1)

    def draws(self, keys: range) -> Iterator[World]:
        """Many examples and a small step, few and a large one."""
        pool = population(POOL)  # the inputs of both pools are the same
        lipschitz, smoothness = (up(constant) for constant in logistic_constants(pool.input_radius))
        half = pool.input_radius * float(self.radius) * (1 + 1e-9)  # ln(1 + e^r) - ln(1 + e^-r) = r
        for n, step in self.settings:
            stream = Stream(f"scenario of descent, step {step}", "training")
            over_pool, on_sample = one_pass_logistic(pool_of(n), samples(pool_of(n), n, keys), keys, step, self.radius, stream)
            common: dict[str, Any] = {
                "n": n,
                "lipschitz": lipschitz,
                "smoothness": smoothness,
                "step_sizes": (float(step),) * n,
                "step_size": step,
                "steps": n,
            }
            yield World(
                f"{pool_of(n).name}, n = {n}, steps {step}", common, {}, {EXPECTED_GAP: over_pool - on_sample}, truth_range=(-half, half)
            )


class SigmoidDescent(Scenario):
    """As many steps c/t as examples, which are drawn with replacement; the sigmoid loss, which is not convex."""

    name = "sigmoid gradient descent"
    description = "steps c/t of gradient descent on examples drawn with replacement from the sample, sigmoid loss"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_scale", "steps", "step_sizes", "loss_range"})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        _RUNS
        | holding("1/(1 + exp(y <w, x>)) lies in [0, 1]", BOUNDED_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("steps c/t, rounded down", STEPS_AT_MOST_C_OVER_T)
        | violating("the loss bends both ways", CONVEX_LOSS)
        | violating("examples are drawn with replacement", ONE_PASS)
    )
    settings = ((100, Fraction(1, 2)), (2, Fraction(8)))

    def draws(self, keys: range) -> Iterator[World]:
        """Many examples and small steps, few and large ones."""
        pool = population(POOL)  # the inputs of both pools are the same
        lipschitz, smoothness = (up(constant) for constant in sigmoid_constants(pool.input_radius))
        for n, scale in self.settings:
            stream = Stream(f"scenario of sigmoid descent, {scale}/t", "training")
            over_pool, on_sample = decaying_sigmoid(pool_of(n), samples(pool_of(n), n, keys), keys, scale, stream)
            common: dict[str, Any] = {
                "n": n,
                "lipschitz": lipschitz,
                "smoothness": smoothness,
                "step_scale": scale,
                "steps": n,
                "step_sizes": tuple(float(scale / t) for t in range(1, n + 1)),
                "loss_range": 1,
            }
            yield World(
                f"{pool_of(n).name}, n = {n}, steps {scale}/t", common, {}, {EXPECTED_GAP: over_pool - on_sample}, truth_range=(-1.0, 1.0)
            )
