r"""The two binomial-tail inverses (Clopper-Pearson limits) in floats; binomial_balls.py has the enclosures.

scipy's incomplete-beta inverse gives a start that is often below the exact value, and far off in the corners (k = 10, n
= 1e12, delta = 1e-300). A few Newton steps on an accurate log tail polish it: ln P(Bin(n,p) ≤ k) = ln t_k + ln S, with
the binomial term t_k in Loader's form (no large numbers subtracted) and S as the continued fraction of Didonato and
Morris (1992, algorithm 708, ``bfrac``). The result is padded, and accepted only where the log tail on its far side says
so; elsewhere it is the end of the ball.
"""

import numpy as np
from flint import arb
from numpy.typing import ArrayLike, NDArray

from genbounds.bounds.special.binomial_balls import binomial_tail_inverse_ball, binomial_tail_inverse_lower_ball
from genbounds.bounds.special.kl import relative_entropy_half
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_down, arb_to_float_up

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Relative amount by which both limits are moved outward.
PAD = 1e-10

#: The same for k = 0, n − 1 and n, where the limits are elementary.
CLOSED_PAD = 1e-12

_NEWTON_STEPS = 8
_FRACTION_STEPS = 400
# Where the fraction r may stop: y |d ln tail / d y| is 1/(q r) or 1/(p r), so that an error of 1e-13 in r is one of at
# most 1e-13 in ln y, a thousandth of the pad.
_SETTLED = 1e-13
_BITS = 128
_CHUNK = 8192


def binomial_tail_inverse(k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Array | float:
    """Compute max{p : P(Bin(n, p) ≤ k) ≥ delta}, rounded up: never below the exact value.

    It is 1 for k = n, and 1 − delta^(1/n) for k = 0. The result is moved up by 1e-10 of itself (``PAD``; by 1e-12 for k = 0 and
    k = n − 1), to at most 1.

    Args:
        k: whole numbers in [0, n].
        n: whole numbers, at least 1.
        delta: probabilities in (0, 1]. The three broadcast, and anything outside gives ``nan``.

    >>> binomial_tail_inverse(5, 100, 0.05)
    0.10225337765...
    """
    return _broadcast(0, k, n, delta)


def binomial_tail_inverse_lower(k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Array | float:
    """Compute min{p : P(Bin(n, p) ≥ k) ≥ delta}, rounded down: never above the exact value.

    It is 0 for k = 0, and delta^(1/n) for k = n. The result is moved down by 1e-10 of itself (``PAD``; by 1e-12 for k = 1 and
    k = n).

    Args:
        k: whole numbers in [0, n].
        n: whole numbers, at least 1.
        delta: probabilities in (0, 1]. The three broadcast, and anything outside gives ``nan``.

    >>> binomial_tail_inverse_lower(1, 100, 0.05)
    0.00051280141626...
    """
    return _broadcast(1, np.subtract(n, k), n, delta)


def _broadcast(side: int, k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Array | float:
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (k, n, delta)))
    ks, ns, deltas = (x.ravel() for x in arrays)
    with np.errstate(all="ignore"):
        sound = (ks >= 0) & (ks <= ns) & (ns >= 1) & (ks == np.floor(ks)) & (ns == np.floor(ns)) & np.isfinite(ns)
        sound &= (deltas > 0) & (deltas <= 1)
        result = np.full(ks.shape, np.nan)
        where = np.flatnonzero(sound)
        for start in range(0, where.size, _CHUNK):
            part = where[start : start + _CHUNK]
            result[part] = _limits(ks[part], ns[part], deltas[part])[side]
    return float(result[0]) if arrays[0].ndim == 0 else result.reshape(arrays[0].shape)


def _limits(k: Array, n: Array, delta: Array) -> tuple[Array, Array]:
    """Round up the p, and down the 1 − p, where P(Bin(n,p) ≤ k) = delta; flat arrays of sound inputs."""
    rate = np.where(k == 0, np.log(delta), np.log1p(-delta)) / n
    small, large = -np.expm1(rate), np.exp(rate)
    p = np.where(k == 0, small, large) * (1 + CLOSED_PAD)
    q = np.where(k == 0, large, small) * (1 - CLOSED_PAD)
    p = np.where(k == n, 1.0, np.where(delta == 1, 0.0, np.minimum(p, 1.0)))
    q = np.where(k == n, 0.0, np.where(delta == 1, 1.0, q))
    inner = (k > 0) & (k < n - 1) & (delta < 1)
    if inner.any():
        p[inner], q[inner] = _inner(k[inner], n[inner], delta[inner])
    return p, q


def _inner(k: Array, n: Array, delta: Array) -> tuple[Array, Array]:
    """Do the same where there is no closed form: 0 < k < n − 1 and delta < 1."""
    from scipy.special import betainccinv, betaincinv

    low = delta <= 0.5  # else P(Bin(n,p) ≥ k + 1) = 1 − delta is solved
    target = np.where(low, delta, 1.0 - delta)
    first, second = k + 1.0, n - k
    p = np.where(low, betainccinv(first, second, target), betaincinv(first, second, target))
    q = np.where(low, betaincinv(second, first, target), betainccinv(second, first, target))
    small_p = p <= 0.5
    y = np.where(small_p, p, q)
    falls = low == small_p  # the tail falls as y grows
    for _ in range(_NEWTON_STEPS):
        excess, slope = _excess(k, n, np.log(target), y, small_p, low)
        step = excess / slope
        y = np.where(falls, y + step, y * np.exp(-step / y))
        if not (np.abs(step) > 1e-12 * y).any():
            break
    y = np.where(small_p, y * (1 + PAD), y * (1 - PAD))
    excess, slope = _excess(k, n, np.log(target), y, small_p, low)
    moved = np.where(low, -excess, excess) / (slope * y)
    sure = (moved > 0.5 * PAD) & (moved < 2 * PAD)
    p = np.where(small_p, y, np.minimum(np.nextafter(1 - y, 2.0), 1.0))
    q = np.where(small_p, np.nextafter(1 - y, 0.0), y)
    for i in np.flatnonzero(~sure):
        p[i], q[i] = _by_balls(int(k[i]), int(n[i]), float(delta[i]))
    return np.minimum(p, 1.0), q


def tail_excess(k: Array, n: Array, y: Array, small_p: Mask) -> tuple[Array, Array]:
    """Compute ln P(Bin(n,p) ≤ k) and |d/dy| of it at p = y (``small_p``), or at 1 − p = y; nan where unsettled; 0 < k < n."""
    return _excess(k, n, np.zeros_like(y), y, small_p, np.ones_like(small_p))


def _by_balls(k: int, n: int, delta: float) -> tuple[float, float]:
    """Take the ends of the balls."""
    with precision(_BITS):
        high = arb_to_float_up(binomial_tail_inverse_ball(k, n, arb(delta)))
        low = arb_to_float_down(binomial_tail_inverse_lower_ball(n - k, n, arb(delta)))
    return high * (1 + PAD), low * (1 - PAD)


def _excess(k: Array, n: Array, log_target: Array, y: Array, small_p: Mask, low: Mask) -> tuple[Array, Array]:
    """Compute ln(tail/target) and |d ln tail / d y| at p = y, or at 1 − p = y; nan where unsettled."""
    p, q = np.where(small_p, y, 1.0 - y), np.where(small_p, 1.0 - y, y)
    # Both counts from k itself: beyond 2^53, n − (n − k − 1) is not k + 1.
    k, rest, p, q = np.where(low, k, n - k - 1), np.where(low, n - k, k + 1), np.where(low, p, q), np.where(low, q, p)
    small = small_p == low  # now the tail is P(Bin(n,p) ≤ k) everywhere, and y is p here, q elsewhere
    share = np.where(small, p - k / n, rest / n - q)
    deviance = n * (relative_entropy_half(k / n, p, share) + relative_entropy_half(rest / n, q, -share))
    stirling = stirling_error(n) - stirling_error(k) - stirling_error(rest)
    log_sum = np.log(p * rest * tail_fraction(rest, k + 1.0, q, p))
    log_term = stirling - deviance + 0.5 * np.log(n / (2 * np.pi * k * rest))
    return log_term + log_sum - log_target, rest / q * np.exp(-log_sum)


def stirling_error(x: Array) -> Array:
    """Compute ln x! − (x + 1/2) ln x + x − ln(2π)/2."""
    from scipy.special import gammaln

    z = 1 / (x * x)
    series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z / 1188)))) / x
    return np.where(x > 15, series, gammaln(x + 1) - (x + 0.5) * np.log(x) + x - 0.5 * np.log(2 * np.pi))


def tail_fraction(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Compute I_x(a, b) B(a, b) / (x^a y^b), y = 1 − x, by the continued fraction of Didonato and Morris (1992)."""
    c0, c1 = b / a, 1.0 + 1.0 / a
    c = 1.0 + a - (a + b) * x
    c = np.where(x > 0.5, 1.0 + (a + b) * y - b, c)
    yp1 = 1.0 + y
    an, bn, anp1, bnp1 = np.zeros_like(a), np.ones_like(a), np.ones_like(a), c / c1
    p, s = np.ones_like(a), a + 1.0
    r = c1 / c
    for i in range(1, _FRACTION_STEPS + 1):
        t = i / a
        w = i * (b - i) * x
        e = a / s
        alpha = p * (p + c0) * e * e * (w * x)
        e = (1.0 + t) / (c1 + t + t)
        beta = i + w / s + e * (c + i * yp1)
        p = 1.0 + t
        s = s + 2.0
        an, anp1 = anp1, alpha * an + beta * anp1
        bn, bnp1 = bnp1, alpha * bn + beta * bnp1
        old, r = r, anp1 / bnp1
        an, bn, anp1, bnp1 = an / bnp1, bn / bnp1, r, np.ones_like(r)
        moving = ~(np.abs(r - old) <= 1e-15 * r + _SETTLED)  # successive convergents lie on either side of the value
        if not moving.any():
            break
    return np.where(moving, np.nan, r)
