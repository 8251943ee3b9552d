"""Stochastic gradient descent on linear models over draws from a pool: gaps between risk and empirical risk, with proved constants."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

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
    STEPS_OF_STRONG_CONVEXITY,
    STRONGLY_CONVEX_LOSS,
    SUBGRADIENT_RULE,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.descent import decaying_sigmoid
from genbounds.verification.learners.linear_models import double_below, logistic_constants, sigmoid_constants, up
from genbounds.verification.learners.twins import Descent, Twins, logistic_twins, regularised_twins, sigmoid_twins
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
    | holding("one example per step, no momentum", PLAIN_SGD, MINIBATCH_SGD)
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
            found = logistic_twins(pool_of(n), samples(pool_of(n), n, keys), "descent", keys, step, self.radius, stream)
            common: dict[str, Any] = {
                "n": n,
                "lipschitz": lipschitz,
                "smoothness": smoothness,
                "step_sizes": (float(step),) * n,
                "step_size": step,
                "steps": n,
            }
            yield _world(f"{pool_of(n).name}, n = {n}, steps {step}", common, found, half)


def _world(label: str, common: dict[str, Any], found: Twins, half: float) -> World:
    """The gaps of the runs, which lie within plus and minus ``half``, and what their twins say of the mean gap."""
    estimates = {EXPECTED_GAP: (found.differences, -found.half, found.half)}
    return World(label, common, {}, {EXPECTED_GAP: found.gaps}, truth_range=(-half, half), estimates=estimates)


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


class OnePassSigmoid(Scenario):
    """One pass with steps c/t over the examples in the order in which they were drawn; the sigmoid loss."""

    name = "one pass of sigmoid descent"
    description = "one pass of gradient descent with steps c/t over draws from the separable pool, sigmoid loss, and the twins of each run"
    inputs = SigmoidDescent.inputs | {"curvature", "expected_risk"}
    truths = frozenset({EXPECTED_GAP})
    audit = (
        dict(SigmoidDescent.audit)
        | holding("the order in which the examples were drawn, each once", OBLIVIOUS_ORDER, ONE_PASS)
        | holding("the third derivative of the loss is bounded, and so is ||x||", LIPSCHITZ_HESSIAN)
        | holding("the smoothness itself", CURVATURE_AT_START)
        | holding("no loss is above s(R ||w||), and ||w|| is at most the sum of the steps times the slope", EXPECTED_RISK_OF_OUTPUT)
    )
    settings = ((200, Fraction(1, 8)), (8, Fraction(2)))

    def draws(self, keys: range) -> Iterator[World]:
        """Many examples and small steps, few and large ones."""
        radius = population(POOL).input_radius
        lipschitz, smoothness = (up(constant) for constant in sigmoid_constants(radius))
        for n, scale in self.settings:
            found = sigmoid_twins(pool_of(n), samples(pool_of(n), n, keys), "sigmoid twins", keys, scale)
            longest = lipschitz * float(sum(scale / t for t in range(1, n + 1))) * (1 + 1e-9)
            common: dict[str, Any] = {
                "n": n,
                "lipschitz": lipschitz,
                "smoothness": smoothness,
                "curvature": smoothness,
                "step_scale": scale,
                "steps": n,
                "step_sizes": tuple(float(scale / t) for t in range(1, n + 1)),
                "loss_range": 1,
                "expected_risk": 1 / (1 + math.exp(-radius * longest)) * (1 + 1e-9),
            }
            yield _world(f"{pool_of(n).name}, n = {n}, steps {scale}/t, one pass", common, found, 1.0)


class RegularisedDescent(Scenario):
    """One pass over the examples in the order in which they were drawn; weights that are wrong everywhere are the start and the centre."""

    name = "regularised gradient descent"
    description = "one pass of gradient descent with a constant step over draws from the separable pool, logistic loss with a penalty"
    inputs = frozenset({"n", "lipschitz", "smoothness", "strong_convexity", "step_size", "loss_range"})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        _RUNS
        | holding("the logistic loss is convex in w, and the penalty strongly so", CONVEX_LOSS, STRONGLY_CONVEX_LOSS)
        | holding("weights that the population's separator gives, a constant of the scenario", START_FIXED_IN_ADVANCE)
        | holding("the order in which the examples were drawn, each once", OBLIVIOUS_ORDER, ONE_PASS)
        | holding("the largest values of loss and penalty on the ball that is projected on", BOUNDED_LOSS)
    )
    settings = ((100, Fraction(1), Fraction(1, 4), 40), (2, Fraction(1), Fraction(1, 2), 0))
    """Examples, the penalty mu, the radius of the ball, and the length of the first weights, which are wrong on every example."""

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each setting."""
        slope, bend = logistic_constants(population(POOL).input_radius)
        for n, penalty, radius, length in self.settings:
            pool, separator = pool_of(n), population(POOL).separator
            assert separator is not None
            start = -length * separator / np.linalg.norm(separator)
            descent = Descent(start, penalty, self.sizes(n, penalty, bend + penalty), radius)
            found = regularised_twins(pool, samples(pool, n, keys), self.name, keys, descent)
            largest = math.log1p(math.exp(float((length + radius) * slope))) * (1 + 1e-9)
            common: dict[str, Any] = {
                "n": n,
                "lipschitz": up(slope + penalty * radius),
                "smoothness": up(bend + penalty),
                "strong_convexity": penalty,
                "loss_range": largest + float(penalty * radius**2 / 2),
            }
            label = f"{pool.name}, n = {n}, {self.in_words(descent)}, mu = {penalty}, radius {radius} around weights of norm {length}"
            yield _world(label, common | self.told(descent), found, largest)

    def sizes(self, n: int, penalty: Fraction, smoothness: Fraction) -> list[float]:
        """Of n steps: few long ones, just below 1/smoothness, or short ones that remember all examples alike."""
        return [double_below(min(Fraction(7, 8) / smoothness, 4 / (n * penalty)))] * n

    def told(self, descent: Descent) -> dict[str, Any]:
        """What bounds are told of the steps."""
        return {"step_size": descent.sizes[0]}

    def in_words(self, descent: Descent) -> str:
        """The steps, for the label of a world."""
        return f"steps {descent.sizes[0]:.4g}"


class DecayingRegularisedDescent(RegularisedDescent):
    """One pass with steps 1/(mu t)."""

    name = "regularised gradient descent with decaying steps"
    description = "one pass of gradient descent with steps 1/(mu t) over draws from the separable pool, logistic loss with a penalty"
    inputs = RegularisedDescent.inputs - {"step_size"}
    audit = dict(RegularisedDescent.audit) | holding("step t is 1/(mu t), rounded", STEPS_OF_STRONG_CONVEXITY)
    settings = ((100, Fraction(1), Fraction(1, 4), 5), (2, Fraction(1), Fraction(1, 2), 0))

    def sizes(self, n: int, penalty: Fraction, smoothness: Fraction) -> list[float]:
        """The quotients to nearest."""
        return [float(1 / (penalty * t)) for t in range(1, n + 1)]

    def told(self, descent: Descent) -> dict[str, Any]:
        """Nothing: the strong convexity says it all."""
        return {}

    def in_words(self, descent: Descent) -> str:
        """The steps, for the label of a world."""
        return "steps 1/(mu t)"
