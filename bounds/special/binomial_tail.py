r"""An enclosure of a binomial tail, as a multiple of its last term.

P(Bin(n,p) ≤ k) = t_k S with t_k = C(n,k) p^k q^{n−k}, and S comes in one of two ways.

*Few terms*: t_k, t_{k−1}, … are added downward; their ratios fall, so a geometric series bounds the rest.

*Many terms*: S = ((n−k)/q) ∫_0^q e^{g(x)} dx, g(x) = k ln(1 + x/p) + (n−k−1) ln(1 − x/q), which is concave.
Gauss-Legendre quadrature on panels of about one standard deviation, with the error bound (64/15) M h ρ^{4−2N}/(ρ² − 1)
(Trefethen, Approximation Theory and Approximation Practice, theorem 19.3) for N nodes on a panel of half-width h, where
M bounds |e^g| on the Bernstein ellipse of ρ. There Re g(τ+iη) ≤ g(τ) + η²/2 (k/(p+τ)² + (n−k−1)/(q−τ)²), and concavity
bounds g(τ) by a tangent. What lies beyond the last panel is at most e^g/|g'|.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from flint import arb, ctx, fmpz

from genbounds.bounds.special.precision import precision

_TERMS = 1500  # up to here terms are added one by one
_RHO = 4  # of the ellipse: with ρ = 4 and panels of one standard deviation, M is a few times the integrand
_NODES = 120  # more than this on a panel: take narrower panels


def log_choose(n: int, k: int) -> arb:
    """Compute ln C(n, k); the caller's precision covers the cancellation."""
    if k <= 40:
        return arb(math.comb(n, k)).log()
    return arb(fmpz(n + 1)).lgamma() - arb(fmpz(k + 1)).lgamma() - arb(fmpz(n - k + 1)).lgamma()


def tail_sum(k: int, n: int, p: arb, q: arb, bits: int) -> arb:
    """Enclose S = P(Bin(n,p) ≤ k) / t_k to about ``bits`` bits, for 0 ≤ k < n and q = 1 − p.

    >>> tail_sum(1, 2, arb(0.5), arb(0.5), 64).overlaps(arb(1.5))
    True
    """
    if k <= _TERMS or _terms(k, n, p, q, bits) <= _TERMS:
        return _added(k, n, q / p, bits + 8)
    return (n - k) / q * _integral(_Integrand(arb(fmpz(k)), arb(fmpz(n - k - 1)), p, q), bits)


def _terms(k: int, n: int, p: arb, q: arb, bits: int) -> float:
    """Estimate how many terms the sum takes: the logarithm of the ratios starts at −fall and bends down."""
    fall = -float((k * q / ((n - k + 1) * p)).log().mid())
    bend = 1 / k + 1 / (n - k + 1)
    nats = (bits + 8) * math.log(2)
    return (math.sqrt(fall * fall + 2 * bend * nats) - fall) / bend


def _added(k: int, n: int, odds: arb, bits: int) -> arb:
    """Add the terms downward: 1 + r_0 + r_0 r_1 + …, r_i = (k − i)/(n − k + i + 1) · q/p."""
    total, term, small = arb(1), arb(1), arb(2) ** -bits
    for i in range(k):
        ratio = odds * (k - i) / (n - k + i + 1)
        if i % 8 == 0 and ratio < 1:
            rest = term * ratio / (1 - ratio)
            if rest < total * small:
                return total + arb(0).union(rest.upper())
        term *= ratio
        total += term
    return total


@dataclass(frozen=True)
class _Integrand:
    """g(x) = a ln(1 + x/p) + b ln(1 − x/q)."""

    a: arb
    b: arb
    p: arb
    q: arb

    def log(self, x: arb) -> arb:
        return self.a * (x / self.p).log1p() + self.b * (-x / self.q).log1p()

    def slope(self, x: arb) -> arb:
        return self.a / (self.p + x) - self.b / (self.q - x)

    def bend(self, left: arb, right: arb) -> arb:
        """Bound −g'' on [left, right]."""
        return self.a / (self.p + left) ** 2 + self.b / (self.q - right) ** 2

    def log_bound(self, centre: arb, width: arb, height: arb) -> arb:
        """Bound Re g on the ellipse around ``centre`` with these half-axes."""
        curve = height * height / 2 * self.bend(centre - width, centre + width)
        return (self.log(centre) + abs(self.slope(centre)) * width + curve).upper()


def _integral(g: _Integrand, bits: int) -> arb:
    """Enclose ∫_0^q e^{g(x)} dx."""
    start, bend = float(g.slope(arb(0)).mid()), float(g.bend(arb(0), arb(0)).mid())
    reach = (start + math.sqrt(start * start + 2 * bend * (bits + 40) * math.log(2))) / bend
    reach = min(reach, 0.9 * float(g.q.mid()))
    for panels in (6, 12, 24, 48, 96, 192):
        value = _panels(g, arb(reach / (2 * panels)), panels, bits)
        if value is not None:
            return value
    raise ArithmeticError(f"the binomial tail of {g} could not be enclosed")  # no such case is known


def _panels(g: _Integrand, half: arb, panels: int, bits: int) -> arb | None:
    """Add the panels and the rest; None where the ellipses leave (−p, q), or far too many nodes would be needed."""
    width, height = half * (_RHO + arb(1) / _RHO) / 2, half * (_RHO - arb(1) / _RHO) / 2
    end = 2 * panels * half
    if not (half - width > -g.p and end - half + width < g.q and g.slope(end) < 0):
        return None
    centres = [(2 * i + 1) * half for i in range(panels)]
    bounds = [g.log_bound(x, width, height) for x in centres]
    nodes = int((bits + 12 + max(map(float, bounds)) / math.log(2)) / (2 * math.log2(_RHO))) + 4
    if nodes > _NODES:
        return None
    rule = _legendre(nodes, ctx.prec)
    error = arb(64) / 15 * half * arb(_RHO) ** (4 - 2 * nodes) / (_RHO * _RHO - 1)
    total = arb(0).union((g.log(end).exp() / -g.slope(end)).upper())
    for x, bound in zip(centres, bounds, strict=True):
        part = arb(0)
        for node, weight in rule:
            part += weight * g.log(x + half * node).exp()
        total += half * part + arb(0, 1) * (error * bound.exp()).upper()
    return total


@lru_cache(maxsize=64)
def _legendre(nodes: int, bits: int) -> tuple[tuple[arb, arb], ...]:
    """Compute the nodes and weights of Gauss-Legendre quadrature on [−1, 1]."""
    with precision(bits):
        return tuple(arb.legendre_p_root(nodes, i, weight=True) for i in range(nodes))
