from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import log_growth_of_double_sample, printed_log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


def _terms(math: World, empirical_risk: Number, n: Number, growth: Number, delta: Number) -> Terms:
    return {"empirical risk": empirical_risk, "deviation": math.sqrt(8 * (growth + math.log_quotient(4, delta)) / n)}


@bound(
    source=Source("vapnik1971uniform", "Theorem 2, with the exact sum of Sauer's lemma at 2n"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def vapnik_chervonenkis1971(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most its empirical risk plus sqrt(8 (ln S(2n) + ln(4/delta)) / n),
    where S(2n) is the sum of the binomials C(2n, i), i <= d.

    This is the classical two-sided bound, P(sup |R - R_n| > e) <= 4 Pi(2n) exp(-n e^2/8), where the growth function Pi(2n) is bounded by
    Sauer's sum. Replacing Pi(2n) by Pi(n) would be wrong here. ``vc.sauer`` is tighter by a factor of about two, and so is
    ``vc.growth_function`` where the growth function itself is known.

    Derivation. If n e^2 < 2 there is nothing to show. If R - R_n > e for some hypothesis, its risk R' on n ghost examples has
    R' - R_n > e/2 with probability at least 1/2, by Chebyshev's inequality. So P(sup (R - R_n) > e) <= 2 P(sup (R' - R_n) > e/2). Given all
    2n examples there are at most Pi(2n) patterns of errors. For one of them R' - R_n is a mean of n independent signs times numbers in
    [-1, 1], which is above e/2 with probability at most exp(-n e^2/8) (Hoeffding, range 2). The other side doubles the probability.

    ``form="printed"`` bounds Pi(2n) by the relaxation (2 e n/d)^d, or by 2^(2n) where that is smaller or d > 2n.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=0, n=10**4, vc_dimension=10, delta=Fraction(1, 20))
    >>> round(vapnik_chervonenkis1971(**inputs).value, 13), round(vapnik_chervonenkis1971(**inputs, form="printed").value, 13)
    (0.2657980279172, 0.2689104702017)
    """
    return _terms(math, empirical_risk, n, log_growth_of_double_sample(math, n, vc_dimension), delta)


@vapnik_chervonenkis1971.other_form(
    "printed", provenance=DERIVED, source=Source("vapnik1971uniform", "Theorem 2, with Sauer's lemma (en/d)^d")
)
def _vapnik_chervonenkis1971_printed(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    return _terms(math, empirical_risk, n, printed_log_growth_of_double_sample(math, n, vc_dimension), delta)
