r"""The ε at which a compression set of size k is refuted at level δ: Campi and Garatti's Ψ_{k,δ}(ε) = 1, in floats and as an enclosure.

Ψ(ε) = δ P(Bin(n, ε) ≥ k + 1) / (n ε t_k), with the binomial term t_k = C(n, k) ε^k (1 − ε)^{n−k}, rises with ε, so that a
root is enclosed by two points where the sign of ln Ψ is proved. All is computed from s = ln(ε / (1 − ε)), which keeps
both ε and 1 − ε with full relative accuracy, and d ln Ψ / ds = (n − k) ε t_k / P(Bin ≥ k + 1) + (n − k) ε − (k + 1)(1 − ε).
"""

from __future__ import annotations

import numpy as np
from flint import arb, ctx
from numpy.typing import ArrayLike, NDArray

from genbounds.bounds.special.binomial import PAD, tail_excess
from genbounds.bounds.special.binomial_tail import log_choose, tail_sum
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up, at_most_one

Array = NDArray[np.float64]

_STEPS = 60
_BITS = 128
_SETTLED = 1e-10  # of a Newton step in s, so that the next one would be far below the pad


def change_of_compression_inverse_ball(k: int, n: int, delta: arb) -> arb:
    """Enclose the root ε of Ψ_{k,δ}(ε) = 1 over the ball ``delta``, for 0 ≤ k ≤ n (1 for k = n; nan where delta leaves (0, 1)).

    >>> change_of_compression_inverse_ball(1, 100, arb(1) / 100).overlaps(arb("0.0860873645643 +/- 1e-13"))
    True
    """
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"a count must lie in [0, n] with n at least 1, got {k} and n={n}: count on the same examples")
    if not (delta > 0 and delta < 1):
        return arb.nan()
    if k == n:
        return arb(1)
    if delta.is_exact() or min(delta.rel_accuracy_bits(), (1 - delta).rel_accuracy_bits()) > 40:
        return at_most_one(+_solve(k, n, delta))
    return at_most_one((+_solve(k, n, delta.upper())).union(+_solve(k, n, delta.lower())))


def _solve(k: int, n: int, delta: arb) -> arb:
    bits = max(64, min(ctx.prec - 16, 120))
    lost = max(0, -int(float((1 - delta).log().mid()) / np.log(2)))  # P(Bin ≥ 1) is about 2 (1 − δ) where δ is almost 1
    with precision(bits + 2 * n.bit_length() + 40 + lost):
        if k == n - 1:
            return 1 - delta / (arb(n) * n)
        try:
            s = _newton(k, n, delta, arb(_guess(k, n, float(delta))))
            for goal in (bits - 24, bits // 2, bits // 4, 8):
                width = arb(2) ** -goal
                if _log_psi(k, n, delta, s - width)[0] < 0 < _log_psi(k, n, delta, s + width)[0]:
                    return _expit(s - width).union(_expit(s + width))
        except ArithmeticError:  # in corners far beyond n = 2^53
            pass
        return (arb(k) / n).union(arb(1))


def _newton(k: int, n: int, delta: arb, s: arb) -> arb:
    """Go to the root in points; any result will do, for its sign is proved on both sides."""
    low, high = arb(-(10**6)), arb(10**6)
    for _ in range(_STEPS):
        value, slope = _log_psi(k, n, delta, s)
        low, high = (s, high) if value < 0 else (low, s)
        step = (-value / slope).mid()
        moved = (s + step).mid()
        moved = moved if moved >= low and moved <= high else ((low + high) / 2).mid()
        if abs(moved - s) < arb(2) ** -(ctx.prec // 2 + 8):  # the next step would double that
            value, slope = _log_psi(k, n, delta, moved)
            return (moved - value / slope).mid()
        s = moved
    return s


def _log_psi(k: int, n: int, delta: arb, s: arb) -> tuple[arb, arb]:
    """Enclose ln Ψ and its derivative at the point s."""
    p, q = _expit(s), _expit(-s)
    log_p, log_q = -((-s).exp().log1p()), -(s.exp().log1p())
    log_term = log_choose(n, k) + k * log_p + (n - k) * log_q
    if k == 0:
        above = -(n * log_q).expm1()
    elif p * n > k:
        above = 1 - log_term.exp() * tail_sum(k, n, p, q, ctx.prec)
    else:
        above = log_term.exp() * (n - k) * p / ((k + 1) * q) * tail_sum(n - k - 1, n, q, p, ctx.prec)
    value = delta.log() + above.log() - arb(n).log() - log_p - log_term
    return value, (n - k) * p * log_term.exp() / above + (n - k) * p - (k + 1) * q


def _expit(s: arb) -> arb:
    return 1 / (1 + (-s).exp())


def _guess(k: int, n: int, delta: float) -> float:
    """Guess s in floats; any guess will do."""
    found = float(_roots(np.array([float(k)]), np.array([float(n)]), np.array([max(delta, 1e-300)]))[0])
    return found if np.isfinite(found) else float(np.log((k + 1) / max(n - k, 1)))


def change_of_compression_inverse(k: ArrayLike, n: ArrayLike, delta: ArrayLike) -> Array | float:
    """Compute the root ε of Campi and Garatti's Ψ_{k,δ}(ε) = 1, rounded up: never below the exact value.

    Ψ_{k,δ}(ε) = (δ/n) Σ_{k≤m<n} C(m, k)/C(n, k) (1 − ε)^{m−n}; see ``holdout.campi2023compression``. The root is 1 for
    k = n. The result is moved up by 1e-10 of itself (``PAD``), to at most 1.

    Args:
        k: whole numbers in [0, n].
        n: whole numbers, at least 1.
        delta: probabilities in (0, 1). The three broadcast, and anything outside gives ``nan``.

    >>> change_of_compression_inverse(1, 100, 0.01)
    0.08608736457...
    """
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (k, n, delta)))
    ks, ns, deltas = (x.ravel() for x in arrays)
    with np.errstate(all="ignore"):
        sound = (ks >= 0) & (ks <= ns) & (ns >= 1) & (ks == np.floor(ks)) & (ns == np.floor(ns)) & np.isfinite(ns)
        sound &= (deltas > 0) & (deltas < 1)
        result = np.where(sound, 1.0, np.nan)
        where = np.flatnonzero(sound & (ks < ns))
        result[where] = _limits(ks[where], ns[where], deltas[where])
    return float(result[0]) if arrays[0].ndim == 0 else result.reshape(arrays[0].shape)


def _limits(k: Array, n: Array, delta: Array) -> Array:
    """Round up the roots; flat arrays of sound inputs with k < n."""
    s = _roots(k, n, delta)
    p = 1 / (1 + np.exp(-s)) * (1 + PAD)
    # Where 1 − p is below the pad, the pad has already gone past 1.
    inside = p < 1
    moved = np.where(inside, np.log(p) - np.log1p(-np.where(inside, p, 0.5)) - s, np.inf)
    value, slope = _float_log_psi(k, n, delta, s + np.where(inside, moved, 0.0))
    sure = ~inside | ((value > 0.5 * moved * slope) & (value < 2 * moved * slope))
    near, _ = _float_log_psi(k, n, delta, s)
    sure &= inside | (np.abs(near) < 1e-3)
    p = np.minimum(p, 1.0)
    for i in np.flatnonzero(~sure):
        with precision(_BITS):
            p[i] = min(arb_to_float_up(change_of_compression_inverse_ball(int(k[i]), int(n[i]), arb(float(delta[i])))) * (1 + PAD), 1.0)
    return p


def _roots(k: Array, n: Array, delta: Array) -> Array:
    """Solve ln Ψ = 0 for s by Newton steps inside a bracket."""
    with np.errstate(all="ignore"):
        s: Array
        low, high = np.full(k.shape, -800.0), np.full(k.shape, 800.0)
        nats = np.log(n) - np.log(delta)
        p = (k + 1 + np.sqrt(2 * (k + 1) * nats) + nats) / n
        # Near 1 the equation is delta = n C(n, k) (1 - p)^(n - k), but for factors near 1; ln C(n, k) is at most n times the entropy.
        entropy = -np.where(k > 0, k * np.log(np.maximum(k, 1) / n), 0.0) - (n - k) * np.log1p(-k / n)
        s = np.where(p < 0.9, np.log(p) - np.log1p(-np.minimum(p, 0.9)), (nats + entropy) / (n - k))
        for _ in range(_STEPS):
            value, slope = _float_log_psi(k, n, delta, s)
            low, high = np.where(value < 0, s, low), np.where(value > 0, s, high)
            moved = s - np.clip(value / slope, -3.0, 3.0)
            moved = np.where((moved >= low) & (moved <= high), moved, (low + high) / 2)
            moving = ~(np.abs(moved - s) <= _SETTLED)
            s = moved
            if not moving.any():
                break
    return s


def _float_log_psi(k: Array, n: Array, delta: Array, s: Array) -> tuple[Array, Array]:
    """Compute ln Ψ and its derivative in s; nan where unsettled."""
    p, q = 1 / (1 + np.exp(-s)), 1 / (1 + np.exp(s))
    log_p, log_q = -np.logaddexp(0, -s), -np.logaddexp(0, s)
    inner = np.clip(k, 1, None)
    many = n > 2
    tail, slope = tail_excess(inner, np.where(many, n, 3.0), np.where(s <= 0, p, q), s <= 0)
    log_term = tail - np.log((n - k) / (q * slope))
    log_term = np.where(k == 0, n * log_q, np.where(k == n - 1, np.log(n) + k * log_p + log_q, log_term))
    below = np.where(k == 0, n * log_q, tail)
    above = np.where(k == n - 1, np.exp(n * log_p), -np.expm1(below))
    value = np.log(delta) + np.log(above) - np.log(n) - log_p - log_term
    return value, (n - k) * p * np.exp(log_term) / above + (n - k) * p - (k + 1) * q
