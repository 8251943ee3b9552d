"""A synthetic population that is separable with a known margin, for the perceptron."""

from __future__ import annotations

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import generator

POINTS, FEATURES, MARGIN = 2000, 20, 0.1


def separable() -> FinitePool:
    """2000 points on the unit sphere in 20 dimensions, none closer than 0.1 to the hyperplane of a known unit vector u.

    Uniform points with |<u, x>| < 0.1 are rejected; the label is the sign of <u, x>. So (radius / margin)^2 is just
    below
    100. The coordinates are rounded to multiples of 2^-20, so that the pool is the same on every machine; radius and
    margin
    are those of the rounded points.
    """
    draw = generator("separable", "pool")
    direction = draw.standard_normal(FEATURES)
    direction /= np.linalg.norm(direction)
    points = draw.standard_normal((8 * POINTS, FEATURES))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points = np.round(points * 2**20) / 2**20
    heights = points @ direction
    # A little more than the margin, since the rounding moved the points and the radius by up to 2^-20 a coordinate.
    kept = np.flatnonzero(np.abs(heights) > MARGIN + 1e-4)[:POINTS]
    labels = np.where(heights[kept] > 0, 1, -1)
    return FinitePool("separable", points[kept], labels, "none: points of the unit sphere", separator=direction)
