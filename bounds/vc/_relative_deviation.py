from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("cortes2019relative", "the relative deviation inequality, with a full proof; Anthony and Shawe-Taylor 1993"),
    provenance=PRINTED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def relative_deviation(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis is at most R_n + (E/2)(1 + sqrt(1 + 4 R_n/E)) with E = 4 (d ln(2 e n/d) + ln(4/delta)) / n.

    From P(sup (R - R_n)/sqrt R > e) <= 4 Pi(2n) exp(-n e^2/4): R - R_n <= sqrt(E R) is a quadratic inequality in sqrt R, whose solution is
    R <= R_n + E/2 + sqrt(E R_n + E^2/4), in the code's form. With the growth function of 2n points bounded by (2 e n/d)^d (by 2^(2n) where
    d > 2n). At R_n = 0 it is E, of order d/n: the bound to use for small empirical risks.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(n=10**4, vc_dimension=10, delta=Fraction(1, 20))
    >>> round(relative_deviation(**inputs, empirical_risk=0).value, 13), round(relative_deviation(**inputs, empirical_risk=0.05).value, 13)
    (0.036156420492, 0.1142804040284)
    """
    growth = log_growth_of_double_sample(math, n, vc_dimension)
    scale = math.let("E", 4 * (growth + math.log_quotient(4, delta)) / n)
    return {"empirical risk": empirical_risk, "deviation": scale / 2 + math.sqrt(scale * (empirical_risk + scale / 4))}
