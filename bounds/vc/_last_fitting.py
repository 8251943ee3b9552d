"""The last whole number that satisfies a condition, by bisection in floats: where the proofs of the implicit dimensions start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from genbounds.bounds.membership import whole_from
from genbounds.bounds.worlds.protocol import Number, World


def start_membership(math: World, *, last: Number, **_: Any) -> dict[str, Any]:
    """Any whole number may be the start: ``math.last_crossing`` proves what it makes of it."""
    return {"last": whole_from(math, last, 0)}


def last_fitting(fits: Callable[[Any], Any], low: Any, high: Any) -> np.ndarray:
    """The last whole number in [low, high] with ``fits``, which holds at ``low`` and stops once, elementwise.

    Ends where no double lies between the two: beyond 2^53 that is before they are neighbours.

    >>> last_fitting(lambda m: m**2 <= 30, 1.0, 100.0), last_fitting(lambda m: m <= 1e30 / 3, 1.0, 1e30)
    (array(5.), array(3.33333333e+29))
    """
    low, high = np.broadcast_arrays(low, high)
    while True:
        middle = np.floor(low + (high - low) / 2)
        inside = (middle > low) & (middle < high)
        if not np.any(inside):
            return np.asarray(low)
        fitting = fits(middle)
        low, high = np.where(inside & fitting, middle, low), np.where(inside & ~fitting, middle, high)
