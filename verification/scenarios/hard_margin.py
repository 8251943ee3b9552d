"""The hard-margin machine through the origin on a few points of an integer grid, solved exactly for every sequence of examples."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache

from genbounds.bounds.assumptions import (
    EXPECTED_SUPPORT_VECTORS,
    FEATURES_FIXED_IN_ADVANCE,
    HARD_MARGIN_MACHINE,
    IID_SAMPLE,
    KERNEL_OF_MACHINE,
    LOSS_IN_UNIT_INTERVAL,
    POPULATION_SEPARABLE,
    SEPARABLE,
    SUPPORT_VECTOR_MACHINE,
    ZERO_ONE_LOSS,
    Audit,
)
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.verification.scenarios.perceptron_run import Points, Vector, basis
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding

Weights = tuple[Fraction, ...]

POPULATIONS = (
    basis(2),
    basis(3),
    Points("(4, -3), (-3, 4)", ((4, -3), (-3, 4)), (1, 1)),
    Points("(2, -1), (-1, 2), (1, 1)", ((2, -1), (-1, 2), (1, 1)), (1, 1)),
    basis(4),
)
"""In the fourth the point (1, 1) is classified correctly by the machine of any other example."""


TOLD = frozenset({"n", "radius", "margin", "expected_support_vectors"})
"""What bounds on a hard-margin machine are told."""


def audit_of_machines(*, examples: str, separable: str, features: str, solved: str, expected: str) -> Audit:
    """What holds of the hard-margin machine through the origin on a separable population, each with the reason.

    Args:
        examples: why they are independent.
        separable: which vector has the margin everywhere.
        features: why they look at no sample.
        solved: how it is known that the machine is the one of least norm.
        expected: why no more support vectors than stated are to be expected.
    """
    return (
        holding(examples, IID_SAMPLE)
        | holding(separable, SEPARABLE, POPULATION_SEPARABLE)
        | holding(features, FEATURES_FIXED_IN_ADVANCE)
        | holding(solved, HARD_MARGIN_MACHINE)
        | holding("a support vector is an example without which the machine is another one", SUPPORT_VECTOR_MACHINE)
        | holding("there are no settings", KERNEL_OF_MACHINE)
        | holding(expected, EXPECTED_SUPPORT_VECTORS)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    )


class HardMargin(Scenario):
    """The machine of least norm with y <w, x> >= 1 on its sample; a point on which it says 0 is an error."""

    name = "hard margin"
    description = "the hard-margin machine through the origin, solved exactly on every sequence of n examples from a few separable points"
    inputs, truths = TOLD, frozenset({EXPECTED_RISK})
    audit = audit_of_machines(
        examples="every sequence has the same probability",
        separable="u = (1, ..., 1) has the stated margin on every point",
        features="the coordinates are those of the population",
        solved="the conditions of Karush, Kuhn and Tucker hold in Fractions",
        expected="the mean over every sequence of n + 1 examples",
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few points, short sequences."""
        for population in POPULATIONS:
            for n in range(1, 5 if size == "thumbnail" else 7):
                if len(population.points) ** n <= (100 if size == "thumbnail" else 5000):
                    yield self.world(population, n)

    @staticmethod
    def world(population: Points, n: int) -> World:
        """All sequences of n examples of a population."""
        sequences = list(itertools.product(population.points, repeat=n))
        risks = [risk(population, machine(sequence)) for sequence in sequences]
        longer = itertools.product(population.points, repeat=n + 1)
        counted = sum(support_vectors(sequence) for sequence in longer)
        common = {
            "n": n,
            "radius": population.radius,
            "margin": population.margin,
            "expected_support_vectors": Fraction(counted, len(population.points) ** (n + 1)),
        }
        law = [Fraction(1, len(sequences))] * len(sequences)
        return World(f"{population.name}, n = {n}", common, {}, {EXPECTED_RISK: risks}, law)


def machine(examples: Sequence[Vector]) -> Weights:
    """The w of least norm with <w, z> >= 1 for every signed example z = y x, exactly.

    Raises:
        ValueError: no w has <w, z> >= 1 for all of them.

    >>> [str(entry) for entry in machine([(2, 0), (0, 1), (2, 0)])]
    ['1/2', '1']
    """
    return _machine(tuple(sorted(set(examples))))


@cache
def _machine(points: tuple[Vector, ...]) -> Weights:
    """Of all sets of active constraints the one with multipliers above 0 that satisfies the others: the minimiser is unique."""
    for size in range(1, len(points) + 1):
        for active in itertools.combinations(points, size):
            multipliers = solve([[Fraction(_dot(a, b)) for b in active] for a in active], [Fraction(1)] * size)
            if multipliers is None or min(multipliers) <= 0:
                continue
            columns = zip(*active, strict=True)
            w = tuple(sum((m * entry for m, entry in zip(multipliers, column, strict=True)), Fraction(0)) for column in columns)
            if all(sum(a * b for a, b in zip(w, z, strict=True)) >= 1 for z in points):
                return w
    raise ValueError(f"examples must be separable through the origin, got {points}: no machine has a margin on them")


def solve(matrix: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction] | None:
    """The solution of a square system by elimination in Fractions; None if the matrix is singular.

    >>> solve([[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1)]], [Fraction(3), Fraction(2)])
    [Fraction(1, 1), Fraction(1, 1)]
    """
    rows = [[*row, entry] for row, entry in zip(matrix, right, strict=True)]
    for column in range(len(rows)):
        pivot = next((i for i in range(column, len(rows)) if rows[i][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for i, row in enumerate(rows):
            if i != column and row[column]:
                rows[i] = [a - row[column] * b for a, b in zip(row, rows[column], strict=True)]
    return [row[-1] for row in rows]


def support_vectors(examples: Sequence[Vector]) -> int:
    """The number of examples without which the machine is another one; without any example it is 0.

    >>> support_vectors([(1, 0), (0, 1), (1, 0)])  # the first and the last stand for each other
    1
    """
    whole = machine(examples)
    left = ([*examples[:i], *examples[i + 1 :]] for i in range(len(examples)))
    return sum(not rest or machine(rest) != whole for rest in left)


def risk(population: Points, w: Weights) -> Fraction:
    """The part of the population on which <w, z> <= 0."""
    wrong = sum(sum(a * b for a, b in zip(w, z, strict=True)) <= 0 for z in population.points)
    return Fraction(wrong, len(population.points))


def _dot(a: Vector, b: Vector) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))
