from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("vapnik1971uniform", "Theorem 2, with Sauer's lemma (en/d)^d"),
    provenance=PRINTED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def vapnik_chervonenkis1971(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis is at most its empirical risk plus sqrt(8 (d ln(2 e n/d) + ln(4/delta)) / n).

    The classical two-sided bound, P(sup |R - R_n| > e) <= 4 Pi(2n) exp(-n e^2/8), with the growth function of 2n points bounded by
    (2 e n/d)^d (by 2^(2n) where d > 2n). Replacing Pi(2n) by Pi(n) would be wrong here. ``vc.sauer`` is tighter by a factor of about two.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> round(vapnik_chervonenkis1971(empirical_risk=0, n=10**4, vc_dimension=10, delta=Fraction(1, 20)).value, 13)
    0.2689104702017
    """
    growth = log_growth_of_double_sample(math, n, vc_dimension)
    return {"empirical risk": empirical_risk, "deviation": math.sqrt(8 * (growth + math.log_quotient(4, delta)) / n)}
