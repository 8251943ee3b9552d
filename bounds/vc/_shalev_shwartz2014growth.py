from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import printed_log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("shalevshwartz2014understanding", "Theorem 6.11, with Sauer's lemma (en/d)^d"),
    provenance=PRINTED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def shalev_shwartz2014growth(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis is at most its empirical risk plus (4 + sqrt(d ln(2 e n/d))) / (delta sqrt(2 n)).

    From the mean of the supremum by Markov's inequality, hence 1/delta in place of its logarithm: for comparison only.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> round(shalev_shwartz2014growth(empirical_risk=0, n=10**4, vc_dimension=10, delta=Fraction(1, 20)).value, 12)
    1.877241939899
    """
    growth = printed_log_growth_of_double_sample(math, n, vc_dimension)
    return {"empirical risk": empirical_risk, "deviation": (4 + math.sqrt(growth)) / (delta * math.sqrt(2 * n))}
