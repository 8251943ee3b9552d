from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import BINARY_VOTES, IID_SAMPLE, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, MAJORITY_VOTE_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import Domain
from genbounds.bounds.pac_bayes._majority_vote import largest_vote_risk, possible_votes
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

_COMMON: dict[str, Any] = {
    "provenance": DERIVED,
    "bounds_on": MAJORITY_VOTE_RISK,
    "assumes": (IID_SAMPLE, BINARY_VOTES, PRIOR_INDEPENDENT_OF_SAMPLE),
    "symbols": {
        "empirical_risk": r"\widehat{R}_n(Q)",
        "disagreement": r"\widehat{d}_n(Q)",
        "kl": r"\mathrm{KL}(Q \Vert P)",
        "n": "n",
        "delta": r"\delta",
    },
    "domains": {
        "disagreement": Domain("lie in [0, 1/2]", "two voters disagree on at most half of the points on average", 0, 0.5).meaning_is(
            "expected disagreement of two voters on the sample"
        )
    },
    "requires": (possible_votes("empirical_risk"),),
    "increasing": ("empirical_risk", "kl"),
    "takes": {"empirical_risk": (EMPIRICAL_GIBBS_RISK,)},
    "decreasing": ("disagreement", "n", "delta"),
    "holds_for": "the weighted majority vote of every posterior at once",
}


@bound(source=Source("germain2015risk", "PAC-bound 1"), **_COMMON)
def germain2015pac_bound_1(math: World, *, empirical_risk: Number, disagreement: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of the majority vote of every posterior is at most the C-bound 1 - (1 - 2 r)^2/(1 - 2 d), where r is an upper kl inverse of
    the Gibbs risk, at most 1/2, and d is a lower kl inverse of the expected disagreement, each at delta/2.

    Here r = min(1/2, upper inverse of kl at (R_n(Q), (KL + ln(2 xi(n)/delta))/n)), and d is the lower inverse of kl at the disagreement on
    the sample and (2 KL + ln(2 xi(n)/delta))/n.

    Derivation. ``seeger2002`` at delta/2 bounds the Gibbs risk of the voters. Applied to pairs of voters, in the other direction, it bounds
    the expected disagreement from below: the disagreement is a loss of the pair, with posterior Q x Q and prior P x P, whose KL is 2 KL. By
    the union bound both hold, and ``c_bound`` increases in r and decreases in d.

    If the voters rarely disagree, this bound is below ``germain2015pac_bound_2``, which pays 2 KL for the Gibbs risk as well; if they often
    disagree, it is usually above.

    Inputs: ``empirical_risk``, the Gibbs risk on the sample; ``disagreement`` on the sample; ``kl`` in nats; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=Fraction(1, 5), disagreement=Fraction(3, 10), kl=2, n=1000, delta=Fraction(1, 20))
    >>> round(germain2015pac_bound_1(**inputs).value, 9)
    0.560543726
    """
    moment = math.let("t", math.log_quotient(2 * math.xi(n), delta))
    risk = math.minimum(math.kl_inverse(empirical_risk, (kl + moment) / n), math.ratio(1, 2))
    lower = math.kl_inverse_lower(disagreement, (2 * kl + moment) / n)
    return {"C-bound": largest_vote_risk(math, math.let("r", risk), math.let("d", lower))}


def _value(math: World, risk: Number, disagreement: Number, cost: Number, slope: Number, shift: Number) -> Number:
    """(1 - a)^2 + (t + 4a)(1 - e^-g), g = c + (R + d/2) ln(1 + 4a/t) - d ln(1 + (2a + 2a^2)/t): the dual value without cancellation."""
    missed = (risk + disagreement / 2) * math.log1p(4 * slope / shift)
    exponent = math.let("g", cost + missed - disagreement * math.log1p(2 * slope * (1 + slope) / shift))
    return (1 - slope) ** 2 + (shift + 4 * slope) * math.one_minus_exp(exponent)


def _search(*, empirical_risk: Any, disagreement: Any, kl: Any, n: Any, delta: Any) -> dict[str, np.ndarray]:
    """The a and t that nearly minimise the bound: a grid of their logarithms, zoomed in on its best point (the bound is unimodal)."""
    inputs = np.broadcast_arrays(empirical_risk, disagreement, kl, n, delta)
    shape = inputs[0].shape
    risk, apart, divergence, size, confidence = (entry.reshape(-1, 1, 1) for entry in inputs)
    cost = (2 * divergence + np.log(FLOATS.xi(size) + size) - np.log(confidence)) / size
    centre_a, centre_t = np.full((risk.shape[0], 1), -3.0), np.full((risk.shape[0], 1), 5.0)
    width_a, width_t = 6.0, 30.0
    steps = np.linspace(-1, 1, 25)
    for _ in range(9):
        log_a, log_t = centre_a + width_a * steps, centre_t + width_t * steps
        slope, shift = np.exp(log_a)[:, :, None], np.exp(log_t)[:, None, :]
        with np.errstate(over="ignore"):
            values = np.asarray(_value(FLOATS, risk, apart, cost, slope, shift)).reshape(risk.shape[0], -1)
        row, column = np.divmod(np.argmin(values, axis=1)[:, None], steps.size)
        centre_a, centre_t = np.take_along_axis(log_a, row, 1), np.take_along_axis(log_t, column, 1)
        width_a, width_t = width_a / 5, width_t / 5
    return {"slope": np.exp(centre_a).reshape(shape), "shift": np.exp(centre_t).reshape(shape)}


def _membership(math: World, *, slope: Number, shift: Number, **_: Any) -> dict[str, Any]:
    """The dual holds for every a >= 0 and every t > 0."""
    return {"slope": [math.less_equal(0, slope)], "shift": [math.less(0, shift)]}


@bound(
    source=Source("germain2015risk", "PAC-bound 2, by the dual derived here"),
    choose=_search,
    membership=_membership,
    chosen={"slope": "a", "shift": "t"},
    **_COMMON,
)
def germain2015pac_bound_2(
    math: World, *, empirical_risk: Number, disagreement: Number, kl: Number, n: Number, delta: Number, slope: Number, shift: Number
) -> Terms:
    r"""The risk of the majority vote of every posterior is at most the largest value of the C-bound over the set of joint errors and
    disagreements that a kl inequality for trinomials leaves possible.

    Let R be the Gibbs risk and d the expected disagreement. Two voters are both wrong with probability e = R - d/2, disagree with
    probability d, and are both right with probability 1 - e - d. With probability at least 1 - delta, the kl divergence of the empirical
    triple from the true one is at most c = (2 KL + ln((xi(n) + n)/delta))/n, for every posterior.

    Derivation of the constant. The proof is that of ``seeger2002`` for pairs of voters. The moment of exp(n kl) of a trinomial is at most
    n! n^-n [z^n] (1 - T(z))^-3, where T = z e^T. By Lagrange inversion [z^n] (1 - T(z))^-3 = [u^n] e^{nu}/(1 - u)^2 = (n + 1) S - n (S -
    n^n/n!) with S = sum_{k<=n} n^k/k!, and n! n^-n times this is xi(n) + n.

    Derivation of the value. By the proof of ``c_bound`` the risk is at most 1 - E L for every a >= 0, where L is -2a - a^2, a^2 and 2a -
    a^2 in the three cases. For every t > 0 let s = 2a + a^2 + t, so that L + s > 0. Jensen's inequality for the empirical weights gives E
    L + s >= exp(-c) prod_i (L_i + s)^{empirical weight i}. So for all a and t the risk is at most 1 + 2a + a^2 + t - exp(-c) t^e (t + 2a +
    2a^2)^d (t + 4a)^{1-e-d}, with e and d empirical, which the code writes without cancellation. The best a and t give the largest value of
    the C-bound over the set, since the minimax is attained. They are searched in floats, and all a and t are valid.

    Inputs: ``empirical_risk``, the Gibbs risk on the sample; ``disagreement`` on the sample; ``kl`` in nats; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=Fraction(1, 5), disagreement=Fraction(3, 10), kl=2, n=1000, delta=Fraction(1, 20))
    >>> round(germain2015pac_bound_2(**inputs).value, 9)  # 0.360433 by the optimiser of published code
    0.360435703
    """
    cost = math.let("c", (2 * kl + math.log_quotient(math.xi(n) + n, delta)) / n)
    return {"joint inversion": _value(math, empirical_risk, disagreement, cost, slope, shift)}
