from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import Domain
from genbounds.bounds.pac_bayes._every_posterior import EVERY_POSTERIOR
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("shalevshwartz2014understanding", "Theorem 31.1"),
    provenance=DERIVED,
    domains={
        "n": Domain("be a whole number of at least 2", "the printed form divides by n - 1", 2, whole=True).meaning_is("number of examples")
    },
    **EVERY_POSTERIOR,
)
def shalev_shwartz2014pac_bayes(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most its empirical Gibbs risk plus sqrt((KL(Q||P) + ln(n/delta)) / (2 (n - 1))).

    Derivation. The bound lies above ``seeger2002`` relaxed by Pinsker's inequality, whose deviation is sqrt((KL + ln(xi(n)/delta))/(2n)).
    For n >= 4 this is so because xi(n) <= 2 sqrt n <= n and n - 1 < n. For n = 2, xi = 5/2, and n ln n = 1.386 exceeds (n - 1) ln xi =
    .916. For n = 3, xi = 26/9, and 3.296 exceeds 2.122. KL and ln(1/delta) are not negative, so they only add to the difference.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n`` >= 2, ``delta``.

    >>> from fractions import Fraction
    >>> round(shalev_shwartz2014pac_bayes(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1900401978216
    """
    return {"empirical risk": empirical_risk, "complexity": math.sqrt((kl + math.log_quotient(n, delta)) / (2 * (n - 1)))}
