from __future__ import annotations

from genbounds.bounds.assumptions import UNIFORM_STABILITY
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.stability._stable_algorithm import stable_algorithm
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bousquet2020sharper", "the moment inequality of Theorem 4, with constants derived here"),
    provenance=DERIVED,
    **stable_algorithm("empirical_risk", r"\widehat{R}_n", UNIFORM_STABILITY),
)
def bousquet_klochkov_zhivotovskiy2020(
    math: World, *, empirical_risk: Number, stability: Number, n: Number, delta: Number, loss_range: Number = 1
) -> Terms:
    r"""The risk of the output of a stable algorithm fixed in advance is at most R_n + 2 b + M sqrt(L/(2n)) + b ceil(log2 n) sqrt(p (p -
    1)/e) exp((L + 1 + ln(2 p)/2)/p), where b is the uniform stability, L = ln(2/delta) and p = max(2, 1 + L).

    The last term is about sqrt(e) b ceil(log2 n) (L + 2). At delta = .05 the bound is smaller than ``bousquet_elisseeff2002`` for n > 1566
    if b = 1/sqrt(n), for n > 2078 if b = 1/n, and for no n if b = 0; ``best_of`` takes the smaller of the two, each at
    delta/2.

    Derivation. Let S^i be the sample with example i replaced by an independent copy Z', and g_i = E_Z'[R(A(S^i)) - loss(A(S^i), Z_i)]. Then
    |n (R - R_n) - sum g_i| <= 2 b n. Moreover E[g_i | Z_j, j != i] = 0, and changing Z_j for a j != i changes g_i by at most 2 b.

    (1) The E[g_i | Z_i] are independent and centred, and each lies in an interval of length M. Hoeffding's inequality at delta/2 bounds
    their mean.

    (2) It remains to bound the sum Y of the g_i - E[g_i | Z_i]. Halve the n indices, and each part again (unequal parts differ by one),
    until single indices are left after k = ceil(log2 n) levels. For a part B let g_i^B = E[g_i | Z_i, Z_j with j outside B]. It is g_i if
    B = {i}, and E[g_i | Z_i] if B contains all indices. So g_i - E[g_i | Z_i] is the sum of d_i = g_i^B - g_i^(B and C) over the splits of
    a part into B and C with i in B. Given Z_i and the Z outside B and C, d_i is a centred function of the |C| variables of C with
    differences 2 b. By McDiarmid's inequality P(|d_i| > x) <= 2 exp(-x^2/(2 |C| b^2)), which gives E|d_i|^p <= 2 Gamma(p/2 + 1)
    (2 |C| b^2)^(p/2). Since Gamma(q + 1) e^q/q^(q + 1/2) decreases, Gamma(q + 1) <= e^(1 - q) q^(q + 1/2) for q >= 1. So ||d_i||_p <=
    b sqrt(|C| p/e) exp((1 + ln(2 p)/2)/p). Given the Z outside B, the d_i with i in B are functions of their Z_i alone, independent and
    centred, so by (3) the p-norm of their sum is at most sqrt((p - 1) |B|) times that, for p >= 2. B and C together have 2 sqrt(|B| |C|) <=
    |B| + |C| times b sqrt(p (p - 1)/e) exp((1 + ln(2 p)/2)/p). The factors |B| + |C| add up to at most n on each level and to k n on all
    levels. Markov's inequality at order p says P(|Y| > exp(L/p) ||Y||_p) <= exp(-L) = delta/2.

    (3) If E[Y | X] = 0, then ||X + Y||_p^2 <= ||X||_p^2 + (p - 1) ||Y||_p^2 (Rio). Let f(t) = E|X + t Y|^p and h = f^(2/p). Then
    h'(0) = 2 f(0)^(2/p - 1) E[|X|^(p - 1) sgn(X) Y] = 0, and h'' <= (2/p) f^(2/p - 1) f'' because 2/p <= 1. By Hoelder's inequality
    f'' = p (p - 1) E[|X + t Y|^(p - 2) Y^2] <= p (p - 1) f^(1 - 2/p) ||Y||_p^2, so h'' <= 2 (p - 1) ||Y||_p^2. (f has a zero only if X = 0
    or Y = 0.) Adding one d_i after the other gives what (2) uses.

    The moment inequality of the paper has 12 sqrt 2 p b ceil(log2 n) for the p-norm of the last term.

    Inputs: ``empirical_risk`` in [0, ``loss_range``]; ``stability`` b, replace-one; ``n``; ``delta``; ``loss_range`` M.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=0, stability=Fraction(1, 10**4), n=10**4, delta=Fraction(1, 20))
    >>> round(bousquet_klochkov_zhivotovskiy2020(**inputs).value, 13)
    0.0259685846075
    """
    cost = math.let("t", math.log_quotient(2, delta))
    order = math.let("p", math.maximum(2, 1 + cost))
    level = math.sqrt(order * (order - 1) / math.exp(1)) * math.exp((cost + 1 + math.log(2 * order) / 2) / order)
    telescoped = stability * math.ceil_log2(n) * level
    return {
        "empirical risk": empirical_risk,
        "stability": 2 * stability,
        "independent part": loss_range * math.sqrt(cost / (2 * n)),
        "dependent part": telescoped,
    }
