from __future__ import annotations

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    DETERMINISTIC_ALGORITHM,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    UNIFORM_STABILITY,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import STABILITY
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("feldman2018generalization", "Theorem 1.2"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, UNIFORM_STABILITY, ALGORITHM_FIXED_IN_ADVANCE, DETERMINISTIC_ALGORITHM),
    symbols={"empirical_risk": r"\widehat{R}_n", "stability": r"\beta", "n": "n", "delta": r"\delta"},
    increasing=("empirical_risk", "stability"),
    decreasing=("n", "delta"),
    takes={"stability": (STABILITY,)},
    holds_for="the output of the algorithm on the sample",
)
def feldman_vondrak2018(math: World, *, empirical_risk: Number, stability: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of the output of a beta-stable algorithm is at most its empirical risk plus 8 sqrt((2 beta + 1/n) ln(8/delta)).

    The printed constants, for losses in [0, 1], proved here with room to spare. Let c = 2 beta + 1/n, L = ln(8/delta), and suppose that
    c L < 1/64, as otherwise the bound exceeds 1. The gap g changes by at most c with one example. Take m = ceil(2/delta) independent
    samples with gaps g_1, ..., g_m, let g_0 = 0, and draw J with probability p_j proportional to exp(e g_j), e = sqrt(L/c). Exchanging one
    example of sample j for a fresh one multiplies p_j by at most exp(e c) and moves the loss by at most beta, so with the names of the two
    exchanged E p_j g_j <= E p_j (exp(e c) (R_n + beta) - R_n), which sums to E g_J <= exp(e c) (1 + beta) - 1; and
    E max g_j <= E g_J + ln(m + 1)/e, where ln(m + 1) <= L. As e c = sqrt(c L) < 1/8 and beta <= c/2, that is E max g_j <= 2.1 sqrt(c L).
    Were P(g > 8 sqrt(c L)) > delta, the largest of m would exceed 8 sqrt(c L) with probability above 1 - (1 - delta)^m >= 1 - e^-2, and
    E max g_j would exceed 6.9 sqrt(c L). Of order sqrt(beta) where ``bousquet_elisseeff2002`` is of order beta sqrt(n): better for
    beta well above 1/sqrt(n). ``bousquet_klochkov_zhivotovskiy2020`` is derived here, and smaller
    wherever either is below 1 and n is below 2^70.

    Inputs: ``empirical_risk``; ``stability`` beta, uniform, replace-one; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(feldman_vondrak2018(empirical_risk=0, stability=Fraction(1, 10**4), n=10**4, delta=Fraction(1, 20)).value, 13)
    0.3121591537221
    """
    return {"empirical risk": empirical_risk, "deviation": 8 * math.sqrt((2 * stability + 1 / n) * math.log_quotient(8, delta))}
