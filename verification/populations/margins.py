"""Norms and margins of finitely many points, rounded in the safe direction."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def norm_upper(points: Array) -> float:
    """The largest Euclidean norm among the rows, as the least double that is not below it.

    >>> norm_upper(np.array([[3.0, 4.0], [1.0, 1.0]]))
    5.0
    """
    squares = np.einsum("ij,ij->i", points, points)
    # Rows within rounding of the largest are compared exactly.
    close = np.flatnonzero(squares >= squares.max() * (1 - 1e-9))
    return _sqrt_up(max(sum((Fraction(float(x)) ** 2 for x in points[row]), Fraction(0)) for row in close))


def dot_lower(points: Array, direction: Array) -> float:
    """The least <x, u> / ||u|| over the rows x, rounded down; it may be negative. ``direction`` need not have unit norm.

    >>> dot_lower(np.array([[2.0, 0.0], [3.0, 1.0]]), np.array([4.0, 0.0]))
    2.0
    """
    products = points @ direction
    # The float error of a product is below this; rows that could be the least are evaluated exactly.
    error = (points.shape[1] + 2) * 2.0**-52 * (np.abs(points) @ np.abs(direction)).max()
    exact_direction = [Fraction(float(u)) for u in direction]
    least = min(
        sum((Fraction(float(x)) * u for x, u in zip(points[row], exact_direction, strict=True)), Fraction(0))
        for row in np.flatnonzero(products <= products.min() + 2 * error)
    )
    squared_norm = sum((u * u for u in exact_direction), Fraction(0))
    if squared_norm == 0:
        raise ValueError("direction must not be zero: a margin needs a direction")
    if least <= 0:
        return -_sqrt_up(least**2 / squared_norm)
    return _sqrt_down(least**2 / squared_norm)


def largest_margin_direction(signed: Array) -> Array:
    """The hard-margin direction through the origin for rows y x: the point of their convex hull that is nearest to 0.

    Solved as one non-negative least-squares problem: min ||sum a_i y_i x_i||^2 + (sum a_i - 1)^2 over a >= 0, whose
    minimiser is a multiple of the nearest point. Where the points are not separable the result separates nothing, which
    whoever computes the margin from it finds out. It is rounded to 16 bits, so that the last digits of the solver do
    not
    reach the margin.

    >>> largest_margin_direction(np.array([[1.0, 1.0], [1.0, -1.0]])).tolist()
    [1.0, 0.0]
    """
    from scipy.optimize import nnls

    scale = math.sqrt(float(np.einsum("ij,ij->i", signed, signed).max())) or 1.0
    system = np.vstack([signed.T / scale, np.ones(len(signed))])
    target = np.zeros(len(system))
    target[-1] = 1.0
    weights, _ = nnls(system, target, maxiter=100 * len(signed))
    direction: Array = weights @ signed
    largest = float(np.abs(direction).max())
    if largest == 0:
        return np.ones(signed.shape[1])
    return np.asarray(np.round(direction / largest * 2**16) / 2**16)


def _sqrt_up(value: Fraction) -> float:
    root = math.sqrt(float(value))
    while Fraction(root) ** 2 < value:
        root = math.nextafter(root, math.inf)
    while root > 0 and Fraction(math.nextafter(root, 0)) ** 2 >= value:
        root = math.nextafter(root, 0)
    return root


def _sqrt_down(value: Fraction) -> float:
    root = _sqrt_up(value)
    return root if Fraction(root) ** 2 == value else math.nextafter(root, 0)
