r"""The confidence sequence of a coin by a mixture of binomials: the p at which M(p) = 1/δ, in floats and in balls.

After k errors among n, M(p) = ∫_0^1 u^k ((1 − pu)/(1 − p))^{n−k} du is the mean likelihood of the risks pu below p, with u uniform, divided
by the likelihood of p. In
terms of the odds o = p/(1 − p) it is ∫ u^k (1 + o (1 − u))^{n−k} du, so ln M is increasing and convex in x = ln o: Newton's steps end
above the root, from wherever they start. With N = n + 1, K = k + 1 and t_j = P(Bin(N, p) = j) the substitution v = pu gives the closed
form M = P(Bin(N, p) ≥ K)/(K t_K), and d ln M/dx = (1 − p)/M − K + N p.
"""

import numpy as np
from flint import arb, ctx
from numpy.typing import ArrayLike, NDArray

from genbounds.bounds.special.binomial import stirling_error
from genbounds.bounds.special.binomial_tail import log_choose, tail_sum
from genbounds.bounds.special.kl import relative_entropy_half
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up, at_most_one

Array = NDArray[np.float64]

#: Relative amount by which the float inverse is moved up.
PAD = 1e-10
_STEPS = 40
_FARTHEST = 690.0  # ln of the odds; beyond it 1 − p is below 1e-299
_SETTLED = 1e-7
_BITS = 128


def mixture_inverse(k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Array | float:
    """Compute the p with M(p) = 1/delta, rounded up: never below the exact value; 1 for k = n.

    After k errors among n examples, M(p) = ∫_0^1 u^k ((1 − pu)/(1 − p))^{n−k} du is the mixture of likelihood ratios that
    ``holdout.confidence_sequence`` inverts. The result is moved up by 1e-10 of itself (``PAD``), to at most 1.

    Args:
        k: whole numbers in [0, n].
        n: whole numbers, at least 1.
        delta: probabilities in (0, 1). The three broadcast, and anything outside gives ``nan``.

    >>> mixture_inverse(0, 100, 0.05)  # for a fixed n it would be 1 - 0.05^(1/100) = 0.0295
    0.04397868033...
    """
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (k, n, delta)))
    ks, ns, deltas = (x.ravel() for x in arrays)
    result = np.full(ks.shape, np.nan)
    with np.errstate(all="ignore"):
        sound = (ks >= 0) & (ks <= ns) & (ns >= 1) & (ks == np.floor(ks)) & (ns == np.floor(ns)) & (deltas > 0) & (deltas < 1)
        result[sound & (ks == ns)] = 1.0
        inside = np.flatnonzero(sound & (ks < ns))
        result[inside] = _padded(ks[inside], ns[inside], deltas[inside])
    return float(result[0]) if arrays[0].ndim == 0 else result.reshape(arrays[0].shape)


def mixture_inverse_ball(k: int, n: int, delta: arb) -> arb:
    """Enclose the p with M(p) = 1/delta (see ``mixture_inverse``) over the ball ``delta``, for 0 ≤ k ≤ n (nan where delta leaves (0, 1)).

    >>> mixture_inverse_ball(1, 1, arb(0.5)), mixture_inverse_ball(0, 1, arb(0.5)).overlaps(arb(2) / 3)  # 1 + o/2 = 2
    (1.00000000000000, True)
    """
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"a count must lie in [0, n] with n at least 1, got {k} and n={n}: count on the same examples")
    if not (delta > 0 and delta < 1):
        return arb.nan()
    if k == n:
        return arb(1)
    if delta.is_exact() or min(delta.rel_accuracy_bits(), (1 - delta).rel_accuracy_bits()) > 60:
        return at_most_one(_enclosed(k, n, -delta.log()))
    return at_most_one(_enclosed(k, n, -delta.upper().log()).union(_enclosed(k, n, -delta.lower().log())))


def _enclosed(k: int, n: int, cost: arb) -> arb:
    """Enclose the p with ln M(p) = cost; k < n."""
    with precision(max(_BITS, ctx.prec) + 4 * n.bit_length() + 120):
        x = arb(float(_newton(np.array([k * 1.0]), np.array([n * 1.0]), np.array([float(cost)]))[0]))
        for _ in range(_STEPS):
            log, slope = _log_mixture_ball(k, n, x)
            step = ((log - cost) / slope).mid()
            x = (x - step).mid()
            if abs(step) < arb(2) ** -80:
                break
        width = arb(2) ** -70
        for _ in range(12):
            low, high = x - width, x + width
            if _log_mixture_ball(k, n, low)[0] < cost and _log_mixture_ball(k, n, high)[0] > cost:
                return (1 / (1 + (-low).exp())).union(1 / (1 + (-high).exp()))
            width *= 16
    raise ValueError(
        f"errors and n must be counts at which the mixture of binomials can be inverted, got {k} and {n}: count fewer examples"
    )


def _log_mixture_ball(k: int, n: int, x: arb) -> tuple[arb, arb]:
    """Enclose ln M and its slope at the log-odds x, by the binomial tail that is at most about a half."""
    trials, least = n + 1, k + 1
    p, q = 1 / (1 + (-x).exp()), 1 / (1 + x.exp())
    if trials * p < least:
        ratio = tail_sum(trials - least, trials, q, p, ctx.prec - 16) / least
    else:
        term = (log_choose(trials, least) - least * (-x).exp().log1p() - (trials - least) * x.exp().log1p()).exp()
        ratio = 1 / (least * term) - q / ((trials - k) * p) * tail_sum(k, trials, p, q, ctx.prec - 16)
    return ratio.log(), q / ratio - least + trials * p


def _padded(k: Array, n: Array, delta: Array) -> Array:
    """The root in floats, padded; where floats do not see that it is above the exact one, the end of the ball."""
    cost = -np.log(delta)
    x = _newton(k, n, cost)
    p = 1 / (1 + np.exp(-x)) * (1 + PAD)
    # At p (1 + pad) the log-odds are larger by pad/(1 - p), or p rounds to 1.
    log, slope = _log_mixture(k, n, x)
    moved = PAD * slope * (1 + np.exp(np.minimum(x, _FARTHEST)))
    noise = 1e-12 * (1 + cost) + 1e-14 * np.sqrt(n)  # of a logarithm of M, more than was ever seen
    sure = (np.abs(log - cost) < noise) & (moved > 4 * noise)
    for index in np.flatnonzero(~(sure | (p >= 1))):
        with precision(_BITS):
            p[index] = arb_to_float_up(mixture_inverse_ball(int(k[index]), int(n[index]), arb(float(delta[index])))) * (1 + PAD)
    return np.minimum(p, 1.0)


def _newton(k: Array, n: Array, cost: Array) -> Array:
    """Newton's steps for ln M(x) = cost, from the odds of the mean; the last ones come from above."""
    x = np.log((k + 1) / (n - k))
    moving = np.arange(x.size)
    with np.errstate(all="ignore"):
        for _ in range(_STEPS):
            log, slope = _log_mixture(k[moving], n[moving], x[moving])
            step = np.where(np.isfinite(log) & (slope > 0), (log - cost[moving]) / slope, 0.0)
            x[moving] = np.clip(x[moving] - step, -_FARTHEST, _FARTHEST)
            moving = moving[np.abs(step) * np.sqrt(n[moving]) > _SETTLED]  # what is left of ln M is at most n step^2/8
            if not moving.size:
                break
    return x


def _log_mixture(k: Array, n: Array, x: Array) -> tuple[Array, Array]:
    """Compute ln M and its slope at the log-odds x, with the binomial term in Loader's form."""
    from scipy.special import betainc

    trials, least = n + 1, k + 1
    p, q = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))
    rest = trials - least
    share = np.where(p < 0.5, p - least / trials, rest / trials - q)
    deviance = trials * (relative_entropy_half(least / trials, p, share) + relative_entropy_half(rest / trials, q, -share))
    stirling = stirling_error(trials) - stirling_error(least) - stirling_error(rest)
    log_term = stirling - deviance + 0.5 * np.log(trials / (2 * np.pi * least * rest))
    log = np.log(betainc(least, rest + 1, p)) - np.log(least) - log_term
    return log, q * np.exp(-log) - least + trials * p
