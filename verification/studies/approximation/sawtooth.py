"""Telgarsky's sawtooth: 2^k pieces from 3 k units in 2 k layers, and the best that one hidden layer of 3 k units can do.

m(x) = relu(2 relu(x) - 4 relu(x - 1/2)) goes from 0 up to 1 and back on [0, 1], and the k-fold composition has 2^k pieces there, with
value 0 at even and 1 at odd multiples of 2^-k. A shallow network of w units has at most w + 1 pieces. A continuous function of P pieces
changes sides of 1/2 at most P times, so on the 2^k + 1 multiples of 2^-k, whose values alternate, it is on the wrong side of at least
(2^k - P)/2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.verification.populations.protocol import Array
from genbounds.verification.studies.approximation.pieces import Layer, segments

EACH = 8
"""Grid points on each tooth's flank: the errors are root mean squares over EACH 2^k + 1 points."""


@dataclass(frozen=True)
class Sawtooth:
    """The ``folds``-fold composition."""

    folds: int


def network(folds: int) -> list[Layer]:
    """The deep network, as exact weights and biases."""
    half = Fraction(1, 2)
    up = (np.array([[1], [1]], dtype=object), np.array([0, -half], dtype=object))
    down = (np.array([[2, -4]], dtype=object), np.array([0], dtype=object))
    return [*[up, down] * folds, (np.array([[1]], dtype=object), np.array([0], dtype=object))]


def values(points: Array, folds: int) -> Array:
    """The composition at points of [0, 1]."""
    found = points
    for _ in range(folds):
        found = np.asarray(np.maximum(2 * np.maximum(found, 0) - 4 * np.maximum(found - 0.5, 0), 0))
    return found


def grid(folds: int) -> Array:
    """Multiples of 2^-k/EACH on [0, 1]."""
    return np.asarray(np.arange(EACH * 2**folds + 1) / (EACH * 2**folds))


def compare(cells: Sequence[Sawtooth]) -> list[dict[str, Any]]:
    """Pieces of the deep network, and the errors of shallow ones of as many units."""
    return [_compare(cell.folds) for cell in cells]


def _compare(folds: int) -> dict[str, Any]:
    layers = network(folds)
    zero, one = np.array([0], dtype=object), np.array([1], dtype=object)
    pieces = len(segments(layers, zero, one, Fraction(0), Fraction(1)))
    units, points = 3 * folds, grid(folds)
    target = values(points, folds)
    least = least_error(points, target, units + 1)
    spline = first_teeth(points, target, folds, units)
    return {
        "pieces": pieces,
        "units": sum(len(biases) for _, biases in layers[:-1]),
        "least": least,
        "spline": float(np.sqrt(np.mean((spline - target) ** 2))),
        "wrong": wrong_sides(spline[::EACH]),
        "fewest": fewest_wrong(folds, units + 1),
        "points": 2**folds + 1,
    }


def wrong_sides(found: Array) -> int:
    """How many values at the multiples of 2^-k, which alternate between 0 and 1, lie on the wrong side of 1/2.

    >>> wrong_sides(np.array([0.1, 0.2, 0.3]))
    1
    """
    return int(np.sum((found > 0.5) != (np.arange(len(found)) % 2 == 1)))


def fewest_wrong(folds: int, pieces: int) -> float:
    """The least number of wrong sides that any continuous function of so many pieces has.

    >>> fewest_wrong(6, 19)
    22.5
    """
    return max(0.0, float(2**folds - pieces) / 2)


def least_error(points: Array, target: Array, pieces: int) -> float:
    """The least root mean square error of functions of so many affine pieces, continuous or not.

    Dynamic programming over all ways to cut the points into runs; no network of as many pieces has a smaller error on these points.
    """
    cost = _costs(points, target)
    best = cost[0].copy()
    for _ in range(pieces - 1):
        best = np.minimum(best, (best[:-1, None] + cost[1:]).min(axis=0))
    return float(np.sqrt(max(best[-1], 0.0) / len(points)))


def _costs(points: Array, target: Array) -> Array:
    """Entry (i, j): the residual sum of squares of the best line through points i, ..., j; infinite for i > j."""
    x, y = points - points.mean(), target - target.mean()
    sums = {
        name: np.concatenate([[0.0], np.cumsum(value)]) for name, value in {"n": x**0, "x": x, "y": y, "xx": x * x, "xy": x * y}.items()
    }
    sums["yy"] = np.concatenate([[0.0], np.cumsum(y * y)])
    n, sx, sy, sxx, sxy, syy = (sums[name][None, 1:] - sums[name][:-1, None] for name in ("n", "x", "y", "xx", "xy", "yy"))
    many = np.maximum(n, 1)
    spread, joint, height = sxx - sx * sx / many, sxy - sx * sy / many, syy - sy * sy / many
    residual = height - np.where(n >= 2, joint**2 / np.where(n >= 2, spread, 1), 0)
    return np.where(n >= 1, np.maximum(residual, 0), np.inf)


def first_teeth(points: Array, target: Array, folds: int, units: int) -> Array:
    """A shallow network of so many units, fitted: one that is on everywhere, the others' kinks at the first multiples of 2^-k.

    The outer weights are least squares: it follows the first teeth, and is a line over the rest. An upper bound on the best error.
    """
    kinks = [place / 2**folds for place in range(1, min(units, 2**folds))]
    features = np.stack([np.ones_like(points), points, *(np.maximum(points - kink, 0) for kink in kinks)], axis=1)
    outer = np.linalg.lstsq(features, target, rcond=None)[0]
    return np.asarray(features @ outer)
