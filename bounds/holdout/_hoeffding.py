from __future__ import annotations

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("hoeffding1963probability", "Theorem 2"),
    provenance=READ,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "delta": r"\delta"},
    increasing=("empirical_risk",),
    decreasing=("n", "delta"),
    holds_for="one hypothesis fixed before the sample",
)
def hoeffding(math: World, *, empirical_risk: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of one fixed hypothesis is at most its risk on n held-out examples plus sqrt(ln(1/delta) / (2 n)).

    Derivation. For independent losses in [0, 1], P(R - R_n >= t) <= exp(-2 n t^2) (Hoeffding 1963, Theorem 2 with range 1). Solving exp(-2
    n t^2) = delta for t gives the deviation. The bound is one-sided, so delta is not halved.

    Inputs: ``empirical_risk`` in [0, 1], the average loss; ``n``, the number of held-out examples; ``delta`` in (0, 1).

    >>> from fractions import Fraction
    >>> round(hoeffding(empirical_risk=0, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.0122387341534
    """
    return {"empirical risk": empirical_risk, "deviation": math.sqrt(math.log_quotient(1, delta) / (2 * n))}
