from __future__ import annotations

from genbounds.bounds.assumptions import BOUNDED_LOSS, HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, VARIANCE_BOUND
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import LOSS_AVERAGE, NONNEGATIVE, RISK_IN_RANGE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

VARIANCE_CAP = NONNEGATIVE.meaning_is("upper bound, known in advance, on the true variance of the loss (loss_range^2/4 always is one)")


@bound(
    source=Source("bernstein1924modification", "the exponential inequality, solved exactly for the deviation"),
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
def bernstein(math: World, *, empirical_risk: Number, variance_bound: Number, n: Number, delta: Number, loss_range: Number = 1) -> Terms:
    r"""The risk of one fixed hypothesis whose loss has a variance of at most s^2 is at most R_n + (C D/3 + sqrt((C D/3)^2 + 2 n s^2 D))/n,
    where D = ln(1/delta).

    Derivation. The summands X = R - loss have mean 0, a variance of at most s^2, and X <= C = loss_range, since the loss is not negative
    and R <= C. So P(R - R_n >= t) <= exp(-n t^2 / (2 s^2 + 2 C t/3)) (Bernstein). Setting the right side to delta gives n t^2 - (2 C D/3)
    t - 2 s^2 D = 0, whose positive root is the deviation. It is at most 2 C D/(3n) + sqrt(2 s^2 D/n), the form usually printed. Under the
    same assumptions ``bennett`` is below this bound.

    Inputs: ``empirical_risk`` in [0, ``loss_range``]; ``variance_bound`` s^2, a bound on the *true* variance that is known in advance (for
    a measured variance use ``empirical_bernstein``); ``n``; ``delta``; ``loss_range`` C.

    >>> from fractions import Fraction
    >>> round(bernstein(empirical_risk=0, variance_bound=Fraction(1, 4), n=10**4, delta=Fraction(1, 10**10)).value, 13)
    0.0347069103016
    """
    cost = math.log_quotient(1, delta)
    linear = loss_range * cost / 3
    return {
        "empirical risk": empirical_risk,
        "deviation": (linear + math.sqrt(linear**2 + 2 * n * variance_bound * cost)) / n,
    }
