"""Networks whose later layers read many bits of every weight of the first: shattered points, not all of which need be counted.

The inputs are the pairs (i, j) of one of N weights and one of R places, as the vector (e_i, 2^R j). The first unit adds the i-th weight, a
whole number A_i below 2^R, to 2^R j, and what follows it says the j-th bit of the Gray code of A_i. So the signs at the R points of a
weight are those of its code, and all points together have every sign vector if the codes of 2^R numbers are all vectors of R bits: that
is looked at for every number and every place, in whole numbers. A bound in which each layer pays only for its own weights, or one without
the degrees of polynomials, promises fewer sign vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import PIECEWISE_POLYNOMIAL_UNITS, RELU_UNITS
from genbounds.verification.scenarios.scenario import Size, holding
from genbounds.verification.small_worlds.small_world import Known, SmallWorld

Ints = np.ndarray[Any, np.dtype[np.int64]]
BROKEN_LINES: dict[Size, tuple[tuple[int, int], ...]] = {"thumbnail": ((3, 100), (7, 10**4)), "full": ((3, 100), (7, 10**4), (9, 10**5))}
POLYNOMIALS: dict[Size, tuple[tuple[int, int], ...]] = {"thumbnail": ((3, 100), (16, 10**4)), "full": ((3, 100), (16, 10**4), (18, 10**4))}
"""Bits of a weight, and how many weights."""
AS_MANY = (1, 2, 3, 5)
"""So many times the points that are shattered: further points take no sign vector away, and the bounds are no longer cut off at 2^n."""


@cache
def borders(bits: int) -> Ints:
    """Where the bit that is asked for changes, as 4 v runs through the numbers A + 2^bits j in order: between two of them.

    >>> borders(2).tolist()  # the first bit of 0, 1, 2, 3 is 0, 0, 1, 1 and the second 0, 1, 1, 0
    [6, 14, 18, 26]
    """
    asked = np.concatenate([_asked(bits, place) for place in range(bits)])
    found: Ints = 4 * np.flatnonzero(np.diff(asked)) + 2
    return found


def _asked(bits: int, place: int) -> Ints:
    """The bit at a place of the Gray codes of 0, 1, ..., 2^bits - 1."""
    numbers = np.arange(1 << bits)
    found: Ints = (numbers ^ (numbers >> 1)) >> (bits - 1 - place) & 1
    return found


def broken_line(scores: Ints, bits: int) -> Ints:
    """A layer of ReLU units and the sum that reads them: from -b_1 with the slopes 1, -1, 1, ..., so that it is 0 at every border b.

    >>> broken_line(np.array([0, 6, 10, 14, 16]), 2).tolist()
    [-6, 0, 4, 0, -2]
    """
    ends = borders(bits)
    kinks = np.concatenate([[0], (ends[1:] + ends[:-1]) // 2])
    slopes = np.resize([2, -2], len(kinks))
    slopes[0] = 1
    read: Ints = np.maximum(scores[:, None] - kinks, 0) @ slopes - ends[0]
    return read


def polynomial(scores: Ints, bits: int) -> Ints:
    """The sign of the polynomial of all factors b - score: exactly, by how many of them are negative, and -1 before the first border."""
    ends = borders(bits)
    at = np.searchsorted(ends, scores)
    assert not np.any(ends[np.minimum(at, len(ends) - 1)] == scores)
    signs: Ints = 2 * (at % 2) - 1
    return signs


@cache
def patterns_of_a_weight(unit: Any, bits: int) -> int:
    """How many sign vectors the points of one weight have, while it runs through the numbers below 2^bits.

    >>> patterns_of_a_weight(broken_line, 3), patterns_of_a_weight(polynomial, 3)
    (8, 8)
    """
    numbers = 4 * np.arange(1 << bits)
    says = [unit(numbers + (place << bits + 2), bits) > 0 for place in range(bits)]
    return len(np.unique(np.packbits(np.array(says), axis=0), axis=1).T)


def _growth(unit: Any, sizes: dict[Size, tuple[tuple[int, int], ...]], inputs: Any) -> Any:
    def make(size: Size) -> Iterator[Known]:
        for bits, weights in sizes[size]:
            patterns = weights * math.log(patterns_of_a_weight(unit, bits))
            for n in (times * weights * bits for times in AS_MANY):
                yield Known(f"{_label(bits, weights)}, n = {n}", {**inputs(bits, weights), "n": n}, patterns, n * math.log(2))

    return make


def _dimension(unit: Any, sizes: dict[Size, tuple[tuple[int, int], ...]], inputs: Any) -> Any:
    def make(size: Size) -> Iterator[Known]:
        for bits, weights in sizes[size]:
            if patterns_of_a_weight(unit, bits) == 1 << bits:
                yield Known(_label(bits, weights), inputs(bits, weights), weights * bits)

    return make


def _label(bits: int, weights: int) -> str:
    return f"{bits} bits of each of {weights} weights"


def _units(bits: int) -> int:
    return len(borders(bits))


def _by_widths(bits: int, weights: int) -> dict[str, Any]:
    return {"widths": (weights + 1, 1, _units(bits), 1)}


def _by_parts(bits: int, weights: int) -> dict[str, Any]:
    return {"parameters": (weights + 2, 2 * _units(bits), _units(bits) + 1), "breakpoints": (1, _units(bits), 1), "degree": 1}


def _by_counts(bits: int, weights: int) -> dict[str, Any]:
    parameters = weights + 3 * _units(bits) + 3
    return {"parameters": parameters, "layers": 3, "units": _units(bits) + 2, "pieces": 2, "degree": 1}


def _polynomial_by_parts(bits: int, weights: int) -> dict[str, Any]:
    return {"parameters": (weights + 2, 2), "breakpoints": (1, 1), "degree": _units(bits)}


def _polynomial_by_counts(bits: int, weights: int) -> dict[str, Any]:
    return {"parameters": weights + 4, "layers": 2, "units": 2, "pieces": 1, "degree": _units(bits)}


_RELU = holding("one unit, a layer of ReLU units, and their sum", RELU_UNITS, PIECEWISE_POLYNOMIAL_UNITS)
_POLYNOMIAL = holding("one unit whose activation is a polynomial, and an affine function of it", PIECEWISE_POLYNOMIAL_UNITS)


def _world(gives: str, name: str, unit: Any, sizes: Any, audit: Any, inputs: Any) -> SmallWorld:
    how = "all sign vectors of the points at which bits of weights are read, each bit of each number looked at in whole numbers"
    known, named, further = (_growth, "patterns", {"n"}) if gives == "log_growth" else (_dimension, "dimension", set())
    return SmallWorld(f"{named} of {name}", how, gives, frozenset(inputs(2, 2)) | further, audit, known(unit, sizes, inputs))


_LINES, _CURVES = "ReLU networks that read bits", "polynomials that read bits"
WORLDS = (
    _world("log_growth", _LINES, broken_line, BROKEN_LINES, _RELU, _by_widths),
    _world("vc_dimension", _LINES, broken_line, BROKEN_LINES, _RELU, _by_widths),
    _world("log_growth", f"{_LINES}, by their parts", broken_line, BROKEN_LINES, _RELU, _by_parts),
    _world("vc_dimension", f"{_LINES}, by their sizes", broken_line, BROKEN_LINES, _RELU, _by_counts),
    _world("log_growth", _CURVES, polynomial, POLYNOMIALS, _POLYNOMIAL, _polynomial_by_parts),
    _world("vc_dimension", f"{_CURVES}, by their sizes", polynomial, POLYNOMIALS, _POLYNOMIAL, _polynomial_by_counts),
)
