"""Points of the unit circle, each with both labels: nothing can be learnt, and the inputs have two coordinates only."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool

POINTS = 120


@cache
def circle() -> FinitePool:
    """120 equally spaced points, each once with either label.

    >>> circle().size, circle().bayes_risk
    (240, Fraction(1, 2))
    """
    angles = 2 * math.pi * np.arange(POINTS) / POINTS
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    labels = np.repeat([-1, 1], POINTS)
    return FinitePool("circle with both labels", np.concatenate([points, points]), labels, "none: points of the unit circle")
