from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bousquet2004introduction", "the one-sided Vapnik-Chervonenkis inequality, with Sauer's lemma (en/d)^d"),
    provenance=PRINTED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def bousquet2004introduction(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis is at most its empirical risk plus 2 sqrt(2 (d ln(2 e n/d) + ln(2/delta)) / n).

    The one-sided form of ``vapnik_chervonenkis1971``, with ln(2/delta) for ln(4/delta). ``vc.sauer`` is tighter.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> round(bousquet2004introduction(empirical_risk=0, n=10**4, vc_dimension=10, delta=Fraction(1, 20)).value, 13)
    0.2678774407068
    """
    growth = log_growth_of_double_sample(math, n, vc_dimension)
    return {"empirical risk": empirical_risk, "deviation": 2 * math.sqrt(2 * (growth + math.log_quotient(2, delta)) / n)}
