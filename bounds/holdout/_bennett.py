from __future__ import annotations

from genbounds.bounds.assumptions import BOUNDED_LOSS, HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, VARIANCE_BOUND
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.holdout._bernstein import VARIANCE_CAP
from genbounds.bounds.inputs import LOSS_AVERAGE, RISK_IN_RANGE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bennett1962probability", "the exponential inequality, inverted exactly"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, BOUNDED_LOSS, HYPOTHESIS_INDEPENDENT_OF_SAMPLE, VARIANCE_BOUND),
    symbols={"empirical_risk": r"\widehat{R}_n", "variance_bound": r"\sigma^2", "n": "n", "delta": r"\delta", "loss_range": "C"},
    domains={"empirical_risk": LOSS_AVERAGE, "variance_bound": VARIANCE_CAP},
    requires=(RISK_IN_RANGE,),
    increasing=("empirical_risk", "variance_bound", "loss_range"),
    decreasing=("n", "delta"),
    trivial="loss_range",
    holds_for="one hypothesis fixed before the sample",
)
def bennett(math: World, *, empirical_risk: Number, variance_bound: Number, n: Number, delta: Number, loss_range: Number = 1) -> Terms:
    r"""The risk of one fixed hypothesis whose loss has a variance of at most s^2 is at most R_n + t, where t is the root of v h(t/v) = C
    ln(1/delta)/n with v = s^2/C and h(u) = (1 + u) ln(1 + u) - u.

    Derivation. The summands X = (R - loss)/C have mean 0, a variance of at most w = s^2/C^2, and X <= 1, since the loss is not negative and
    R <= C. For a rate l > 0 the quotient (e^{l x} - 1 - l x)/x^2 increases in x, so that E e^{l X} <= 1 + w (e^l - 1 - l) <= exp(w (e^l -
    1 - l)). Chernoff's method with the best rate, l = ln(1 + t/v), gives P(R - R_n >= t) <= exp(-n w h(t/v)), where t/v = (t/C)/w
    (Bennett). The right side is delta at the stated t.

    Under the same assumptions the bound is below ``bernstein``, which has the smaller function u^2/(2 + 2 u/3) in place of h(u).

    Inputs: ``empirical_risk`` in [0, ``loss_range``]; ``variance_bound`` s^2, a bound on the *true* variance that is known in advance (for
    a measured variance use ``empirical_bernstein``); ``n``; ``delta``; ``loss_range`` C.

    >>> from fractions import Fraction
    >>> round(bennett(empirical_risk=0, variance_bound=Fraction(1, 100), n=10**4, delta=Fraction(1, 10**10)).value, 13)
    0.0075166201786
    """
    scale = math.let("v", variance_bound / loss_range)
    return {"empirical risk": empirical_risk, "deviation": math.bennett_inverse(scale, loss_range * math.log_quotient(1, delta) / n)}
