from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, GIBBS_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import Domain
from genbounds.bounds.pac_bayes._relaxed import relaxed_cost
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_WEIGHT = Domain(
    "lie in (0, 2)", "the weight of the complexity; 2/(sqrt(2 n R/(KL + ln(2 sqrt(n)/delta)) + 1) + 1) is the best", 0, 2, True, True
).meaning_is("the weight lambda of the trade-off; it may be chosen after the sample, at no cost")


@bound(
    source=Source("thiemann2017strongly", "Theorem 3"),
    provenance=DERIVED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE),
    symbols={
        "empirical_risk": r"\widehat{R}_n(Q)",
        "kl": r"\mathrm{KL}(Q \Vert P)",
        "n": "n",
        "weight": r"\lambda",
        "delta": r"\delta",
    },
    domains={"weight": _WEIGHT},
    increasing=("empirical_risk", "kl"),
    takes={"empirical_risk": (EMPIRICAL_GIBBS_RISK,)},
    decreasing=("n", "delta"),
    holds_for="every posterior and every weight at once",
)
def thiemann(math: World, *, empirical_risk: Number, kl: Number, n: Number, weight: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most R_n(Q)/(1 - w/2) + (KL(Q||P) + ln(2 sqrt(n)/delta)) / (n w (1 - w/2)), for every weight
    w in (0, 2) at once.

    Derivation. This is ``seeger2002`` with xi(n) <= 2 sqrt n. Let c = (KL(Q||P) + ln(2 sqrt(n)/delta))/n. Then kl(q||p) >= (p - q)^2/(2p)
    gives p - q <= sqrt(2 c p) <= w p/2 + c/w, by the inequality of the arithmetic and geometric means, and solving for p gives the
    statement. The event does not depend on w, so the choice of w costs nothing.

    Minimised over w the bound is ``quadratic``, at w = 2/(sqrt(2 R_n(Q)/c + 1) + 1). For a fixed w it is a linear function of R_n(Q) and
    KL(Q||P), hence convex in the posterior, and for a fixed posterior it is convex in w, so the two can be minimised in turn.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``weight`` w, ``delta``.

    >>> from fractions import Fraction
    >>> weight = 0.807550852002423  # the best one
    >>> round(thiemann(empirical_risk=Fraction(3, 100), kl=500, n=10**4, weight=weight, delta=Fraction(1, 20)).value, 13)
    0.1558853354881
    """
    kept = 1 - weight / 2
    return {"empirical risk": empirical_risk / kept, "complexity": relaxed_cost(math, kl, n, delta) / (weight * kept)}
