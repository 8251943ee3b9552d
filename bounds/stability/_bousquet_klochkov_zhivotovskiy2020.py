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
    r"""The risk is at most R_n + 2 b + M sqrt(ln(2/delta)/(2n)) + 4 sqrt 2 e b ceil(log2 n) max(2, ln(2/delta)), with b the uniform
    stability.

    Derivation. Let S^i have example i replaced by an independent copy Z', and g_i = E_Z'[R(A(S^i)) - loss(A(S^i), Z_i)]. Then
    |n (R - R_n) - sum g_i| <= 2 b n; E[g_i | Z_j, j != i] = 0; and changing Z_j, j != i, changes g_i by at most 2 b.
    (1) The E[g_i | Z_i] are independent, centred, each in an interval of length M: Hoeffding at delta/2.
    (2) The rest. Let n <= 2^k < 2n, add zeros up to 2^k, and halve: B_l(i) is the block of 2^l indices with i, and
    g_i^l = E[g_i | Z_i, Z_j with j outside B_l(i)], from g_i^0 = g_i to g_i^k = E[g_i | Z_i]. Given the Z outside a block of level l, the
    differences g_i^l - g_i^(l+1) of its i are independent and centred; so by Marcinkiewicz and Zygmund the p-norm of their sum is at most
    2 sqrt(p) 2^(l/2) times the largest of their p-norms, for p >= 2; and each is a centred function of 2^l variables (those of the sibling
    block) with differences 2 b, whose p-norm is at most sqrt 2 sqrt(p 2^l b^2) (moments of McDiarmid's tail). That makes 2 sqrt 2 p b 2^l a
    block, 2 sqrt 2 p b 2^k <= 4 sqrt 2 p b n a level, and there are k = ceil(log2 n) levels. Markov's inequality at order
    p = max(2, ln(2/delta)): P(|Y| > e ||Y||_p) <= exp(-p) <= delta/2.

    Better than ``bousquet_elisseeff2002`` for large n and b well above 1/n (n > 1.75e5 at delta = .05); ``best_of`` takes the better.

    Inputs: ``empirical_risk`` in [0, ``loss_range``]; ``stability`` b, replace-one; ``n``; ``delta``; ``loss_range`` M.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=0, stability=Fraction(1, 10**4), n=10**4, delta=Fraction(1, 20))
    >>> round(bousquet_klochkov_zhivotovskiy2020(**inputs).value, 13)
    0.0931940823546
    """
    cost = math.let("t", math.log_quotient(2, delta))
    telescoped = 4 * math.sqrt(2) * math.exp(1) * stability * math.ceil_log2(n) * math.maximum(2, cost)
    return {
        "empirical risk": empirical_risk,
        "stability": 2 * stability,
        "independent part": loss_range * math.sqrt(cost / (2 * n)),
        "dependent part": telescoped,
    }
