r"""The logarithm of the Sauer sum Σ_{i≤d} C(n, i), in floats; binomial_balls.py has the enclosure.

It is ln C(n, d) + ln S, with ln C(n, d) in Stirling's form with its error terms, so that no large numbers are
subtracted, and S as in binomial.py; above the middle it is n ln 2 plus the logarithm of what is missing to the whole.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genbounds.bounds.special.binomial import stirling_error, tail_fraction

Array = NDArray[np.float64]

#: Relative amount by which the logarithm is moved up.
PAD = 1e-13


def log_binomial_sum(n: ArrayLike, d: ArrayLike) -> Array | float:
    """Compute ln Σ_{i≤d} C(n, i), rounded up: never below the exact value.

    It is 0 for d = 0 and n ln 2 for d ≥ n. Where it is not 0 it is moved up by 1e-13 of itself (``PAD``).

    Args:
        n: whole numbers in [0, 2^53].
        d: whole numbers, at least 0, or infinite. The two broadcast, and anything outside gives ``nan``.

    >>> log_binomial_sum(10000, 10)
    76.9954910226...
    """
    ns, ds = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(d, dtype=np.float64))
    flat_n, flat_d = ns.ravel(), ds.ravel()
    with np.errstate(all="ignore"):
        value = np.where((flat_d == 0) | (flat_n == 0), 0.0, flat_n * np.log(2.0) * (1 + PAD))
        inner = (flat_d > 0) & (flat_d < flat_n) & np.isfinite(flat_n)
        if inner.any():
            value[inner] = _inner(flat_n[inner], flat_d[inner]) * (1 + PAD)
        sound = (flat_n >= 0) & (flat_d >= 0) & (flat_n == np.floor(flat_n)) & (flat_d == np.floor(flat_d)) & (flat_n <= 2.0**53)
        value = np.where(sound, value, np.nan).reshape(ns.shape)
    return float(value) if value.ndim == 0 else value


def _inner(n: Array, d: Array) -> Array:
    whole = n * np.log(2.0)
    k = np.minimum(d, n - d - 1)  # the smaller side of the middle
    part = np.where(k == 0, 0.0, _smaller_side(n, np.maximum(k, 1.0), whole))
    return np.where(k == d, part, whole + np.log1p(-np.exp(part - whole)))


def _smaller_side(n: Array, k: Array, whole: Array) -> Array:
    """Compute it for 1 ≤ k ≤ (n − 1)/2."""
    from scipy.special import betainc

    rest = n - k
    entropy = -k * np.log(k / n) - rest * np.log1p(-k / n)
    stirling = stirling_error(n) - stirling_error(k) - stirling_error(rest)
    half = np.full_like(n, 0.5)
    fraction = tail_fraction(rest, k + 1.0, half, half)
    value = entropy + stirling + 0.5 * np.log(n / (2 * np.pi * k * rest)) + np.log(0.5 * rest * fraction)
    # Close to the middle of a large n the fraction does not converge, and the tail is not a small number.
    return np.where(np.isnan(value), whole + np.log(betainc(rest, k + 1.0, 0.5)), value)
