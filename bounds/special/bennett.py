r"""The inverse of Bennett's exponent v h(t/v), h(u) = (1 + u) ln(1 + u) − u, in t: in floats and as an enclosure.

h is convex and increasing, with h'(u) = ln(1 + u). So a Newton step never lands below the root, from whichever side it starts. With
w = ln(1 + u) the equation h(u) = y reads e^w (w − 1) = y − 1, so that w = 1 + W((y − 1)/e), W the principal branch of Lambert's function.
"""

import numpy as np
from flint import arb
from numpy.typing import ArrayLike, NDArray

from genbounds.bounds.special.kl import x_minus_log1p
from genbounds.bounds.special.precision import extra_precision
from genbounds.bounds.special.rounding import binary_exponent

Array = NDArray[np.float64]

#: Relative amount by which `bennett_inverse` is moved up.
PAD = 1e-13

_SPARE = 24  # bits beyond the caller's precision
_STEPS = 12
_SMALL, _LARGE = 1e-32, 1e8  # of y = c/v: below, h(u) is u^2/2 to the last bit; above, the equation is solved in logarithms


def bennett_inverse(v: ArrayLike, c: ArrayLike) -> Array | float:
    """Compute max{t ≥ 0 : v h(t/v) ≤ c}, h(u) = (1 + u) ln(1 + u) − u, rounded up: never below the exact value.

    It increases in v and in c, and is 0 where one of them is 0. The result is moved up by 1e-13 of itself (``PAD``).

    Args:
        v: scale, a variance for losses in [0, 1]; in [0, ∞).
        c: level, in [0, ∞), in nats. Arrays broadcast, and anything outside gives ``nan``.

    >>> bennett_inverse(0.25, 0.01)  # below 0.07412..., the root of Bernstein's exponent t^2/(2 v + 2 t/3)
    0.073970830890...
    """
    vs, cs = np.broadcast_arrays(np.asarray(v, dtype=np.float64), np.asarray(c, dtype=np.float64))
    with np.errstate(all="ignore"):
        y = np.where((vs > 0) & (cs > 0), cs / vs, 1.0)
        t = vs * _inverse_of_h(np.clip(y, _SMALL, _LARGE))
        t = np.where(y < _SMALL, np.sqrt(2.0 * cs) * np.sqrt(vs), t)
        t = np.where(y > _LARGE, _far(vs, cs), t) * (1.0 + PAD)
        t = np.where(t == 0, np.nextafter(0.0, 1.0), t)
        t = np.where((vs == 0) | (cs == 0), 0.0, t)
        t = np.where((vs >= 0) & (cs >= 0) & np.isfinite(vs) & np.isfinite(cs), t, np.nan)
    return float(t) if t.ndim == 0 else t


def _inverse_of_h(y: Array) -> Array:
    """Solve h(u) = y by Newton's method from the root of Bernstein's exponent, which is above."""
    u: Array = y / 3 + np.sqrt(y * y / 9 + 2 * y)
    for _ in range(_STEPS):
        log = np.log1p(u)
        # u^2 - (1 + u)(u - ln(1 + u)) loses one bit where u is small; the difference itself is good elsewhere.
        h = np.where(u < 1, u * u - (1 + u) * x_minus_log1p(u), (1 + u) * log - u)
        u = u - (h - y) / log
    return u


def _far(v: Array, c: Array) -> Array:
    """Solve it for c/v above 1e8, where the quotient may overflow: w + ln(w − 1) = ln(c − v) − ln v, and t = (c − v)/(w − 1) − v."""
    level = np.maximum(np.log(c) + np.log1p(-v / c) - np.log(v), 2.0)
    w: Array = level - np.log(level)
    for _ in range(_STEPS):
        w = np.maximum(w - (w + np.log(w - 1) - level) * (w - 1) / w, 1.5)
    return (c - v) / (w - 1) - v


def bennett_inverse_ball(v: arb, c: arb) -> arb:
    """Enclose max{t ≥ 0 : v h(t/v) ≤ c} over the non-negative parts of the balls ``v`` and ``c``.

    >>> root = bennett_inverse_ball(arb(1) / 4, arb(1) / 100)
    >>> u = 4 * root
    >>> (((1 + u) * (1 + u).log() - u) / 4).overlaps(arb(1) / 100)
    True
    """
    if v.is_nan() or c.is_nan() or v < 0 or c < 0 or not (v.is_finite() and c.is_finite()):
        return arb.nan()
    if v.is_exact() and c.is_exact():
        return _point(v, c)
    low, high = (_point(*(max(end, arb(0)) for end in ends)) for ends in ((v.lower(), c.lower()), (v.upper(), c.upper())))
    return low.union(high)


def _point(v: arb, c: arb) -> arb:
    """Enclose the root at exact v and c."""
    if v == 0 or c == 0:
        return arb(0)
    exponent = binary_exponent(c) - binary_exponent(v)
    # Close to the branch point -1/e half of the bits of y are left in W + 1, and e^w - 1 loses what w is below 1.
    with extra_precision(_SPARE + max(0, -2 * exponent) + max(0, exponent).bit_length()):
        w = 1 + ((c / v - 1) * arb(-1).exp()).lambertw()
        t = v * w.expm1()
    return +t
