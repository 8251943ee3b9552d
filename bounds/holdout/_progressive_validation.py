from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import IID_STREAM, LOSS_IN_UNIT_INTERVAL, ONLINE_LOSSES
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import MEAN_RISK_OF_ITERATES
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import rate_index, weight_of_integer
from genbounds.bounds.inputs import POSITIVE, UNIT
from genbounds.bounds.membership import whole
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

_ONLINE_RISK = UNIT.meaning_is("average of the online losses, each of the hypothesis before it saw the example")


def _level(math: World, online_risk: Number, cost: Number, rate: Number) -> Number:
    """(1 - exp(-rate M - cost)) / (1 - e^-rate)."""
    return math.one_minus_exp(rate * online_risk + cost) / math.one_minus_exp(rate)


@bound(
    source=Source("cesabianchi2004generalization", "online-to-batch conversion, with the supermartingale derived here"),
    provenance=DERIVED,
    bounds_on=MEAN_RISK_OF_ITERATES,
    assumes=(IID_STREAM, LOSS_IN_UNIT_INTERVAL, ONLINE_LOSSES),
    symbols={"online_risk": r"\widehat{M}_n", "n": "n", "rate": r"\lambda", "delta": r"\delta"},
    domains={"online_risk": _ONLINE_RISK, "rate": POSITIVE.meaning_is("the free parameter lambda, fixed before the sample")},
    increasing=("online_risk",),
    decreasing=("n", "delta"),
    fixed_in_advance=("rate",),
    holds_for="the iterate drawn uniformly from h_0..h_{n-1}, given the sample, for all n at once",
)
def progressive_validation(math: World, *, online_risk: Number, n: Number, rate: Number, delta: Number) -> Terms:
    r"""The mean risk of the iterates of one online pass is, for all n at once, at most (1 - exp(-lambda M - ln(1/delta)/n)) / (1 -
    e^-lambda), where M is the average online loss and lambda was fixed in advance.

    Derivation. Let l_t be the loss of h_{t-1} on example t, let R_t be the risk of h_{t-1}, and let c = 1 - e^-lambda. Since e^{-lambda l}
    <= 1 - c l on [0, 1], E[e^{-lambda l_t} | past] <= 1 - c R_t. So the product over t of e^{-lambda l_t} / (1 - c R_t) is a
    supermartingale with initial value 1. By Ville's inequality it exceeds 1/delta for some n with probability at most delta. Otherwise
    -sum_t ln(1 - c R_t) <= lambda n M + ln(1/delta) for every n. As -ln(1 - c r) is convex in r, the left side is at least -n ln(1 - c R)
    by Jensen's inequality, where R is the mean of R_1, ..., R_n. Solving for R gives the statement.

    The run may be looked at after every example and stopped at any time. A single hypothesis fixed in advance is an online run too, and for
    its risk this is a bound for all n at once. The bound is about the iterate drawn at random (for convex losses also about the averaged
    predictor), not about the last or the best one, and only the first pass over the data is online.

    Inputs: ``online_risk`` M; ``n``, the length of the pass; ``rate`` lambda, fixed before the sample, or a ``Choice`` among K values,
    which is charged (``progressive_validation_grid`` does this by itself); ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(online_risk=Fraction(1, 100), n=1000, delta=Fraction(1, 20))
    >>> round(progressive_validation(**inputs, rate=Fraction(7, 10)).value, 13)
    0.0197569539683
    """
    return {"mean risk": _level(math, online_risk, math.log_quotient(1, delta) / n, rate)}


def _search(*, online_risk: Any, n: Any, delta: Any) -> dict[str, np.ndarray]:
    return {"index": rate_index(lambda rate, cost: _level(FLOATS, online_risk, (cost - np.log(delta)) / n, rate), online_risk, n, delta)}


def _membership(math: World, *, index: Number, **_: Any) -> dict[str, Any]:
    """Every whole number is a point of the grid."""
    return {"index": whole(math, index)}


@bound(
    source=Source("cesabianchi2004generalization", "online-to-batch conversion, over a grid of rates that is paid for"),
    provenance=DERIVED,
    bounds_on=MEAN_RISK_OF_ITERATES,
    assumes=(IID_STREAM, LOSS_IN_UNIT_INTERVAL, ONLINE_LOSSES),
    symbols={"online_risk": r"\widehat{M}_n", "n": "n", "delta": r"\delta"},
    domains={"online_risk": _ONLINE_RISK},
    increasing=("online_risk",),
    decreasing=("n", "delta"),
    choose=_search,
    membership=_membership,
    chosen={"index": "j"},
    holds_for="the iterate drawn uniformly from h_0..h_{n-1}, given the sample, for all n at once",
)
def progressive_validation_grid(math: World, *, online_risk: Number, n: Number, delta: Number, index: Number) -> Terms:
    r"""The mean risk of the iterates of one online pass is, for all n at once, at most ``progressive_validation`` at the best rate lambda =
    2^(j/2), where ln(1.5 (|j| + 1)(|j| + 2)) is added to ln(1/delta) to pay for the choice of the integer j.

    Derivation. This is the union bound over j with the weights 1/(1.5 (|j| + 1)(|j| + 2)), which add up to 1. For each j the statement
    holds for all n at once. Neighbouring rates differ by a factor of sqrt 2, so that the best of them loses about 1.5 % of the slack at
    most. Every j is valid; the search in floats only looks for a good one.

    Inputs: ``online_risk``; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> certificate = progressive_validation_grid(online_risk=Fraction(1, 100), n=1000, delta=Fraction(1, 20))
    >>> certificate.choices["index"], round(certificate.value, 9)
    (0.0, 0.02214053)
    """
    rate = math.let(r"\lambda", math.power(2, index / 2))
    return {"mean risk": _level(math, online_risk, (math.log_quotient(1, delta) + weight_of_integer(math, index)) / n, rate)}
