from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import LOG_GROWTH_2N, log_growth_of_double_sample, printed_log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World

_SOURCE = Source("cortes2019relative", "the relative deviation inequality, with a full proof; Anthony and Shawe-Taylor 1993")


def _terms(math: World, empirical_risk: Number, n: Number, growth: Number, delta: Number) -> Terms:
    scale = math.let("E", 4 * (growth + math.log_quotient(4, delta)) / n)
    return {"empirical risk": empirical_risk, "deviation": scale / 2 + math.sqrt(scale * (empirical_risk + scale / 4))}


@bound(
    source=_SOURCE,
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def relative_deviation(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most R_n + (E/2)(1 + sqrt(1 + 4 R_n/E)) with E = 4 (ln S(2n) +
    ln(4/delta)) / n, where S(2n) is the sum of the binomials C(2n, i), i <= d.

    At R_n = 0 the bound is E, which is of order d ln(n/d)/n: this is the bound to use for small empirical risks. Where the growth function
    itself is bounded, as for a network, take ``relative_deviation_growth``.

    Derivation. The claim P(sup (R - R_n)/sqrt R > e) <= 4 Pi(2n) exp(-n e^2/4) is shown first. If n e^2 <= 1 there is nothing to show.
    Suppose that R - R_n > e sqrt R for some hypothesis. Then R > e^2 > 1/n, so that the risk on n ghost examples is R' >= R with
    probability at least 1/4 (Greenberg and Mohri 2014: a binomial of mean above 1 reaches its mean). The quotient (x - y)/sqrt((x + y)/2)
    increases in x and decreases in y, so that it is above e at x = R', y = R_n. Given all 2n examples there are at most Pi(2n) patterns of
    losses l', l. For one of them R' - R_n is the mean of independent signs times l'_i - l_i, and sum (l'_i - l_i)^2 <= n (R' + R_n). By
    Hoeffding's inequality this mean is above e sqrt((R' + R_n)/2) with probability at most exp(-n e^2/4).

    Now bound Pi(2n) by Sauer's sum S(2n) and let e^2 = E. With probability at least 1 - delta, R - R_n <= sqrt(E R) for every hypothesis.
    This is a quadratic inequality in sqrt R, and its solution is R <= R_n + E/2 + sqrt(E R_n + E^2/4).

    ``form="printed"`` bounds Pi(2n) by the relaxation (2 e n/d)^d, or by 2^(2n) where that is smaller or d > 2n.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(n=10**4, vc_dimension=10, delta=Fraction(1, 20))
    >>> round(relative_deviation(**inputs, empirical_risk=0).value, 13), round(relative_deviation(**inputs, empirical_risk=0.05).value, 13)
    (0.0353242958223, 0.1132490567771)
    >>> round(relative_deviation(**inputs, empirical_risk=0, form="printed").value, 13)
    0.036156420492
    """
    return _terms(math, empirical_risk, n, log_growth_of_double_sample(math, n, vc_dimension), delta)


@relative_deviation.other_form("printed", provenance=DERIVED)
def _relative_deviation_printed(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    return _terms(math, empirical_risk, n, printed_log_growth_of_double_sample(math, n, vc_dimension), delta)


@bound(
    source=_SOURCE,
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "log_growth_2n": "g(2n)", "delta": r"\delta"},
    domains={"log_growth_2n": LOG_GROWTH_2N},
    takes={"log_growth_2n": ("log_growth",)},
    at={"log_growth_2n": lambda inputs: 2 * inputs["n"]},
    increasing=("empirical_risk", "log_growth_2n"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def relative_deviation_growth(math: World, *, empirical_risk: Number, n: Number, log_growth_2n: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most R_n + (E/2)(1 + sqrt(1 + 4 R_n/E)) with E = 4 (g(2n) +
    ln(4/delta)) / n, where g is the logarithm of the growth function.

    This is ``relative_deviation`` for a class whose growth function is bounded directly, for example that of a network. For a multiclass
    network the growth function counts loss vectors. The theorem is about 2n points, the sample and n ghost examples: a growth function at n
    would be wrong here.

    Inputs: ``empirical_risk``; ``n``; ``log_growth_2n``, an upper bound on the logarithm of the growth function *at 2n*; ``delta``.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.vc import log_growth_relu_network
    >>> lng = log_growth_relu_network(widths=(2, 3, 1), n=2 * 60000)
    >>> round(relative_deviation_growth(empirical_risk=0, n=60000, log_growth_2n=lng, delta=Fraction(1, 20)).value, 12)
    0.017739470303
    """
    return _terms(math, empirical_risk, n, log_growth_2n, delta)
