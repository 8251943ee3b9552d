"""The perceptron on a few points of an integer grid: every sequence of examples is run, in one pass or until no mistake is left."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    CYCLED_TO_CONVERGENCE,
    DEVIATION_OF_SEQUENCE,
    FEATURES_FIXED_IN_ADVANCE,
    FIRST_WEIGHTS_ZERO,
    HINGE_OF_SEQUENCE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    MISTAKES_OVER_SAMPLES,
    ONE_PASS,
    ONLINE_LOSSES,
    POPULATION_SEPARABLE,
    RANDOM_ITERATE,
    SEPARABLE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import EXPECTED_RISK, MEAN_RISK_OF_ITERATES, MISTAKES, MISTAKES_OF_RUN
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Points:
    """A uniform population of signed points y x with integer coordinates, and a vector u to compare with.

    The margin that is asked for where nothing separates is ``asked``.
    """

    name: str
    points: tuple[Vector, ...]
    u: Vector
    asked: float = 0.5

    @property
    def radius(self) -> float:
        """The largest norm, rounded up."""
        return _root_up(max(_dot(z, z) for z in self.points))

    @property
    def margin(self) -> float:
        """The least <z, u>/||u||, rounded down; not positive where u does not separate."""
        return math.nextafter(min(_dot(z, self.u) for z in self.points) / _root_up(_dot(self.u, self.u)), -math.inf)


@dataclass(frozen=True)
class Run:
    """What one run of the perceptron did: the mistaken examples, and the weights before each round and after the last."""

    mistaken: tuple[Vector, ...]
    weights: tuple[Vector, ...]


def basis(m: int) -> Points:
    """The m basis vectors: the perceptron errs once on each, and no margin is larger than 1/sqrt(m)."""
    rows = tuple(tuple(int(i == j) for j in range(m)) for i in range(m))
    return Points(f"{m} basis vectors", rows, (1,) * m)


SEPARABLE_POINTS = (basis(1), basis(2), basis(3), basis(4), Points("(4, -3), (-3, 4)", ((4, -3), (-3, 4)), (1, 1)))
"""Populations with a margin; the last is all but degenerate, with (radius/margin)^2 = 50."""
NOISY_POINTS = (
    Points("e_1, e_2 and -e_2", ((1, 0), (0, 1), (0, -1)), (1, 0)),
    Points("1, 1, 1 and -1", ((1,), (1,), (1,), (-1,)), (1,)),
    Points("1 and -1, at the margin 1", ((1,), (-1,)), (1,), 1.0),
    Points("1 and -1, at the margin 64", ((1,), (-1,)), (1,), 64.0),
)
"""Populations that nothing separates; where 1 and -1 alternate every round is a mistake."""


def run_perceptron(sequence: Sequence[Vector], *, passes: int | None = 1, start: Vector | None = None) -> Run:
    """The perceptron from weights 0 or ``start``: w += z at every mistake, <w, z> <= 0; until none is left if ``passes`` is None.

    >>> run_perceptron([(1, 0), (0, 1), (1, 0)]).weights[-1]
    (1, 1)
    """
    weights: list[Vector] = [start or (0,) * len(sequence[0])]
    mistaken: list[Vector] = []
    for _ in itertools.count() if passes is None else range(passes):
        before = len(mistaken)
        for z in sequence:
            wrong = _dot(weights[-1], z) <= 0
            mistaken += [z] * wrong
            weights.append(tuple(w + e for w, e in zip(weights[-1], z, strict=True)) if wrong else weights[-1])
        if len(mistaken) == before:
            break
    return Run(tuple(mistaken), tuple(weights))


class PerceptronRun(Scenario):
    """One pass over n examples of a separable population."""

    name = "perceptron run"
    description = "one pass of the perceptron over every sequence of n examples from a few separable points"
    inputs = frozenset(
        {"n", "expected_mistakes", "radius", "margin", "weight_norm", "deviation", "radius_times_norm", "hinge_loss", "online_risk", "rate"}
    )
    truths = frozenset({MISTAKES, MISTAKES_OF_RUN, EXPECTED_RISK, MEAN_RISK_OF_ITERATES})
    audit = (
        holding("every sequence has the same probability", IID_SAMPLE)
        | holding("u = (1, ..., 1) has the stated margin on every point", SEPARABLE, POPULATION_SEPARABLE)
        | holding("computed over the rounds of the run for that u", DEVIATION_OF_SEQUENCE, HINGE_OF_SEQUENCE)
        | holding("the run is made here", FIRST_WEIGHTS_ZERO, ONE_PASS, ONLINE_LOSSES)
        | holding("the coordinates are those of the population", FEATURES_FIXED_IN_ADVANCE)
        | holding("the mean over the iterates is taken", RANDOM_ITERATE, MISTAKES_OVER_SAMPLES)
        | holding("a mistake or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | violating("there is one pass", CYCLED_TO_CONVERGENCE)
    )
    populations: tuple[Points, ...] = SEPARABLE_POINTS
    passes: int | None = 1
    rates: tuple[Fraction, ...] = (Fraction(1, 2), Fraction(1), Fraction(4))

    def worlds(self, size: Size) -> Iterator[World]:
        """Few points, short sequences."""
        for population in self.populations:
            for n in (1, 2, 4, 6) if size == "thumbnail" else (1, 2, 3, 4, 5, 6, 7, 8):
                if len(population.points) ** n <= (300 if size == "thumbnail" else 3_000):
                    yield from (self.world(population, n, rate) for rate in self.rates)

    def world(self, population: Points, n: int, rate: Fraction) -> World:
        """All sequences of n examples of a population."""
        sequences = list(itertools.product(population.points, repeat=n))
        runs = [self.run(sequence) for sequence in sequences]
        inputs: dict[str, list[Any]] = {name: [] for name in ("weight_norm", "deviation", "radius_times_norm", "hinge_loss", "online_risk")}
        for run in runs:
            length = _root_up(_dot(population.u, population.u))
            # y <u, x> / (margin ||u||): at least 1 on every example that the margin holds for.
            shortfall = [max(0.0, self._margin(population) - _dot(z, population.u) / length) for z in run.mistaken]
            scaled = [max(0.0, 1 - _dot(z, population.u) / (length * self._margin(population))) for z in run.mistaken]
            inputs["weight_norm"].append(_root_up(_dot(run.weights[-1], run.weights[-1])))
            inputs["deviation"].append(_up(math.sqrt(math.fsum(d * d for d in shortfall))))
            inputs["radius_times_norm"].append(_up(population.radius / self._margin(population)))
            inputs["hinge_loss"].append(_up(math.fsum(scaled)))
            inputs["online_risk"].append(min(Fraction(len(run.mistaken), n), Fraction(1)))
        common = {
            "n": n,
            "expected_mistakes": _up(math.fsum(len(run.mistaken) for run in runs) / len(runs)),
            "radius": population.radius,
            "margin": self._margin(population),
            "rate": rate,
        }
        label = f"{population.name}, n = {n}, rate {rate}"
        return World(label, common, inputs, self._truths(population, runs, n), [Fraction(1, len(runs))] * len(runs), (0.0, math.inf))

    def run(self, sequence: Sequence[Vector]) -> Run:
        """What the learner does with a sample."""
        return run_perceptron(sequence, passes=self.passes)

    def _margin(self, population: Points) -> float:
        return population.margin

    def _truths(self, population: Points, runs: Sequence[Run], n: int) -> dict[str, list[Any]]:
        mistakes = [len(run.mistaken) for run in runs]
        risks = [sum(risk(population, w) for w in run.weights[:n]) / n for run in runs]
        return {MISTAKES: mistakes, MISTAKES_OF_RUN: mistakes, EXPECTED_RISK: risks, MEAN_RISK_OF_ITERATES: risks}


class PerceptronToConvergence(PerceptronRun):
    """The examples are cycled until no mistake is left; the final weights are judged."""

    name = "perceptron to convergence"
    description = "the perceptron cycled over every sequence of n examples from a few separable points until no mistake is left"
    truths = frozenset({MISTAKES, MISTAKES_OF_RUN, EXPECTED_RISK})
    inputs = PerceptronRun.inputs - {"online_risk", "rate", "expected_mistakes"}
    audit = (
        dict(PerceptronRun.audit)
        | holding("cycled in the order drawn", CYCLED_TO_CONVERGENCE)
        | violating("there are several passes", ONE_PASS, ONLINE_LOSSES, RANDOM_ITERATE, MISTAKES_OVER_SAMPLES)
    )
    passes = None
    rates = (Fraction(1),)

    def _truths(self, population: Points, runs: Sequence[Run], n: int) -> dict[str, list[Any]]:
        mistakes = [len(run.mistaken) for run in runs]
        return {MISTAKES: mistakes, MISTAKES_OF_RUN: mistakes, EXPECTED_RISK: [risk(population, run.weights[-1]) for run in runs]}


class PerceptronOnNoise(PerceptronRun):
    """One pass over a population that nothing separates, compared with one vector at a margin of 1/2, 1 or 64."""

    name = "perceptron on noise"
    revision = 2
    description = "one pass of the perceptron over every sequence of n examples from points with contradicting labels"
    truths = frozenset({MISTAKES_OF_RUN, EXPECTED_RISK, MEAN_RISK_OF_ITERATES})
    audit = dict(PerceptronRun.audit) | violating("labels contradict each other", SEPARABLE, POPULATION_SEPARABLE)
    populations = NOISY_POINTS

    def _margin(self, population: Points) -> float:
        return population.asked


def risk(population: Points, weights: Vector) -> Fraction:
    """The part of the population on which <w, z> <= 0.

    >>> risk(basis(4), (1, 1, 0, 0))
    Fraction(1, 2)
    """
    return Fraction(sum(_dot(weights, z) <= 0 for z in population.points), len(population.points))


def _dot(a: Vector, b: Vector) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _root_up(square: int) -> float:
    """The square root of a whole number, exactly where it is one, else rounded up."""
    root = math.isqrt(square)
    return float(root) if root * root == square else _up(math.sqrt(square))


def _up(x: float) -> float:
    """A computed number above the exact one; 0 stays."""
    return x * (1 + 1e-14) if x else 0.0
