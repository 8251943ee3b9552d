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
    r"""The risk of the output of a beta-stable algorithm fixed in advance is at most its empirical risk plus 8 sqrt((2 beta + 1/n)
    ln(8/delta)).

    The losses are in [0, 1]. The bound is of order sqrt(beta), while ``bousquet_elisseeff2002`` is of order beta sqrt(n), so that it can be
    smaller only for beta well above 1/n. ``bousquet_klochkov_zhivotovskiy2020`` is smaller wherever either of the two is below 1 and n is
    below 2^70.

    Derivation of the printed constants, which leaves room to spare. Let c = 2 beta + 1/n and L = ln(8/delta), and suppose that c L < 1/64,
    as otherwise the bound is at least 1. The gap g = R - R_n changes by at most c if one example is replaced. Take m = ceil(2/delta)
    independent samples with gaps g_1, ..., g_m, let g_0 = 0, and draw J with probability p_j proportional to exp(e g_j), e = sqrt(L/c).
    Exchanging one example of sample j for a fresh one multiplies p_j by at most exp(e c) and changes the loss at any point by at most beta.
    After the exchange, the example that left is the fresh one, so that E p_j g_j <= E p_j (exp(e c) (R_n + beta) - R_n). Summed over j this
    gives E g_J <= exp(e c) (1 + beta) - 1. Moreover E max g_j <= E g_J + ln(m + 1)/e, where ln(m + 1) <= L. As e c = sqrt(c L) < 1/8 and
    beta <= c/2, it follows that E max g_j <= 2.1 sqrt(c L). If P(g > 8 sqrt(c L)) were above delta, the largest of the m gaps would exceed
    8 sqrt(c L) with probability above 1 - (1 - delta)^m >= 1 - e^-2, and E max g_j would exceed 6.9 sqrt(c L), a contradiction.

    Inputs: ``empirical_risk``; ``stability`` beta, uniform, replace-one; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(feldman_vondrak2018(empirical_risk=0, stability=Fraction(1, 10**4), n=10**4, delta=Fraction(1, 20)).value, 13)
    0.3121591537221
    """
    return {"empirical risk": empirical_risk, "deviation": 8 * math.sqrt((2 * stability + 1 / n) * math.log_quotient(8, delta))}
