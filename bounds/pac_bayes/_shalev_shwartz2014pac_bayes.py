from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.inputs import Domain
from genbounds.bounds.theorem import GIBBS_RISK, PRINTED, Terms, bound


@bound(
    source=Source("shalevshwartz2014understanding", "Theorem 31.1"),
    provenance=PRINTED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE),
    symbols={"empirical_risk": r"\widehat{R}_n(Q)", "kl": r"\mathrm{KL}(Q \Vert P)", "n": "n", "delta": r"\delta"},
    domains={
        "n": Domain("be a whole number of at least 2", "the printed form divides by n - 1", 2, whole=True).meaning_is("number of examples")
    },
    increasing=("empirical_risk", "kl"),
    decreasing=("n", "delta"),
    holds_for="every posterior at once",
)
def shalev_shwartz2014pac_bayes(math: Any, *, empirical_risk: Any, kl: Any, n: Any, delta: Any) -> Terms:
    r"""The Gibbs risk is at most the empirical Gibbs risk plus sqrt((KL(Q||P) + ln(n/delta)) / (2 (n - 1))).

    As printed in the textbook. For n >= 4 it lies above ``mcallester``, which is derived here (n >= 2 sqrt n and n - 1 < n).

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n`` >= 2, ``delta``.

    >>> from fractions import Fraction
    >>> round(shalev_shwartz2014pac_bayes(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1900401978216
    """
    return {"empirical risk": empirical_risk, "complexity": math.sqrt((kl + math.log(n / delta)) / (2 * (n - 1)))}
