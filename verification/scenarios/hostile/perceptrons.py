"""Perceptrons and hard-margin machines whose start, order, iterate or features look at the sample, or whose margin is the sample's own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_RISK, MISTAKES, MISTAKES_OF_RUN
from genbounds.verification.scenarios.perceptron_run import (
    PerceptronRun,
    PerceptronToConvergence,
    Points,
    Run,
    Vector,
    basis,
    risk,
    run_perceptron,
)
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

POINTS = 10**9
"""So many that a fresh example hardly ever is one that was seen."""
BELOW_ROOT_HALF = math.nextafter(math.sqrt(0.5), 0)


class FarStart(PerceptronRun):
    """The run starts far on the wrong side of all that it will see."""

    name = "hostile: a start on the wrong side"
    hostile = "the start of the run"
    description = "one pass of the perceptron that starts at minus the sum of all its examples but the first"
    audit = (
        dict(PerceptronRun.audit)
        | violating("the start is minus the sum of all examples but the first", a.FIRST_WEIGHTS_ZERO)
        | violating("so every hypothesis has seen later examples", a.ONLINE_LOSSES)
    )
    populations = (basis(1), basis(2))
    rates = (Fraction(1),)

    def run(self, sequence: Sequence[Vector]) -> Run:
        """One pass from there."""
        return run_perceptron(sequence, start=tuple(first - sum(rest) for first, *rest in zip(sequence[0], *sequence, strict=True)))


class KnowingStart(Scenario):
    """The perceptron on the vectors (1, e_j), from weights that are right on the sample and wrong elsewhere."""

    name = "hostile: a start that knows the sample"
    hostile = "the start of the run"
    description = "the perceptron on vectors (1, e_j) with labels 1 starts at (-1, 2 on what it will see): no mistake, and wrong elsewhere"
    inputs = frozenset({"n", "radius", "margin", "expected_mistakes"})
    truths = frozenset({MISTAKES, MISTAKES_OF_RUN, EXPECTED_RISK})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | violating("the start is right on the sample alone", a.FIRST_WEIGHTS_ZERO, a.ONLINE_LOSSES)
        | holding("u = e_0 has margin 1 on every point", a.SEPARABLE, a.POPULATION_SEPARABLE)
        | holding("one pass, in which no mistake is left", a.ONE_PASS, a.CYCLED_TO_CONVERGENCE)
        | holding("all iterates are the same", a.RANDOM_ITERATE)
        | holding("no run makes a mistake", a.MISTAKES_OVER_SAMPLES)
        | holding("the coordinates are those of the population", a.FEATURES_FIXED_IN_ADVANCE)
        | holding("a mistake or none", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Samples of different points; of any other nothing is said (the truth is 0)."""
        for n in (2, 5, 20):
            seen = [(1, *(int(i == j) for i in range(n + 1))) for j in range(n)]
            unseen = (1, *(0,) * n, 1)
            run = run_perceptron(seen, start=(-1, *(2,) * n, 0))
            wrong = int(sum(w * x for w, x in zip(run.weights[-1], unseen, strict=True)) <= 0)
            different = Fraction(math.perm(POINTS, n), POINTS**n)
            made = [len(run.mistaken), 0]
            truths: dict[str, list[Any]] = {
                MISTAKES: made,
                MISTAKES_OF_RUN: made,
                EXPECTED_RISK: [Fraction(POINTS - n, POINTS) * wrong, Fraction(0)],
            }
            common = {"n": n, "radius": math.nextafter(math.sqrt(2), 2), "margin": 1, "expected_mistakes": len(run.mistaken)}
            yield World(f"n = {n} of {POINTS} vectors", common, {}, truths, [different, 1 - different])


class SortedExamples(PerceptronRun):
    """The examples are presented sorted by what they are."""

    name = "hostile: the order of the examples"
    hostile = "the order of the examples"
    description = "one pass of the perceptron over the examples sorted so that those seen most often come first"
    audit = dict(PerceptronRun.audit) | violating("the order looks at the examples", a.ONE_PASS, a.ONLINE_LOSSES)
    populations = (basis(2), basis(3))
    rates = (Fraction(1),)

    def run(self, sequence: Sequence[Vector]) -> Run:
        """One pass in that order."""
        return run_perceptron(sorted(sequence, key=lambda z: (-list(sequence).count(z), z)))


class SortedCycles(PerceptronToConvergence):
    """The same order, cycled to convergence."""

    name = "hostile: the order of the cycles"
    hostile = "the order of the examples"
    description = "the perceptron cycled over the examples sorted so that those seen most often come first"
    audit = dict(PerceptronToConvergence.audit) | violating("the order looks at the examples", a.CYCLED_TO_CONVERGENCE)

    def run(self, sequence: Sequence[Vector]) -> Run:
        """Cycles in that order."""
        return run_perceptron(sorted(sequence, key=lambda z: (-list(sequence).count(z), z)), passes=None)


class WorstIterate(PerceptronRun):
    """Of all iterates the one that errs most is returned."""

    name = "hostile: which iterate is returned"
    hostile = "which iterate is returned"
    description = "one pass of the perceptron, of whose iterates the one with the largest risk is returned"
    truths = frozenset({EXPECTED_RISK})
    audit = dict(PerceptronRun.audit) | violating("the worst of the iterates is returned", a.RANDOM_ITERATE)
    populations = (basis(1), basis(2))
    rates = (Fraction(1),)

    def _truths(self, population: Points, runs: Sequence[Run], n: int) -> dict[str, list[Any]]:
        return {EXPECTED_RISK: [max(risk(population, w) for w in run.weights[:n]) for run in runs]}


class KnowingFeatures(Scenario):
    """Every example that was seen is the vector e_1, every other e_2."""

    name = "hostile: the features"
    hostile = "the features"
    description = "labels 1; the feature vector is e_1 on the examples of the sample and e_2 elsewhere: separable, and nothing is learnt"
    inputs = frozenset({"n", "radius", "margin"})
    truths = frozenset({EXPECTED_RISK})
    audit = (
        holding("continuous inputs, drawn independently", a.IID_SAMPLE)
        | holding("u = (1, 1)/sqrt 2 has margin 1/sqrt 2", a.SEPARABLE, a.POPULATION_SEPARABLE)
        | holding("from 0, one pass, in which no mistake is left", a.FIRST_WEIGHTS_ZERO, a.ONE_PASS, a.CYCLED_TO_CONVERGENCE)
        | holding("every iterate, and the hard-margin machine, is 0 or e_1", a.RANDOM_ITERATE, a.HARD_MARGIN_MACHINE)
        | violating("they tell whether an example is in the sample", a.FEATURES_FIXED_IN_ADVANCE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """One sample is like any other."""
        for n in (2, 10, 100):
            run = run_perceptron([(1, 0)] * n)
            wrong = min(int(w[1] <= 0) for w in run.weights)
            common = {"n": n, "radius": 1, "margin": BELOW_ROOT_HALF}
            yield World(f"n = {n}", common, {}, {EXPECTED_RISK: [wrong]}, [Fraction(1)])


class MarginOfSample(Scenario):
    """Radius, margin and number of support vectors are those of the n examples that were seen."""

    name = "hostile: the margin of the sample"
    hostile = "the sample's margin for the population's"
    description = "basis vectors with labels 1; the margin, and the number of support vectors, are those of the n examples"
    inputs = frozenset({"n", "radius", "margin", "expected_support_vectors"})
    truths = frozenset({EXPECTED_RISK})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("u = (1, ..., 1)/sqrt n has that margin on the n examples", a.SEPARABLE)
        | violating("not on the others", a.POPULATION_SEPARABLE)
        | violating("of n + 1 examples all are support vectors", a.EXPECTED_SUPPORT_VECTORS)
        | holding("the sum of the examples, which is the machine of largest margin", a.HARD_MARGIN_MACHINE, a.SUPPORT_VECTOR_MACHINE)
        | holding("and the last weights of the perceptron", a.FIRST_WEIGHTS_ZERO, a.CYCLED_TO_CONVERGENCE)
        | holding("the raw coordinates", a.FEATURES_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Samples of different points; of any other nothing is said (the truth is 0)."""
        for n in (1, 2, 10):
            different = Fraction(math.perm(POINTS, n), POINTS**n)
            truth = [Fraction(POINTS - n, POINTS), Fraction(0)]
            common = {"n": n, "radius": 1, "margin": 1 / math.sqrt(n) * (1 - 1e-15), "expected_support_vectors": n}
            yield World(f"n = {n} of {POINTS} basis vectors", common, {}, {EXPECTED_RISK: truth}, [different, 1 - different])


class NoMargin(PerceptronRun):
    """Labels that contradict each other, with the margin that most examples have."""

    name = "hostile: the margin of most examples"
    hostile = "the usual margin for the least"
    description = "one pass of the perceptron on labels that contradict each other, at the margin that most of the examples have"
    audit = (
        dict(PerceptronRun.audit)
        | violating("one example in four has margin -1", a.SEPARABLE, a.POPULATION_SEPARABLE)
        | violating("so deviation and hinge loss are not 0", a.DEVIATION_OF_SEQUENCE, a.HINGE_OF_SEQUENCE)
    )
    populations = (Points("1, 1, 1 and -1", ((1,), (1,), (1,), (-1,)), (1,)),)
    rates = (Fraction(1),)

    def _margin(self, population: Points) -> float:
        return 1.0

    def world(self, population: Points, n: int, rate: Fraction) -> World:
        """The deviation and the hinge loss are passed as if that margin held for every example."""
        honest = super().world(population, n, rate)
        inputs = {**honest.inputs, "deviation": [0] * len(honest), "hinge_loss": [0] * len(honest)}
        return World(honest.label, honest.common, inputs, honest.truths, honest.probabilities, honest.truth_range)


class LuckiestRun(PerceptronRun):
    """The number of mistakes is that of the run with the fewest, not the mean over samples."""

    name = "hostile: which run's mistakes are passed"
    hostile = "which run's mistakes are passed"
    description = "one pass of the perceptron over basis vectors; the number of mistakes passed is the least over all samples"
    inputs = frozenset({"n", "expected_mistakes"})
    truths = frozenset({EXPECTED_RISK})
    audit = dict(PerceptronRun.audit) | violating("it is the least, not the mean", a.MISTAKES_OVER_SAMPLES)
    populations = (basis(2), basis(3))
    rates = (Fraction(1),)

    def world(self, population: Points, n: int, rate: Fraction) -> World:
        """The least number of mistakes."""
        honest = super().world(population, n, rate)
        common = {**honest.common, "expected_mistakes": min(honest.truths[MISTAKES])}
        return World(honest.label, common, honest.inputs, honest.truths, honest.probabilities, honest.truth_range)
