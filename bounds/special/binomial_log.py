"""The binomial tail inverse at a probability given by its logarithm: priors of long codes are far below the smallest double."""

from __future__ import annotations

import numpy as np
from flint import arb
from numpy.typing import ArrayLike, NDArray

from genbounds.bounds.special.binomial import PAD, binomial_tail_inverse
from genbounds.bounds.special.binomial_balls import binomial_tail_inverse_ball
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up, at_most_one

Array = NDArray[np.float64]

_LARGEST = 600.0  # e^-600 is a normal double; the exponential's relative error, 1e-13, is far below the pad
_SURE = 1000
_BITS = 128


def binomial_tail_inverse_log_ball(k: int, n: int, cost: arb) -> arb:
    """Enclose max{p : P(Bin(n, p) ≤ k) ≥ exp(−cost)}, for 0 ≤ k ≤ n and cost ≥ 0.

    >>> binomial_tail_inverse_log_ball(5, 100, arb(20).log()).overlaps(arb("0.102253377643275 +/- 1e-15"))
    True
    """
    if cost > _SURE * n:  # 1 - exp(-cost/n), the value at k = 0, is already within e^-1000 of 1
        return at_most_one((-(-cost / n).expm1()).union(arb(1)))
    return binomial_tail_inverse_ball(k, n, (-cost).exp())


def binomial_tail_inverse_log(k: ArrayLike, n: ArrayLike, cost: ArrayLike) -> Array | float:
    """Compute max{p : P(Bin(n, p) ≤ k) ≥ exp(−cost)}, rounded up: never below the exact value.

    Args:
        k: whole numbers in [0, n].
        n: whole numbers, at least 1.
        cost: finite numbers, at least 0. The three broadcast, and anything outside gives ``nan``.

    >>> binomial_tail_inverse_log(5, 100, 2.995732273553991)
    0.10225337765...
    """
    ks, ns, costs = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (k, n, cost)))
    result = np.asarray(binomial_tail_inverse(ks, ns, np.exp(-np.clip(costs, 0, _LARGEST)))).copy()
    result = np.where(np.isfinite(costs) & (costs >= 0), result, np.nan)
    for index in np.argwhere((costs > _LARGEST) & np.isfinite(result)):
        at = tuple(index)
        with precision(_BITS):
            ball = binomial_tail_inverse_log_ball(int(ks[at]), int(ns[at]), arb(float(costs[at])))
        result[at] = min(arb_to_float_up(ball) * (1 + PAD), 1.0)
    return float(result) if result.ndim == 0 else result
