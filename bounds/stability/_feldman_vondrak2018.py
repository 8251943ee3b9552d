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
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("feldman2018generalization", "Theorem 1.2"),
    provenance=PRINTED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, UNIFORM_STABILITY, ALGORITHM_FIXED_IN_ADVANCE, DETERMINISTIC_ALGORITHM),
    symbols={"empirical_risk": r"\widehat{R}_n", "stability": r"\beta", "n": "n", "delta": r"\delta"},
    increasing=("empirical_risk", "stability"),
    decreasing=("n", "delta"),
    takes={"stability": (STABILITY,)},
    holds_for="the output of the algorithm on the sample",
)
def feldman_vondrak2018(math: World, *, empirical_risk: Number, stability: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of the output of a beta-stable algorithm is at most its empirical risk plus 8 sqrt((2 beta + 1/n) ln(8/delta)).

    As printed, for losses in [0, 1]; two-sided. Of order sqrt(beta) where ``bousquet_elisseeff2002`` is of order beta sqrt(n): better for
    beta well above 1/sqrt(n). ``bousquet_klochkov_zhivotovskiy2020`` is derived here and better still for large n.

    Inputs: ``empirical_risk``; ``stability`` beta, uniform, replace-one; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(feldman_vondrak2018(empirical_risk=0, stability=Fraction(1, 10**4), n=10**4, delta=Fraction(1, 20)).value, 13)
    0.3121591537221
    """
    return {"empirical risk": empirical_risk, "deviation": 8 * math.sqrt((2 * stability + 1 / n) * math.log_quotient(8, delta))}
