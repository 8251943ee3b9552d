"""Odd against even digits, with a share of the labels drawn anew."""

from __future__ import annotations

from functools import cache

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import generator
from genbounds.verification.populations.registry import population


@cache
def parity(name: str, redrawn: float = 0.0) -> FinitePool:
    """A pool of digits with labels +1 for odd and -1 for even ones, a share of them drawn anew by a fair coin, once and for all.

    A population with a larger share has all the redrawn labels of one with a smaller share.

    Raises:
        ValueError: a share outside [0, 1].

    >>> clean, noisy = parity("digits"), parity("digits", 0.2)
    >>> clean.classes, round(float((clean.labels != noisy.labels).mean()), 2)
    ((-1, 1), 0.1)
    """
    if not 0 <= redrawn <= 1:
        raise ValueError(f"redrawn must be a share of the labels in [0, 1], got {redrawn}: 0.2 draws a fifth of them anew")
    pool = population(name)
    draws = generator("capacity", "redrawn labels", name)
    chosen, coins = draws.random(pool.size) < redrawn, 2 * draws.integers(2, size=pool.size) - 1
    labels = np.where(chosen, coins, np.where(pool.labels % 2 == 1, 1, -1))
    return FinitePool(f"{name}, odd against even, {redrawn:g} redrawn", pool.inputs, labels, pool.scaling)
