"""The discrete cube {-1, 1}^d with a rule for the labels and label noise: every point is listed, so that any risk is exhaustive."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array

LARGEST_DIMENSION = 16
Rule = Callable[[Array], Array]
"""From corners, (2^d, d), to True and False."""


def parity(bits: int) -> Rule:
    """Whether the first so many coordinates have a product of 1."""
    return lambda corners: np.prod(corners[:, :bits], axis=1) > 0


def threshold(level: int = 0) -> Rule:
    """Whether the coordinates add up to more than a level."""
    return lambda corners: corners.sum(axis=1) > level


def cube(dimension: int, rule: Rule, noise: Fraction = Fraction(0), name: str = "cube") -> FinitePool:
    """The uniform law on the corners, each label flipped with probability ``noise``: labels -1 and +1.

    With noise a/b in lowest terms each corner is listed b times, a of them with the wrong label, so that the pool is the law itself.

    Raises:
        ValueError: a dimension outside 1, ..., 16, a noise outside [0, 1/2], more than 2^20 points.

    >>> pool = cube(3, parity(3), Fraction(1, 4))
    >>> pool.size, pool.bayes_risk, pool.risk(np.ones(pool.size, dtype=int))
    (32, Fraction(1, 4), Fraction(1, 2))
    """
    if not 1 <= dimension <= LARGEST_DIMENSION:
        raise ValueError(f"dimension must be 1, ..., {LARGEST_DIMENSION}, got {dimension}: all corners are listed")
    if not 0 <= noise <= Fraction(1, 2):
        raise ValueError(f"noise must lie in [0, 1/2], got {noise}: flip the rule instead")
    copies = noise.denominator
    if copies << dimension > 1 << 20:
        raise ValueError(f"noise must have a small denominator, got {noise}: {copies << dimension} points would be listed")
    corners = 1.0 - 2.0 * ((np.arange(1 << dimension)[:, None] >> np.arange(dimension)) & 1)
    labels = np.where(rule(corners), 1, -1)
    signs = np.repeat([-1, 1], [noise.numerator, copies - noise.numerator])
    inputs, flipped = np.tile(corners, (copies, 1)), np.concatenate([sign * labels for sign in signs])
    return FinitePool(name, inputs, flipped, "corners of the cube, as they are")
