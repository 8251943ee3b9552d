"""The function of least norm through its examples, for kernels of small rank: every sequence of examples, in Fractions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from genbounds.bounds.assumptions import (
    EXPECTED_SQUARED_NORM,
    IID_SAMPLE,
    INPUT_RADIUS_OF_POPULATION_IN_KERNEL,
    KERNEL_FIXED_IN_ADVANCE,
    MINIMUM_NORM_INTERPOLANT,
)
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class Pool:
    """A uniform population of inputs, written as vectors of the kernel's space, with targets that some vector of the space gives."""

    name: str
    inputs: tuple[Vector, ...]
    targets: tuple[Fraction, ...]
    radius: Fraction

    def risk(self, w: Vector) -> Fraction:
        """The mean squared error over the population."""
        errors = [(y - _dot(w, x)) ** 2 for x, y in zip(self.inputs, self.targets, strict=True)]
        return sum(errors, Fraction(0)) / len(errors)


def identity(m: int, targets: Sequence[int | Fraction]) -> Pool:
    """m inputs with k(x, x) = 1 and k(x, x') = 0: nothing is learned of one from another."""
    rows = tuple(tuple(Fraction(i == j) for j in range(m)) for i in range(m))
    return Pool(f"{m} orthonormal inputs", rows, tuple(map(Fraction, targets)), Fraction(1))


def _on_the_circle() -> Pool:
    """Four unit vectors of the plane, so that two examples say all: a kernel of rank 2."""
    inputs = tuple((Fraction(a, 5), Fraction(b, 5)) for a, b in ((5, 0), (4, 3), (3, 4), (0, 5)))
    return Pool("four points of a circle, targets <(1, -1), x>", inputs, tuple(x[0] - x[1] for x in inputs), Fraction(1))


def _on_a_line() -> Pool:
    """Inputs 1, 2 and 3 with the targets themselves: one example says all."""
    inputs = tuple((Fraction(x),) for x in (1, 2, 3))
    return Pool("1, 2 and 3, targets x", inputs, tuple(x[0] for x in inputs), Fraction(3))


POOLS = (identity(1, [1]), identity(2, [1, 1]), identity(3, [1, -1, 2]), identity(6, [1] * 6), _on_the_circle(), _on_a_line())


class Interpolant(Scenario):
    """The risk of the interpolant of that number of examples below n (of the first so many) whose mean risk is the smallest."""

    name = "interpolant"
    description = "the function of least norm through the first k of n examples, for the k < n that is best on average: every sequence"
    inputs = frozenset({"n", "radius", "expected_squared_norm"})
    truths = frozenset({EXPECTED_RISK})
    audit = (
        holding("every sequence has the same probability", IID_SAMPLE)
        | holding("each new example adds what is orthogonal to those before it, in Fractions", MINIMUM_NORM_INTERPOLANT)
        | holding("the inputs are vectors of the kernel's space", KERNEL_FIXED_IN_ADVANCE)
        | holding("the largest norm of the population", INPUT_RADIUS_OF_POPULATION_IN_KERNEL)
        | holding("the mean over every sequence of n examples", EXPECTED_SQUARED_NORM)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few inputs, short sequences."""
        for pool in POOLS:
            for n in range(1, 5 if size == "thumbnail" else 7):
                if len(pool.inputs) ** n <= (100 if size == "thumbnail" else 1500):
                    yield self.world(pool, n)

    @staticmethod
    def world(pool: Pool, n: int) -> World:
        """All sequences of n examples of a pool."""
        runs = [interpolants(pool, sequence) for sequence in itertools.product(range(len(pool.inputs)), repeat=n)]
        means = [sum(pool.risk(run[k]) for run in runs) for k in range(n)]
        best = min(range(n), key=lambda k: means[k])
        squares = sum((_dot(run[n], run[n]) for run in runs), Fraction(0))
        common = {"n": n, "radius": pool.radius, "expected_squared_norm": squares / len(runs)}
        label = f"{pool.name}, n = {n}, the interpolant of {best}"
        largest = float(max(y * y for y in pool.targets))
        truths = {EXPECTED_RISK: [pool.risk(run[best]) for run in runs]}
        return World(label, common, {}, truths, [Fraction(1, len(runs))] * len(runs), (0.0, largest))


def interpolants(pool: Pool, sequence: Sequence[int]) -> list[Vector]:
    """The interpolants of least norm of the first 0, 1, ..., n examples of a sequence of indices.

    The part of a new input that is orthogonal to the earlier ones is the only direction in which the function must change, and all that
    it may: the function stays in the span of its examples.

    Raises:
        ValueError: no function of the space fits the examples.

    >>> [[str(entry) for entry in w] for w in interpolants(identity(2, [1, -3]), [1, 1, 0])]
    [['0', '0'], ['0', '-3'], ['0', '-3'], ['1', '-3']]
    """
    w: Vector = (Fraction(0),) * len(pool.inputs[0])
    found: list[Vector] = [w]
    directions: list[Vector] = []
    for index in sequence:
        rest, missing = pool.inputs[index], pool.targets[index] - _dot(w, pool.inputs[index])
        for d in directions:
            rest = _plus(rest, -_dot(rest, d) / _dot(d, d), d)
        if any(rest):
            w = _plus(w, missing / _dot(rest, rest), rest)
            directions.append(rest)
        elif missing:
            raise ValueError(f"targets must be those of a function of the kernel's space, got {pool.targets}: no interpolant fits them")
        found.append(w)
    return found


def _dot(a: Vector, b: Vector) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _plus(a: Vector, factor: Fraction, b: Vector) -> Vector:
    return tuple(x + factor * y for x, y in zip(a, b, strict=True))
