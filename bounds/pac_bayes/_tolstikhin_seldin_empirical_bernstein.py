from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE, UNBIASED_VARIANCE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, GIBBS_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import rate_index, weight_of_integer
from genbounds.bounds.inputs import AT_LEAST_TWO, SAMPLE_VARIANCE, Requirement
from genbounds.bounds.membership import whole
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

_VARIANCE = SAMPLE_VARIANCE.meaning_is("posterior average of the unbiased sample variances of the losses (ddof=1)")

_POSSIBLE = Requirement(
    ("variance", "n"),
    lambda variance, n: variance * (4 * (n - 1)) <= n,
    "variance must be at most n/(4 (n - 1))",
    "losses in [0, 1] have no larger variance: divide the squares by n - 1, and rescale the losses",
)


def _largest_variance(math: World, variance: Number, cost: Number, n: Number, rate: Number) -> Number:
    """(r V + cost/(n - 1)) / (1 - e^-r)."""
    return (rate * variance + cost / (n - 1)) / math.one_minus_exp(rate)


def _deviation(math: World, variance: Number, cost: Number, n: Number, rate: Number) -> Number:
    """V (e^l - l - 1)/l + cost/(n l), for the rate l."""
    return variance * math.x_minus_log1p(math.expm1(rate)) / rate + cost / (n * rate)


def _search(*, empirical_risk: Any, variance: Any, kl: Any, n: Any, delta: Any) -> dict[str, np.ndarray]:
    shared = kl + np.log(2) - np.log(delta)
    inputs = (empirical_risk, variance, kl, n, delta)
    inner = rate_index(lambda rate, paid: _largest_variance(FLOATS, variance, shared + paid, n, rate), *inputs)
    spread = _largest_variance(FLOATS, variance, shared + weight_of_integer(FLOATS, inner), n, 2.0 ** (inner / 2))
    spread = np.minimum(np.asarray(spread), 0.25)

    def level(rate: Any, paid: Any) -> Any:
        with np.errstate(over="ignore"):
            return _deviation(FLOATS, spread, shared + paid, n, rate)

    return {"inner": inner, "outer": rate_index(level, *inputs)}


def _membership(math: World, *, inner: Number, outer: Number, **_: Any) -> dict[str, Any]:
    """Every whole number is a point of either grid."""
    return {"inner": whole(math, inner), "outer": whole(math, outer)}


@bound(
    source=Source("tolstikhin2013pac", "the PAC-Bayes-empirical-Bernstein inequality, with constants derived here"),
    provenance=DERIVED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE, UNBIASED_VARIANCE),
    symbols={
        "empirical_risk": r"\widehat{R}_n(Q)",
        "variance": r"\widehat{V}_n(Q)",
        "kl": r"\mathrm{KL}(Q \Vert P)",
        "n": "n",
        "delta": r"\delta",
    },
    domains={"n": AT_LEAST_TWO, "variance": _VARIANCE},
    requires=(_POSSIBLE,),
    increasing=("empirical_risk", "variance", "kl"),
    takes={"empirical_risk": (EMPIRICAL_GIBBS_RISK,)},
    decreasing=("n", "delta"),
    choose=_search,
    membership=_membership,
    chosen={"inner": "i", "outer": "j"},
    holds_for="every posterior at once",
)
def tolstikhin_seldin_empirical_bernstein(
    math: World, *, empirical_risk: Number, variance: Number, kl: Number, n: Number, delta: Number, inner: Number, outer: Number
) -> Terms:
    r"""The Gibbs risk of every posterior is at most R_n(Q) + V (e^l - l - 1)/l + (KL(Q||P) + ln(2/delta) + w_j)/(n l), where V is an upper
    bound on the posterior average of the variance of the loss, computed from the sample variances, and l = 2^(j/2).

    Here V = (r V_n(Q) + (KL + ln(2/delta) + w_i)/(n - 1))/(1 - e^-r), or 1/4 if that is smaller, with r = 2^(i/2), where V_n(Q) is the
    posterior average of the unbiased sample variances of the losses. The terms w_j = ln(1.5 (|j| + 1)(|j| + 2)) and w_i pay for the choice
    of the rates, and all integers i and j are valid. The bound is small where the losses of each voter vary little over the examples.

    Derivation. (1) For one hypothesis with variance V, E exp(l (R - loss)) <= exp(V (e^l - l - 1)) (Bennett). The inequalities of Donsker
    and Varadhan and of Markov, at delta/2, give the bound with V = V(Q), the posterior average of the true variances. (2) The unbiased
    variance V_n is the average, over all ways of pairing the examples, of the mean of m = floor(n/2) independent terms (x - x')^2/2, which
    lie in [0, 1/2] and have mean V. So by Jensen's inequality E exp(-2 m r V_n) <= (E exp(-2 r (x - x')^2/2))^m <= (1 - 2 V (1 - e^-r))^m
    <= exp(-2 m V (1 - e^-r)). The same two inequalities at delta/2 give V(Q) (1 - e^-r) <= r V_n(Q) + (KL + ln(2/delta))/(2 m), where 2 m
    >= n - 1. (3) The union bounds over i and over j add w_i and w_j.

    Inputs: ``empirical_risk``; ``variance`` V_n(Q) of losses in [0, 1] (for losses 0 and 1 and a single hypothesis it is R_n (1 - R_n)
    n/(n - 1)); ``kl`` in nats; ``n`` >= 2; ``delta``.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.pac_bayes import seeger2002
    >>> inputs = dict(kl=5, n=10**5, delta=Fraction(1, 20))
    >>> certificate = tolstikhin_seldin_empirical_bernstein(**inputs, empirical_risk=Fraction(3, 10), variance=Fraction(1, 1000))
    >>> round(certificate.value, 9), round(seeger2002(**inputs, empirical_risk=Fraction(3, 10)).value, 9)
    (0.300654324, 0.307699331)
    """
    shared = math.let("t", kl + math.log_quotient(2, delta))
    rate = math.let("r", math.power(2, inner / 2))
    spread = _largest_variance(math, variance, shared + weight_of_integer(math, inner), n, rate)
    spread = math.let("V", math.minimum(spread, math.ratio(1, 4)))
    tilt = math.let(r"\lambda", math.power(2, outer / 2))
    return {
        "empirical risk": empirical_risk,
        "deviation": _deviation(math, spread, shared + weight_of_integer(math, outer), n, tilt),
    }
