from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.pac_bayes._every_posterior import EVERY_POSTERIOR
from genbounds.bounds.pac_bayes._relaxed import relaxed_cost
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("perezortiz2021tighter", "the PAC-Bayes-quadratic bound"),
    provenance=DERIVED,
    **EVERY_POSTERIOR,
)
def quadratic(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most (sqrt(R_n(Q) + c/2) + sqrt(c/2))^2, where c = (KL(Q||P) + ln(2 sqrt(n)/delta)) / n.

    Derivation. This is ``seeger2002`` with xi(n) <= 2 sqrt n, relaxed by kl(q||p) >= (p - q)^2/(2p) for p >= q. Then p - sqrt(2 c p) - q <=
    0, a quadratic inequality in sqrt p whose larger root is sqrt(c/2) + sqrt(q + c/2). The bound equals ``thiemann`` at its best weight. It
    is differentiable except at 0, and can serve as a training objective.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``delta``.

    >>> from fractions import Fraction
    >>> round(quadratic(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1558853354881
    """
    half = relaxed_cost(math, kl, n, delta) / 2
    return {"quadratic inversion": (math.sqrt(empirical_risk + half) + math.sqrt(half)) ** 2}
