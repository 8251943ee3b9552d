r"""The binary relative entropy kl(q‖p), its two inverses, and t − ln(1 + t), in floats (kl_balls.py has the balls).

With d = p − q and b = 1 − q, the exact form kl(q‖p) = q φ(d/q) + b φ(−d/b), φ(t) = t − ln(1 + t), has no cancellation
near p = q.

Both inverses solve one equation. Let m be the mass that shrinks (m = 1 − q for the upper inverse, m = q for the lower
one), o = 1 − m the other, and m e^{−v} what is left of m. Then kl as a function of v ≥ 0 is

    F(v) = m v − o ln(1 + d/o),  d = m (1 − e^{−v}),  F'(v) = d / (o + d),

increasing and convex. So a Newton step never lands below the root, from whichever side it starts: stopping early can
only make the upper inverse larger and the lower inverse smaller. F loses digits to cancellation, but an absolute error
of a few units in the last place of d moves o + d by no more than that, so no more precision is needed in floats.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: Relative amount by which `kl_inverse` is moved up.
UPPER_PAD = 1e-13
#: Relative amount by which `kl_inverse_lower` is moved down: its logarithm can be as large as 745.
LOWER_PAD = 1e-12

_CHUNK = 8192  # doubles: the dozen temporaries of a chunk stay in the second-level cache
_STEPS = 8  # five reach the last bit from the start below, anywhere (q and c over 1e-300 ... 1e3)
_GONE = 800.0  # m e^{-800} is below every double: the shrinking mass is gone


def _give(value: Array, *inputs: ArrayLike) -> Array | float:
    """Return a Python float where every input was a scalar."""
    return float(value) if all(np.ndim(i) == 0 for i in inputs) else value


def x_minus_log1p(x: ArrayLike) -> Array | float:
    """Compute φ(x) = x − ln(1 + x) for x > −1 without cancellation (relative error a few 1e-16).

    With s = x/(2 + x): ln(1 + x) = 2 artanh(s), and x − 2s = s x, so φ = s (x − 2 s² (1/3 + s²/5 + …)).

    >>> x_minus_log1p(1e-9)
    4.99999999666666...e-19
    """
    with np.errstate(all="ignore"):
        return _give(_phi(np.asarray(x, dtype=np.float64)), x)


def _phi(x: Array) -> Array:
    s = x / (2.0 + x)
    z = s * s
    series = np.full_like(z, 1 / 37)
    for odd in range(35, 1, -2):
        series *= z
        series += 1 / odd
    near = s * (x - 2.0 * z * series)
    result: Array = np.where((x > -0.5) & (x < 1.0), near, x - np.log1p(x))
    return result


def kl(q: ArrayLike, p: ArrayLike) -> Array | float:
    """Compute the binary relative entropy kl(q‖p) = q ln(q/p) + (1−q) ln((1−q)/(1−p)), in nats, free of cancellation.

    Args:
        q, p: probabilities in [0, 1]. Arrays broadcast, and anything outside gives ``nan``.

    Returns:
        The entropy, with a relative error of a few 1e-16; infinite where p is 0 or 1 and q differs from p.

    >>> kl(0.1, 0.170383627568828)
    0.0199999999999...
    """
    qs, ps = np.broadcast_arrays(np.asarray(q, dtype=np.float64), np.asarray(p, dtype=np.float64))
    with np.errstate(all="ignore"):
        value = relative_entropy_half(qs, ps, ps - qs) + relative_entropy_half(1.0 - qs, 1.0 - ps, qs - ps)
        value = np.where((qs >= 0) & (qs <= 1) & (ps >= 0) & (ps <= 1), value, np.nan)
        return _give(value, q, p)


def relative_entropy_half(q: Array, p: Array, d: Array) -> Array:
    """Compute q φ(d/q), d = p − q, the half of kl(q‖p) that belongs to q; away from p = q it is d − q ln(p/q)."""
    x = d / q
    ratio = p / q
    spread = np.where((ratio > 1e-300) & (ratio < 1e300), np.log(ratio), np.log(p) - np.log(q))
    value = np.where((x > -0.5) & (x < 1.0), q * _phi(x), d - q * spread)
    result: Array = np.where(q == 0, d, value)
    return result


def kl_inverse(q: ArrayLike, c: ArrayLike) -> Array | float:
    """Compute kl⁻¹(q, c) = sup{p in [q, 1] : kl(q‖p) ≤ c}, rounded up: never below the exact value.

    The root is found by Newton's method from the right on a convex function and checked once on its far side. The result is
    moved up by 1e-13 of itself (``UPPER_PAD``), to at most 1; c = 0 gives q exactly.

    Args:
        q: probability in [0, 1].
        c: level in [0, ∞], in nats. Arrays broadcast, and anything outside gives ``nan``.

    >>> kl_inverse(0.05, np.log(20) / 100)
    0.1215270364429...
    """
    return _blocked(_kl_inverse_block, q, c)


def kl_inverse_lower(q: ArrayLike, c: ArrayLike) -> Array | float:
    """Compute inf{p in [0, q] : kl(q‖p) ≤ c}, rounded down: never above the exact value.

    Its relative accuracy holds however small it is. The result is moved down by 1e-12 of itself (``LOWER_PAD``); c = 0 gives q.

    Args:
        q: probability in [0, 1].
        c: level in [0, ∞], in nats. Arrays broadcast, and anything outside gives ``nan``.

    >>> kl_inverse_lower(1.0, 2.0)  # e^-2 = 0.135335283236612...
    0.13533528323647...
    """
    return _blocked(_kl_inverse_lower_block, q, c)


def _blocked(solve: Callable[[Array, Array], Array], q: ArrayLike, c: ArrayLike) -> Array | float:
    """Broadcast, and solve in blocks that fit the cache."""
    qs, cs = np.broadcast_arrays(np.asarray(q, dtype=np.float64), np.asarray(c, dtype=np.float64))
    with np.errstate(all="ignore"):
        flat_q, flat_c = np.ravel(qs), np.ravel(cs)
        out = np.empty(flat_q.size)
        for start in range(0, out.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            out[part] = solve(flat_q[part], flat_c[part])
        return _give(out.reshape(qs.shape), q, c)


def _decay(m: Array, o: Array, c: Array) -> Array:
    """Solve F(v) = c from the right; F and the names are those at the head of this file."""
    mc = m * c
    start = mc + np.sqrt(m) * np.sqrt(c) * np.sqrt(mc + 2.0 * o)  # d ≤ this, since kl ≥ d²/(2 m (o + d))
    central = np.sqrt(o) * np.sqrt(m) * np.sqrt(2.0 * c)  # and d ≤ this where o ≥ 1/2, since kl ≥ d²/(2 m o) there
    np.copyto(start, central, where=o >= 0.5)
    start /= m
    np.negative(start, out=start)
    np.log1p(start, out=start)
    np.negative(start, out=start)
    v: Array = np.fmin(start, c / m + 1.0)  # since −o ln o ≤ m; the first bound is nan where it says nothing
    d, f, slope = np.empty_like(v), np.empty_like(v), np.empty_like(v)
    for _ in range(_STEPS):
        np.negative(v, out=d)
        np.expm1(d, out=d)
        d *= m
        np.negative(d, out=d)
        np.divide(d, o, out=f)
        np.log1p(f, out=f)
        f *= o
        np.multiply(m, v, out=slope)
        np.subtract(slope, f, out=f)
        f -= c
        np.add(o, d, out=slope)
        slope /= d
        f *= slope
        np.multiply(v, 0.25, out=slope)  # rounding noise must not throw v onto 0, where the slope vanishes
        v -= f
        np.maximum(v, slope, out=v)
        np.abs(f, out=f)
        np.multiply(v, 1e-15, out=slope)
        if not (f > slope).any():
            break
    return v


def _scaled(q: Array, c: Array) -> tuple[Array, Array, Array | float]:
    """Lift pairs that are both tiny out of the subnormal range, where kl(aq‖ap) = a kl(q‖p) up to 1e-200."""
    tiny = (q < 1e-280) & (c < 1e-275)
    if not tiny.any():
        return q, c, 1.0
    scale = np.where(tiny, 2.0**200, 1.0)
    return q * scale, c * scale, scale


def _kl_inverse_block(q0: Array, c0: Array) -> Array:
    q, c, scale = _scaled(q0, c0)
    zero = q == 0
    q = np.maximum(q, 1e-300)  # where c is not tiny: the result rises by less than 1e-20 of itself, and d/q stays finite
    b = 1.0 - q
    c_used = np.minimum(c, _GONE * b)  # beyond this the answer is 1 to the last bit
    p = q - b * np.expm1(-_decay(b, q, c_used))
    p = np.where(zero, -np.expm1(-c), np.where(q == 1, 1.0, p))
    p = np.minimum(p * (1.0 + UPPER_PAD), 1.0)
    inside = _reaches_less(p, q, b, c_used) & ~zero
    if inside.any():  # never seen; moved until the check holds
        for pad in (16 * UPPER_PAD, 256 * UPPER_PAD):
            p = np.where(inside, np.minimum(p * (1.0 + pad), 1.0), p)
            inside &= _reaches_less(p, q, b, c_used)
        p = np.where(inside, 1.0, p)
    p = np.where(scale == 1.0, p, np.nextafter(p / scale, 1.0))
    p = np.where(c0 == 0, q0, p)
    return np.where((q0 >= 0) & (q0 <= 1) & (c0 >= 0), p, np.nan)


def _reaches_less(p: Array, q: Array, b: Array, c: Array) -> NDArray[np.bool_]:
    """Tell where kl(q‖p) < c although p < 1, through F, whose rounding error is far below what the pad adds."""
    d = p - q
    v = np.where(d < 0.5 * b, -np.log1p(-d / b), np.log(b) - np.log1p(-p))
    less: NDArray[np.bool_] = (b * v - q * np.log1p(d / q) < c) & (p < 1.0)
    return less


def _kl_inverse_lower_block(q0: Array, c0: Array) -> Array:
    q, c, scale = _scaled(q0, np.minimum(c0, 2.0 * _GONE * q0))
    v = np.where(q == 1, c0, _decay(q, 1.0 - q, c))
    p = np.where(q == 0, 0.0, q * np.exp(-v)) * (1.0 - LOWER_PAD)
    p = np.where(p > 0, np.nextafter(p / scale, 0.0), p)
    p = np.where(c0 == 0, q0, np.where(c0 >= 2.0 * _GONE * q0, 0.0, p))
    return np.where((q0 >= 0) & (q0 <= 1) & (c0 >= 0), p, np.nan)
