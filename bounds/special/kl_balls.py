"""The binary relative entropy, its two inverses, and t − ln(1 + t), as rigorous enclosures in balls.

The functions are evaluated at the end points of the input balls, where each is monotone, at a working precision raised
by what cancels there. The inverses solve the equation at the head of kl.py: Newton's method gives a guess, and the sign
of F at both ends of a bracket around it proves the bracket.
"""

import math

from flint import arb, ctx

from genbounds.bounds.special.precision import extra_precision, precision
from genbounds.bounds.special.rounding import at_most_one, binary_exponent

_SPARE = 24  # bits beyond the caller's precision
_NEAR = 40  # bits that cancel in x - ln(1 + x) at |x| = 2^-40


def _hull(low: arb, high: arb) -> arb:
    return low.union(high) if low.is_finite() and high.is_finite() else low + arb(0, "inf")


def _unit_points(x: arb) -> tuple[arb, arb] | None:
    """Return both ends of the part of the ball that lies in [0, 1]; None where no part does."""
    if x.is_nan() or x < 0 or x > 1:
        return None
    low, high = (x, x) if x.is_exact() else (x.lower(), x.upper())
    return (arb(0) if low < 0 else low), (arb(1) if high > 1 else high)


def _level_points(c: arb) -> tuple[arb, arb] | None:
    """Return both ends of the non-negative part of the ball; None where there is none."""
    if c.is_nan() or c < 0:
        return None
    if not c.is_finite():
        return (c, c) if c > 0 else (arb(0), arb("inf"))
    low, high = (c, c) if c.is_exact() else (c.lower(), c.upper())
    return (arb(0) if low < 0 else low), high


def x_minus_log1p_ball(x: arb) -> arb:
    """Enclose x − ln(1 + x) over the ball ``x``, which must lie in (−1, ∞) (elsewhere: nan).

    >>> x_minus_log1p_ball(arb(1)).overlaps(1 - arb(2).log())
    True
    """
    if x.is_nan() or not x > -1:
        return arb.nan()
    with extra_precision(_SPARE):
        if x.is_exact():
            value = _phi(x)
        else:
            low, high = x.lower(), x.upper()
            value = _phi(low).union(_phi(high))
            if x.contains(0):
                value = value.union(arb(0))
    return +value


def x_minus_log1p_balls(xs: list[arb]) -> list[arb]:
    """Enclose x − ln(1 + x) for each ball of a list, with the precision set once for all that are not close to 0.

    Away from 0 the difference itself is computed: for a ball that is not a point it loses as many bits as cancel, at most 40.

    >>> [value.overlaps(x_minus_log1p_ball(x)) for x in (arb(1), arb(2) ** -80) for value in x_minus_log1p_balls([x])]
    [True, True]
    """
    near = arb(2) ** -_NEAR
    values = []
    with extra_precision(_SPARE + _NEAR + 8):
        for x in xs:
            values.append(x - x.log1p() if x > near or -1 < x < -near else None)
    return [x_minus_log1p_ball(x) if value is None else +value for x, value in zip(xs, values, strict=True)]


def _phi(x: arb) -> arb:
    """Compute x − ln(1 + x) with enough bits for what cancels: x²/2 is left of x."""
    with extra_precision(max(0, 8 - binary_exponent(x)) if x != 0 else 0):
        return x - x.log1p()


def kl_ball(q: arb, p: arb) -> arb:
    """Enclose kl(q‖p) over the balls ``q`` and ``p`` (their parts in [0, 1]; nan where there is none).

    >>> kl_ball(arb(1) / 10, arb("0.170383627568828")).overlaps(arb("0.02 +/- 1e-14"))
    True
    """
    qs, ps = _unit_points(q), _unit_points(p)
    if qs is None or ps is None:
        return arb.nan()
    with extra_precision(_SPARE):
        if q.is_exact() and p.is_exact():
            value = _kl_point(qs[0], ps[0])
        elif qs[1] <= ps[0]:  # kl falls in q and rises in p
            value = _hull(_kl_point(qs[1], ps[0]), _kl_point(qs[0], ps[1]))
        elif ps[1] <= qs[0]:
            value = _hull(_kl_point(qs[0], ps[1]), _kl_point(qs[1], ps[0]))
        else:
            value = _hull(arb(0), _kl_point(qs[0], ps[1]).max(_kl_point(qs[1], ps[0])))
    return +value


def _kl_point(q: arb, p: arb) -> arb:
    """Compute kl at two exact points of [0, 1]."""
    if q == p:
        return arb(0)
    if q == 0:
        return -(-p).log1p() if p < 1 else arb("inf")
    if q == 1:
        return -p.log() if p > 0 else arb("inf")
    if p == 0 or p == 1:
        return arb("inf")
    d = p - q
    return q * _ratio_phi(d, q, p) + (1 - q) * _ratio_phi(-d, 1 - q, 1 - p)


def _ratio_phi(d: arb, q: arb, p: arb) -> arb:
    """Compute φ(d/q) where d = p − q, with enough bits for what cancels."""
    x = d / q
    bits = -binary_exponent(x)
    if bits < 2:
        return x - (p / q).log()  # p is a ball of full relative accuracy even where d/q is −1 to the last bit
    with extra_precision(bits + 8):
        x = d / q
        return x - x.log1p()


def kl_inverse_ball(q: arb, c: arb) -> arb:
    """Enclose kl⁻¹(q, c) = sup{p in [q, 1] : kl(q‖p) ≤ c} over the parts of ``q`` in [0, 1] and of ``c`` in [0, ∞].

    >>> kl_inverse_ball(arb(1) / 10, arb(1) / 50).overlaps(arb("0.170383627568828 +/- 1e-15"))
    True
    """
    return _inverse(q, c, upper=True)


def kl_inverse_lower_ball(q: arb, c: arb) -> arb:
    """Enclose inf{p in [0, q] : kl(q‖p) ≤ c} over the parts of ``q`` in [0, 1] and of ``c`` in [0, ∞].

    >>> kl_inverse_lower_ball(arb(1), arb(2)).overlaps(arb(-2).exp())
    True
    """
    return _inverse(q, c, upper=False)


def _inverse(q: arb, c: arb, *, upper: bool) -> arb:
    qs, cs = _unit_points(q), _level_points(c)
    if qs is None or cs is None:
        return arb.nan()
    point = _upper_point if upper else _lower_point
    if q.is_exact() and c.is_exact():
        return at_most_one(point(qs[0], cs[0]))
    c_low, c_high = cs if upper else (cs[1], cs[0])
    return at_most_one(point(qs[0], c_low).union(point(qs[1], c_high)))


def _upper_point(q: arb, c: arb) -> arb:
    """Enclose kl⁻¹ at exact q and c."""
    if c == 0 or q == 1:
        return q
    if not c.is_finite():
        return arb(1)
    with extra_precision(_SPARE):
        v = c if q == 0 else _decay(q, c, upper=True)
        p = q - (1 - q) * (-v).expm1()
    return +p


def _lower_point(q: arb, c: arb) -> arb:
    if c == 0 or q == 0:
        return q
    if not c.is_finite():
        return arb(0)
    with extra_precision(_SPARE):
        v = c if q == 1 else _decay(q, c, upper=False)
        with extra_precision(max(0, binary_exponent(v))):
            p = q * (-v).exp()
    return +p


def _masses(q: arb, upper: bool) -> tuple[arb, arb]:
    return (1 - q, q) if upper else (q, 1 - q)


def _decay(q: arb, c: arb, *, upper: bool) -> arb:
    """Enclose the root v of F(v) = c (head of kl.py) for exact 0 < q < 1 and c > 0, to the current precision."""
    m, o = _masses(q, upper)
    start = _float_start(float(m.mid()), float(o.mid()), float(c))
    bound = c / m + 1
    if start is None:
        with extra_precision(2 * max(0, -binary_exponent(c)) + 2 * max(0, -binary_exponent(m))):
            d = m * c + (m * c * (m * c + 2 * o)).sqrt()
            edge = -(-d / m).log1p() if d < m else bound
        v = (edge if edge < bound else bound).mid()
    else:
        v = arb(start)
    goal = ctx.prec + max(0, binary_exponent(v))  # e^{−v} needs the absolute accuracy of v
    lost = max(0, binary_exponent(m * v) - binary_exponent(c)) + max(0, -binary_exponent(v)) + _SPARE
    with precision(goal + lost):
        m, o = _masses(q, upper)  # again: 1 − q needs this precision too
        fine = arb(2) ** -(goal // 2 + 2)
        for _ in range(200):
            f, slope = _equation(m, o, c, v)
            step = (f / slope).mid()
            v = (v - step).mid() if 4 * step < 3 * v else (v / 4).mid()
            if abs(step) < v * fine:
                break
        for slack in range(goal - 4, 8, -6):
            width = v * arb(2) ** -slack
            low, high = (v - width).lower(), (v + width).upper()
            if _equation(m, o, c, low)[0] < 0 and _equation(m, o, c, high)[0] > 0:
                return low.union(high)
    return arb(0).union(bound)  # true always, and not reached


def _equation(m: arb, o: arb, c: arb, v: arb) -> tuple[arb, arb]:
    """Compute F(v) − c and F'(v)."""
    d = -m * (-v).expm1()
    return m * v - o * (d / o).log1p() - c, d / (o + d)


def _float_start(m: float, o: float, c: float) -> float | None:
    """Find the root in floats, where their range and the cancellation in F allow."""
    if min(m, o, c) < 1e-140 or c > 1e140:
        return None
    d = m * c + math.sqrt(m * c) * math.sqrt(m * c + 2 * o)
    v = min(-math.log1p(-d / m) if d < m else math.inf, c / m + 1)
    if m * v > 1e6 * c:
        return None
    for _ in range(12):
        d = -m * math.expm1(-v)
        step = (m * v - o * math.log1p(d / o) - c) * (o + d) / d
        v = max(v - step, v / 4)
        if abs(step) <= 1e-12 * v:
            break
    return v
