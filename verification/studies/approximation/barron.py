"""Barron's rate on the Gaussian bump, whose constant is known: networks of n step units drawn from its integral representation.

f(x) = exp(-||x||^2/2) is the mean of cos<w, x> over normal w, so C = E ||w|| = sqrt 2 Gamma((d + 1)/2)/Gamma(d/2). On the unit ball
f(x) - 1 = -E_w integral_0^<w,x> sin t dt. With w drawn from the density proportional to ||w|| times the normal one, and t uniform on
[-||w||, ||w||], this is the mean of -2 C sin|t| 1{t lies between 0 and <w, x>}: a step unit with an outer weight of at most 2 C in size.
The mean of n such units therefore has, at every x, a variance of at most (2 C)^2/n, which is Barron's theorem (1993, Theorem 1, radius 1)
with his constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt
from typing import Any

import numpy as np
from scipy import stats

from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations.protocol import Array

WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
REFITTED = 128
"""Outer weights are fitted again up to this width."""
POINTS = 500
"""The measure of the error: as many equal weights on points drawn uniformly from the ball; the theorem holds for any measure on it."""


@dataclass(frozen=True)
class Barron:
    """Networks on the bump in so many dimensions."""

    dimension: int
    seed: int = 0


def constant(dimension: int) -> float:
    """C, the mean norm of a normal vector.

    >>> round(constant(1), 9), round(constant(2), 9)  # sqrt(2/pi), sqrt(pi/2)
    (0.797884561, 1.253314137)
    """
    return sqrt(2) * exp(lgamma((dimension + 1) / 2) - lgamma(dimension / 2))


def bump(points: Array) -> Array:
    """exp(-||x||^2/2)."""
    return np.asarray(np.exp(-np.sum(points**2, axis=1) / 2))


def ball(dimension: int, seed: int) -> Array:
    """Points of the unit ball, uniformly."""
    stream = Stream("approximation", f"ball {dimension}")
    drawn = stream.normal([seed], 0, POINTS * dimension).numpy().reshape(POINTS, dimension)
    radii = stream.sub("radii").uniform([seed], 0, POINTS).numpy()[0] ** (1 / dimension)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1)[:, None] * radii[:, None])


def units(points: Array, number: int, seed: int) -> Array:
    """The values of ``number`` drawn units at the points, (points, number), with their outer weights -2 C sin|t|."""
    dimension = points.shape[1]
    stream = Stream("approximation", f"units {dimension}")
    directions = stream.normal([seed], 0, number * dimension).numpy().reshape(number, dimension)
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    # ||w||: the density r^(d-1) e^(-r^2/2) of a normal vector's norm, times r, is that of d + 1 dimensions.
    norms = stats.chi.ppf(stream.sub("norms").uniform([seed], 0, number).numpy()[0], dimension + 1)
    t = norms * (2 * stream.sub("thresholds").uniform([seed], 0, number).numpy()[0] - 1)
    along = points @ (directions * norms[:, None]).T
    between = np.where(t > 0, along > t, along < t)
    return np.asarray(-2 * constant(dimension) * np.sin(np.abs(t)) * between)


def approximate(cells: Sequence[Barron]) -> list[dict[str, Any]]:
    """Root mean square errors by width: of the mean of the drawn units plus 1, and with outer weights fitted again."""
    return [_approximate(cell) for cell in cells]


def _approximate(cell: Barron) -> dict[str, Any]:
    points = ball(cell.dimension, cell.seed)
    target, drawn = bump(points), units(points, WIDTHS[-1], cell.seed)
    sampled, fitted = [], []
    for width in WIDTHS:
        sampled.append(_rms(1 + drawn[:, :width].mean(axis=1) - target))
        if width <= REFITTED:
            features = np.concatenate([np.ones((POINTS, 1)), drawn[:, :width]], axis=1)
            fitted.append(_rms(features @ np.linalg.lstsq(features, target, rcond=None)[0] - target))
    return {"sampled": sampled, "fitted": fitted, "bound": [2 * constant(cell.dimension) / sqrt(width) for width in WIDTHS]}


def _rms(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2)))
