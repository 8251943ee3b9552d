from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.inputs import Domain
from genbounds.bounds.pac_bayes._every_posterior import EVERY_POSTERIOR
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("shalevshwartz2014understanding", "Theorem 31.1"),
    provenance=PRINTED,
    domains={
        "n": Domain("be a whole number of at least 2", "the printed form divides by n - 1", 2, whole=True).meaning_is("number of examples")
    },
    **EVERY_POSTERIOR,
)
def shalev_shwartz2014pac_bayes(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk is at most the empirical Gibbs risk plus sqrt((KL(Q||P) + ln(n/delta)) / (2 (n - 1))).

    As printed in the textbook. For n >= 4 it lies above ``mcallester``, which is derived here (n >= 2 sqrt n and n - 1 < n).

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n`` >= 2, ``delta``.

    >>> from fractions import Fraction
    >>> round(shalev_shwartz2014pac_bayes(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1900401978216
    """
    return {"empirical risk": empirical_risk, "complexity": math.sqrt((kl + math.log_quotient(n, delta)) / (2 * (n - 1)))}
