from __future__ import annotations

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("langford2005tutorial", "Corollary 3.7"),
    provenance=READ,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "delta": r"\delta"},
    increasing=("empirical_risk",),
    decreasing=("n", "delta"),
    holds_for="one hypothesis fixed before the sample",
)
def chernoff_kl(math: World, *, empirical_risk: Number, n: Number, delta: Number) -> Terms:
    r"""The risk R of one fixed hypothesis satisfies R_n >= R or kl(R_n || R) <= ln(1/delta)/n, so R is at most the upper inverse of kl at
    (R_n, ln(1/delta)/n).

    Derivation. For q <= R, P(R_n <= q) <= exp(-n kl(q || R)) by Chernoff's bound, which holds for losses in [0, 1] and not only for 0 and 1
    (Hoeffding 1963, Theorem 1). The bound is one-sided, so delta is not halved. It is never above ``hoeffding``, by Pinsker's inequality,
    and for losses 0 and 1 never below ``clopper_pearson``.

    Inputs: ``empirical_risk`` in [0, 1]; ``n``; ``delta`` in (0, 1).

    >>> from fractions import Fraction
    >>> round(chernoff_kl(empirical_risk=Fraction(1, 20), n=100, delta=Fraction(1, 20)).value, 13)
    0.1215270364429
    """
    return {"kl inversion": math.kl_inverse(empirical_risk, math.log_quotient(1, delta) / n)}
