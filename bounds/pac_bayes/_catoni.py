from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import IID_STREAM, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, GIBBS_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import rate_index, weight_of_integer
from genbounds.bounds.inputs import POSITIVE
from genbounds.bounds.membership import whole
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World


def _inversion(math: World, empirical_risk: Number, cost: Number, temperature: Number) -> Number:
    """(1 - exp(-C R_n(Q) - cost)) / (1 - e^-C)."""
    return math.one_minus_exp(temperature * empirical_risk + cost) / math.one_minus_exp(temperature)


@bound(
    source=Source("catoni2007pac", "Theorem 1.2.6"),
    provenance=DERIVED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_STREAM, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE),
    symbols={
        "empirical_risk": r"\widehat{R}_n(Q)",
        "kl": r"\mathrm{KL}(Q \Vert P)",
        "n": "n",
        "temperature": "C",
        "delta": r"\delta",
    },
    domains={"temperature": POSITIVE.meaning_is("the free parameter C, fixed before the sample")},
    increasing=("empirical_risk", "kl"),
    takes={"empirical_risk": (EMPIRICAL_GIBBS_RISK,)},
    decreasing=("n", "delta"),
    fixed_in_advance=("temperature",),
    holds_for="every posterior at once, and all n",
)
def catoni(math: World, *, empirical_risk: Number, kl: Number, n: Number, temperature: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is, for all n at once, at most (1 - exp(-C R_n(Q) - (KL(Q||P) + ln(1/delta))/n)) / (1 - e^-C),
    where C was fixed before the sample.

    Derivation. For p = R(h), E e^{-C loss} <= 1 - (1 - e^-C) p. Let F(p) = -ln(1 - (1 - e^-C) p). Then the exponential of n F(R(h)) - n C
    R_n(h) is a supermartingale in n that starts at 1, and so is its average over the prior. By Ville's inequality, with probability at
    least 1 - delta that average stays at or below 1/delta for all n at once (Chugg et al. 2023). The inequality of Donsker and Varadhan and
    the convexity of F then give F(R(Q)) <= C R_n(Q) + (KL + ln(1/delta))/n for every n and every Q, which may change with n. Solving for
    R(Q) gives the statement.

    So the sample may grow, and training may stop, as the bound itself suggests, as long as the prior and C are those fixed at the start.
    There is no term ln xi(n). The infimum over C would be the kl inversion without that term, but it may not be taken for free: a C chosen
    on the sample must be a ``Choice``, which is charged, or use ``catoni_grid``.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``temperature`` C, ``delta``.

    >>> from fractions import Fraction
    >>> round(catoni(empirical_risk=Fraction(3, 100), kl=500, n=10**4, temperature=2, delta=Fraction(1, 20)).value, 13)
    0.1207799860547
    """
    return {"inversion": _inversion(math, empirical_risk, (kl + math.log_quotient(1, delta)) / n, temperature)}


def _search(*, empirical_risk: Any, kl: Any, n: Any, delta: Any) -> dict[str, np.ndarray]:
    def level(rate: Any, paid: Any) -> Any:
        return _inversion(FLOATS, empirical_risk, (kl + paid - np.log(delta)) / n, rate)

    return {"index": rate_index(level, empirical_risk, kl, n, delta)}


def _membership(math: World, *, index: Number, **_: Any) -> dict[str, Any]:
    """Every whole number is a point of the grid."""
    return {"index": whole(math, index)}


@bound(
    source=Source("catoni2007pac", "Theorem 1.2.6, over a grid of temperatures that is paid for"),
    provenance=DERIVED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_STREAM, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE),
    symbols={"empirical_risk": r"\widehat{R}_n(Q)", "kl": r"\mathrm{KL}(Q \Vert P)", "n": "n", "delta": r"\delta"},
    increasing=("empirical_risk", "kl"),
    takes={"empirical_risk": (EMPIRICAL_GIBBS_RISK,)},
    decreasing=("n", "delta"),
    holds_for="every posterior at once, and all n",
    choose=_search,
    membership=_membership,
    chosen={"index": "j"},
)
def catoni_grid(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number, index: Number) -> Terms:
    r"""The Gibbs risk of every posterior is, for all n at once, at most ``catoni`` at the best temperature C = 2^(j/2), where ln(1.5 (|j| +
    1)(|j| + 2)) is added to ln(1/delta) to pay for the choice of the integer j.

    Derivation. This is the union bound over j with the weights 1/(1.5 (|j| + 1)(|j| + 2)), which add up to 1. For each j the statement
    holds for all n at once. Every j is valid; the search in floats only looks for a good one. For large n the price of a C near 1 is less
    than the ln xi(n) of ``seeger2002``.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``delta``.

    >>> from fractions import Fraction
    >>> certificate = catoni_grid(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20))
    >>> certificate.choices["index"], round(certificate.value, 9)
    (1.0, 0.117266462)
    """
    temperature = math.let("C", math.power(2, index / 2))
    cost = (kl + math.log_quotient(1, delta) + weight_of_integer(math, index)) / n
    return {"inversion": _inversion(math, empirical_risk, cost, temperature)}
