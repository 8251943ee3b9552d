from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, IID_STREAM, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import UNIT
from genbounds.bounds.membership import whole_from
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

_LOSSES = UNIT.as_vector(
    "the losses in [0, 1] of the held-out examples, in the order in which they were drawn", "pass the whole list of losses, in order"
)
_COMMON: dict[str, Any] = {
    "assumes": (IID_STREAM, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    "symbols": {"losses": "x", "delta": r"\delta"},
    "domains": {"losses": _LOSSES},
    "holds_for": "one hypothesis fixed before the sample, for all numbers of losses at once",
}


def _means(math: World, losses: Number) -> Number:
    """(1/2 + x_1 + ... + x_t)/(t + 1): running means, drawn to 1/2."""
    return math.let("m", (math.ratio(1, 2) + math.cumulative(losses)) / (math.positions(losses) + 1))


def _variances_before(math: World, losses: Number) -> Number:
    """(1/4 + (x_1 - m_1)^2 + ... + (x_{t-1} - m_{t-1})^2)/t: running variances, drawn to 1/4, of what is known before loss t."""
    squares = math.power(losses - _means(math, losses), 2)
    variances = math.let("v", (math.ratio(1, 4) + math.cumulative(squares)) / (math.positions(losses) + 1))
    return math.prepend(math.ratio(1, 4), math.before(variances))


@bound(source=Source("waudbysmith2024estimating", "hedged capital, its upper side"), provenance=DERIVED, form="anytime", **_COMMON)
def betting(math: World, *, losses: Number, delta: Number) -> Terms:
    r"""The risk of one fixed hypothesis is, for all n at once, at most the least mean against which a bettor has at some time multiplied
    the capital by 1/delta.

    Derivation. Against a mean m the bettor stakes b_t(m) = min(lambda_t, 3/(4 (1 - m))) on loss t, where lambda_t >= 0 depends only on the
    losses before it. The capital K_n(m), the product of the factors 1 + b_t(m) (m - x_t), stays positive, since each factor is at least
    1/4. At the true risk the factors have mean 1 given the past, so K_n is a martingale that starts at 1. By Ville's inequality it reaches
    1/delta for some n with probability at most delta. Each factor increases in m, since (m - x)/(1 - m) does. So the means that have ever
    been rejected form an interval up to 1, and with probability at least 1 - delta the risk is not in its interior. The largest capital
    over all n so far may therefore be taken, and the bound never rises as losses come in. The bets are on small losses only, since only an
    upper bound is wanted, and all of delta is spent on them.

    The bets are those of the source: lambda_t = sqrt(2 ln(1/delta)/(v_{t-1} t ln(1 + t))), with v_t = (1/4 + sum_{i<=t} (x_i -
    m_i)^2)/(t + 1) and m_t = (1/2 + sum_{i<=t} x_i)/(t + 1). If the number of losses was fixed beforehand, ``form="fixed n"`` is tighter,
    with lambda_t = sqrt(2 ln(1/delta)/(v_{t-1} n)). Any rule that looks only at earlier losses would be valid. The order of the losses is
    part of the data: it must be the one in which the examples were drawn, or another that was chosen without looking at the losses.

    Inputs: ``losses``, all of them, in order; ``delta``.

    >>> from fractions import Fraction
    >>> losses = [0, 0, 0, Fraction(1, 2)] * 100
    >>> tenth = Fraction(1, 10)
    >>> round(betting(losses=losses, delta=tenth).value, 9), round(betting(losses=losses, delta=tenth, form="fixed n").value, 9)
    (0.151818784, 0.149176673)
    """
    cost = math.log_quotient(1, delta)
    positions = math.positions(losses)
    bets = math.let(r"\lambda", math.sqrt(2 * math.along(cost) / (_variances_before(math, losses) * positions * math.log(1 + positions))))
    return {"least rejected mean": math.capital_inverse(losses, bets, cost)}


@betting.other_form("fixed n", provenance=DERIVED, assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE))
def _betting_fixed(math: World, *, losses: Number, delta: Number) -> Terms:
    cost = math.log_quotient(1, delta)
    count = math.along(math.last(math.positions(losses)))
    bets = math.let(r"\lambda", math.sqrt(2 * math.along(cost) / (_variances_before(math, losses) * count)))
    return {"least rejected mean": math.capital_inverse(losses, bets, cost)}


def _limits(math: World, losses: Number, cost: Number, index: Number) -> Number:
    """The limit after each loss, at the rate 2^(-j/2)."""
    rate = math.let(r"\lambda", 1 / math.power(2, index / 2))
    growth = math.let(r"\psi", math.x_minus_log1p(-rate))
    positions = math.positions(losses)
    guesses = math.prepend(math.ratio(1, 2), math.before(_means(math, losses)))
    spread = math.let("V", math.cumulative(math.power(losses - guesses, 2)))
    paid = math.let("c", cost + math.log(index * (index + 1)))
    return math.cumulative(losses) / positions + (math.along(paid) + math.along(growth) * spread) / (math.along(rate) * positions)


_RATES = np.arange(1.0, 61.0)


def _search(*, losses: Any, delta: Any) -> dict[str, np.ndarray]:
    """The rate of the smallest limit."""
    cost = -np.log(delta)
    values: list[Any] = [FLOATS.smallest(_limits(FLOATS, FLOATS.lift(losses), cost, index)) for index in _RATES]
    return {"index": _RATES[np.argmin(np.stack(np.broadcast_arrays(*values)), axis=0)]}


def _membership(math: World, *, index: Number, **_: Any) -> dict[str, Any]:
    """Every whole number from 1 on is a point of the grid."""
    return {"index": whole_from(math, index, 1)}


@bound(
    source=Source("howard2021time", "the empirical-Bernstein supermartingale, over a grid of rates that is paid for"),
    provenance=DERIVED,
    choose=_search,
    membership=_membership,
    chosen={"index": "j"},
    decreasing=("delta",),
    **_COMMON,
)
def empirical_bernstein_sequence(math: World, *, losses: Number, delta: Number, index: Number) -> Terms:
    r"""The risk of one fixed hypothesis is, for all n at once, at most the least over t <= n of the mean of the first t losses plus (ln(j
    (j + 1)/delta) + psi(lambda) V_t)/(lambda t).

    Here lambda = 2^(-j/2), psi(lambda) = -ln(1 - lambda) - lambda, and V_t is the sum over i <= t of (x_i - g_i)^2, where g_i = (1/2 +
    x_1 + ... + x_{i-1})/i is a guess made before loss i is seen. As V_n grows, the best j adds a term of order sqrt(V_n ln ln V_n)/n to the
    mean, which is the least order possible for a bound that holds for all n.

    Derivation. The quotient (ln(1 + u) - u)/u^2 increases in u. So for 0 <= lambda < 1 and s >= -1 we have ln(1 + lambda s) - lambda s >=
    s^2 (ln(1 - lambda) + lambda), that is, exp(lambda s - psi s^2) <= 1 + lambda s. Let s = g_i - x_i, whose mean given the past is g_i -
    R. Then the left side has a conditional mean of at most 1 + lambda (g_i - R) <= exp(lambda (g_i - R)). Hence exp(lambda sum_i (R -
    x_i) - psi V_n) is a supermartingale that starts at 1. Ville's inequality at delta/(j (j + 1)) and the union over j >= 1 give the
    statement, after solving for R. It holds for all j and all n at once, so the least value over both may be taken. The search for j in
    floats can cost tightness only.

    Inputs: ``losses``, all of them, in order; ``delta``.

    >>> from fractions import Fraction
    >>> found = empirical_bernstein_sequence(losses=[0, 0, 0, Fraction(1, 2)] * 100, delta=Fraction(1, 10))
    >>> found.choices["index"], round(found.value, 9)
    (2.0, 0.16311003)
    """
    return {"least limit": math.smallest(_limits(math, losses, math.log_quotient(1, delta), index))}
