"""Sign vectors counted one by one: of half-spaces, of sets, and of small networks on the line.

Every pattern that is counted is shown by a function of the class; where there may be more of them, what is counted is at most the truth.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    IID_SAMPLE,
    LOGISTIC_UNITS,
    PIECEWISE_POLYNOMIAL_UNITS,
    RELU_UNITS,
    THRESHOLD_UNITS,
    ZERO_ONE_LOSS,
)
from genbounds.verification.scenarios.scenario import Size, holding
from genbounds.verification.small_worlds.small_world import Known, SmallWorld

POINTS: dict[Size, int] = {"thumbnail": 5, "full": 7}
UNITS: dict[Size, int] = {"thumbnail": 2, "full": 3}
MANY = (40, 400)
"""Numbers of points at which what bounds the patterns is far below the number of all sign vectors."""
Counted = tuple[int, int, int]
"""A size of the class (a dimension, a number of hidden units, of points in a set), a number of points, and the patterns counted."""


@cache
def separated(dimension: int, n: int) -> int:
    """How many sign vectors affine half-spaces have on n points of the moment curve in R^d: each is looked for by a linear program.

    >>> [separated(1, n) for n in (1, 2, 3)], separated(2, 4)
    ([2, 4, 6], 14)
    """
    from scipy.optimize import linprog

    points = np.array([[float(t) ** power for power in range(dimension + 1)] for t in range(-(n // 2), n - n // 2)])
    found = 0
    for rest in itertools.product((1.0, -1.0), repeat=n - 1):
        signed = points * np.array([1.0, *rest])[:, None]
        weights = linprog(np.zeros(dimension + 1), -signed, -np.ones(n), bounds=(None, None)).x
        found += 2 * (weights is not None and bool(np.all(signed @ weights > 0.5)))  # and the opposite signs
    return found


def cuts(n: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """All that one threshold says of n points on a line, either way round, one pattern per row.

    >>> len(cuts(3))
    6
    """
    firsts = np.tri(n + 1, n, -1, dtype=bool)  # the first k points, k = 0..n
    return np.unique(np.concatenate([firsts, ~firsts]), axis=0)


@cache
def patterns_of_thresholds(hidden: int, n: int) -> int:
    """How many sign vectors so many threshold units on the line, and a threshold unit that reads them, have on n points.

    >>> patterns_of_thresholds(1, 3), patterns_of_thresholds(2, 3)  # an interval more
    (6, 8)
    """
    unit = cuts(n)
    weights = np.array(list(itertools.product(range(-2, 3), repeat=hidden)))
    seen: set[bytes] = set()
    for chosen in itertools.combinations_with_replacement(range(len(unit)), hidden):
        sums = weights @ unit[list(chosen)].astype(int)
        for threshold in range(-2 * hidden, 2 * hidden + 2):
            seen |= {row.tobytes() for row in np.unique(sums >= threshold, axis=0)}
    return len(seen)


@cache
def patterns_of_kinks(hidden: int, n: int) -> int:
    """How many sign vectors functions on the line with so many kinks, constant before the first, have on n points: each is built.

    >>> patterns_of_kinks(1, 3)  # all that change sign at most once
    6
    """
    changes = itertools.chain.from_iterable(itertools.combinations(range(n - 1), count) for count in range(hidden + 1))
    return sum(2 * _zigzag_has(ends, n) for ends in changes)  # and the opposite signs


def _zigzag_has(ends: tuple[int, ...], n: int) -> bool:
    """Whether units relu(t - k), k the last points of runs of equal signs, with an output bias, change sign at 0, ..., n - 1 just there."""
    at, steep, sign = np.arange(n), 1, 1
    values, wanted = np.ones(n, dtype=int), np.ones(n, dtype=int)
    for end in ends:
        steep, sign = 4 * n * (steep + int(np.abs(values).max())), -sign
        values = values + sign * steep * np.maximum(at - end, 0)
        wanted[end + 1 :] = sign
    return bool(np.all(np.sign(values) == wanted))


@cache
def small_subsets(largest: int, n: int) -> int:
    """How many subsets of n points have at most so many of them.

    >>> small_subsets(1, 4)
    5
    """
    return sum(sum(chosen) <= largest for chosen in itertools.product((0, 1), repeat=n))


def _half_spaces(size: Size) -> Iterator[Counted]:
    for dimension, n in itertools.product((1, 2) if size == "thumbnail" else (1, 2, 3), range(1, POINTS[size] + 1)):
        yield dimension, n, separated(dimension, n)
    for n in MANY:
        yield 1, n, len(cuts(n))


def _thresholds(size: Size) -> Iterator[Counted]:
    for hidden, n in itertools.product(range(1, UNITS[size] + 1), range(1, POINTS[size] + (size == "thumbnail"))):
        yield hidden, n, patterns_of_thresholds(hidden, n)
    yield from ((1, n, patterns_of_thresholds(1, n)) for n in MANY[:1])
    yield 2, 9, patterns_of_thresholds(2, 9)


def _kinks(size: Size) -> Iterator[Counted]:
    for hidden, n in itertools.product(range(1, UNITS[size] + 2), range(1, POINTS[size] + 4)):
        yield hidden, n, patterns_of_kinks(hidden, n)
    yield from ((hidden, n, patterns_of_kinks(hidden, n)) for n, hidden in ((MANY[0], 1), (MANY[0], 2), (MANY[1], 1)))


def _sets(size: Size) -> Iterator[Counted]:
    for largest, n in itertools.product(range(POINTS[size]), range(1, POINTS[size] + 4)):
        yield largest, n, small_subsets(largest, n)


def _growth(counted: Callable[[Size], Iterator[Counted]], what: str, inputs: Callable[[int], dict[str, Any]]) -> Any:
    """The logarithms of the counts."""

    def make(size: Size) -> Iterator[Known]:
        for one, n, count in counted(size):
            yield Known(f"{what.format(one)}, n = {n}", {**inputs(one), "n": n}, math.log(count), n * math.log(2))

    return make


def _dimension(counted: Callable[[Size], Iterator[Counted]], what: str, inputs: Callable[[int], dict[str, Any]]) -> Any:
    """The most points of which every pattern was counted."""

    def make(size: Size) -> Iterator[Known]:
        shattered: dict[int, int] = {}
        for one, n, count in counted(size):
            shattered[one] = n if count == 2**n else shattered.get(one, 0)
        for one, n in shattered.items():
            yield Known(what.format(one), inputs(one), Fraction(n))

    return make


def unseen_errors(size: Size) -> Iterator[Known]:
    """Two points: half-spaces are right on one and may be wrong on the other, of a probability just above epsilon.

    While more than 8 exp(-1.5 W) of the samples miss it, so many examples do not suffice.
    """
    for parameters, units, inverse in itertools.product((2, 5, 40, 10**4), (2, 5, 40), (8, 100)):
        if parameters >= units:
            epsilon = Fraction(1, inverse)
            level = math.log(8) - 1.5 * parameters
            missed = math.floor(level / math.log1p(-float(epsilon) * (1 + 1e-9)) * (1 - 1e-9))
            inputs = {"parameters": parameters, "units": units, "epsilon": epsilon}
            yield Known(f"W = {parameters}, N = {units}, epsilon = 1/{inverse}", inputs, Fraction(missed))


_HALF_SPACE = "half-spaces of R^{}"
_ON_A_LINE = "on a line, hidden units: {}"
_SETS = "sets of a size up to {}"
_THRESHOLD = holding("threshold units, each with a threshold of its own", THRESHOLD_UNITS)
_PIECES = holding("ReLU, or a single unit that is an affine function", RELU_UNITS, PIECEWISE_POLYNOMIAL_UNITS)
_SIGMOID = holding("steep logistic units come as close to threshold units as one likes, on finitely many points", LOGISTIC_UNITS)


def _world(name: str, gives: str, inputs: str, audit: Any, make: Any) -> SmallWorld:
    described = "sign vectors counted one by one" if gives == "log_growth" else "the most points of which every sign vector was counted"
    return SmallWorld(name, f"{name}: {described}", gives, frozenset(inputs.split()), audit, make)


def _both(name: str, counted: Any, what: str, audit: Any, scalars: Callable[[int], dict[str, Any]]) -> Iterator[SmallWorld]:
    """The growth function and the VC dimension of one class, at the same inputs."""
    words = " ".join(scalars(1))
    yield _world(f"patterns of {name}", "log_growth", f"{words} n", audit, _growth(counted, what, scalars))
    yield _world(f"dimension of {name}", "vc_dimension", words, audit, _dimension(counted, what, scalars))


def _halfspace_as_network(dimension: int) -> dict[str, Any]:
    return {"parameters": dimension + 1, "units": 1, "layers": 1, "pieces": 1, "degree": 1}


def _network_on_line(hidden: int) -> dict[str, Any]:
    return {"parameters": 3 * hidden + 1, "units": hidden + 1, "layers": 2, "pieces": 2, "degree": 1}


def _parts_on_line(hidden: int) -> dict[str, Any]:
    return {"parameters": (2 * hidden, hidden + 1), "breakpoints": (hidden, 1), "degree": 1}


def _half_space_by_parts(dimension: int) -> dict[str, Any]:
    return {"parameters": (dimension + 1,), "breakpoints": (1,), "degree": 1}


def _counted_on_line(hidden: int) -> dict[str, Any]:
    return {"parameters": 3 * hidden + 1, "units": hidden + 1}


_LOGISTIC = _THRESHOLD | _SIGMOID
WORLDS = (
    *_both("half-spaces", _half_spaces, _HALF_SPACE, {}, lambda d: {"inputs": d}),
    *_both("one unit", _half_spaces, _HALF_SPACE, _LOGISTIC | _PIECES, _halfspace_as_network),
    *_both("one layer", _half_spaces, _HALF_SPACE, _PIECES, lambda d: {"widths": (d, 1)}),
    *_both("one layer by its parts", _half_spaces, _HALF_SPACE, _PIECES, _half_space_by_parts),
    *_both("one threshold unit", _half_spaces, _HALF_SPACE, _THRESHOLD, lambda d: {"unit_parameters": (d + 1,)}),
    *_both("threshold networks on a line", _thresholds, _ON_A_LINE, _LOGISTIC, _counted_on_line),
    *_both("threshold units on a line", _thresholds, _ON_A_LINE, _THRESHOLD, lambda h: {"unit_parameters": (2,) * h + (h + 1,)}),
    *_both("ReLU networks on a line", _kinks, _ON_A_LINE, _PIECES, lambda h: {"widths": (1, h, 1)}),
    *_both("ReLU networks on a line by their parts", _kinks, _ON_A_LINE, _PIECES, _parts_on_line),
    *_both("networks of two pieces on a line", _kinks, _ON_A_LINE, _PIECES, _network_on_line),
    _world("patterns of small sets", "log_growth", "vc_dimension n", {}, _growth(_sets, _SETS, lambda d: {"vc_dimension": d})),
    SmallWorld(
        "unseen errors",
        "two points, one of which may be wrong, and is missed by too many samples of fewer examples",
        "sufficient_sample_size",
        frozenset({"parameters", "units", "epsilon"}),
        _THRESHOLD | holding("errors of one network on independent examples", IID_SAMPLE, ZERO_ONE_LOSS, ARCHITECTURE_FIXED_IN_ADVANCE),
        unseen_errors,
    ),
)
