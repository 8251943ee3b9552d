from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import log_growth_of_double_sample, printed_log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


def _terms(math: World, empirical_risk: Number, n: Number, growth: Number, delta: Number) -> Terms:
    return {"empirical risk": empirical_risk, "deviation": 2 * math.sqrt(2 * (growth + math.log_quotient(2, delta)) / n)}


@bound(
    source=Source("bousquet2004introduction", "the one-sided Vapnik-Chervonenkis inequality, with the exact sum of Sauer's lemma at 2n"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def bousquet2004introduction(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most its empirical risk plus 2 sqrt(2 (ln S(2n) + ln(2/delta)) / n),
    where S(2n) is the sum of the binomials C(2n, i), i <= d.

    This is the one-sided form of ``vapnik_chervonenkis1971``, with ln(2/delta) in place of ln(4/delta): for one side the derivation there
    gives the probability 2 Pi(2n) exp(-n e^2/8). ``vc.sauer`` is tighter.

    ``form="printed"`` bounds the growth function Pi(2n) by the relaxation (2 e n/d)^d, or by 2^(2n) where that is smaller or d > 2n.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=0, n=10**4, vc_dimension=10, delta=Fraction(1, 20))
    >>> round(bousquet2004introduction(**inputs).value, 13), round(bousquet2004introduction(**inputs, form="printed").value, 13)
    (0.2647528543759, 0.2678774407068)
    """
    return _terms(math, empirical_risk, n, log_growth_of_double_sample(math, n, vc_dimension), delta)


@bousquet2004introduction.other_form(
    "printed",
    provenance=DERIVED,
    source=Source("bousquet2004introduction", "the one-sided Vapnik-Chervonenkis inequality, with Sauer's lemma (en/d)^d"),
)
def _bousquet2004introduction_printed(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    return _terms(math, empirical_risk, n, printed_log_growth_of_double_sample(math, n, vc_dimension), delta)
