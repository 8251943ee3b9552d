r"""The two binomial-tail inverses (Clopper-Pearson limits) in floats; binomial_balls.py has the enclosures.

scipy's incomplete-beta inverse gives a start that is often below the exact value, and far off in the corners (k = 10, n = 1e12, delta = 1e-300).
Two Newton steps on an accurate log tail polish it: ln P(Bin(n,p) ≤ k) = ln t_k + ln S, with the binomial term t_k in Loader's form
(no large numbers subtracted) and S as the continued fraction of Didonato and Morris (1992, algorithm 708, `bfrac`). The result is padded, and
accepted only where the log tail on its far side says so; elsewhere it is the end of the ball.
"""

import numpy as np
from flint import arb, ctx
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainccinv, betaincinv, gammaln

from genbounds.bounds.special.binomial_balls import binomial_tail_inverse_ball, binomial_tail_inverse_lower_ball
from genbounds.bounds.special.kl import relative_entropy_half
from genbounds.bounds.special.rounding import arb_to_float_down, arb_to_float_up

Array = NDArray[np.float64]

#: Relative amount by which both limits are moved outward.
PAD = 1e-10

_FRACTION_STEPS = 400
_BITS = 128


def binomial_tail_inverse(k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Array | float:
    """Compute max{p : P(Bin(n, p) ≤ k) ≥ delta}, rounded up: never below the exact value.

    It is 1 for k = n, and 1 − delta^(1/n) for k = 0. The result is moved up by 1e-10 of itself (`PAD`), to at most 1.

    Args:
        k: whole numbers in [0, n].
        n: whole numbers, at least 1.
        delta: probabilities in (0, 1]. The three broadcast; anything outside gives ``nan``.

    >>> binomial_tail_inverse(5, 100, 0.05)
    0.10225337765...
    """
    return _broadcast(_upper, k, n, delta)


def binomial_tail_inverse_lower(k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Array | float:
    """Compute min{p : P(Bin(n, p) ≥ k) ≥ delta}, rounded down: never above the exact value.

    It is 0 for k = 0, and delta^(1/n) for k = n. The result is moved down by 1e-10 of itself (`PAD`), however small it is.

    Args:
        k: whole numbers in [0, n].
        n: whole numbers, at least 1.
        delta: probabilities in (0, 1]. The three broadcast; anything outside gives ``nan``.

    >>> binomial_tail_inverse_lower(1, 100, 0.05)
    0.00051280137...
    """
    return _broadcast(_lower, k, n, delta)


def _broadcast(limit, k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Array | float:  # type: ignore[no-untyped-def]
    ks, ns, deltas = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (k, n, delta)))
    with np.errstate(all="ignore"):
        sound = (ks >= 0) & (ks <= ns) & (ns >= 1) & (ks == np.floor(ks)) & (ns == np.floor(ns)) & np.isfinite(ns)
        sound &= (deltas > 0) & (deltas <= 1)
        result = np.full(ks.shape, np.nan)
        result[sound] = limit(ks[sound], ns[sound], deltas[sound])
    return float(result) if result.ndim == 0 else result


def _upper(k: Array, n: Array, delta: Array) -> Array:
    """Compute the upper limit on flat arrays of sound inputs."""
    p = np.where(k == n, 1.0, np.where(delta == 1, 0.0, -np.expm1(np.log(delta) / n) * (1 + PAD)))
    inner = (k > 0) & (k < n) & (delta < 1)
    if inner.any():
        k, n, delta = k[inner], n[inner], delta[inner]
        root, small_p = _solve(k, n, delta)
        raised = np.minimum(np.where(small_p, root * (1 + PAD), 1 - root * (1 - PAD) + PAD), 1.0)
        sure = (raised == 1) | (_excess(k, n, delta, raised, np.ones_like(small_p)) < 0)
        for i in np.flatnonzero(~sure):
            with ctx.workprec(_BITS):
                ball = binomial_tail_inverse_ball(int(k[i]), int(n[i]), arb(float(delta[i])))
                raised[i] = min(arb_to_float_up(ball), 1.0)
        p[inner] = raised
    return p
