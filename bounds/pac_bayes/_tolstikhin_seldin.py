from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.pac_bayes._every_posterior import EVERY_POSTERIOR
from genbounds.bounds.pac_bayes._relaxed import relaxed_cost
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("tolstikhin2013pac", "the PAC-Bayes-kl bound relaxed by the refined Pinsker inequality"),
    provenance=DERIVED,
    **EVERY_POSTERIOR,
)
def tolstikhin_seldin(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most R_n(Q) + sqrt(2 R_n(Q) c) + 2 c, where c = (KL(Q||P) + ln(2 sqrt(n)/delta)) / n.

    Derivation. This is ``seeger2002`` with xi(n) <= 2 sqrt n, relaxed by kl(q||p) >= (p - q)^2/(2p) for p >= q. From (p - q)^2 <= 2 c p, a
    quadratic inequality in sqrt p, it follows that p <= q + c + sqrt(2 q c + c^2) <= q + sqrt(2 q c) + 2 c. The deviation has the fast
    order c where the empirical risk is small. ``quadratic`` is the form before the last inequality, and so it is never above this bound.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``delta``.

    >>> from fractions import Fraction
    >>> round(tolstikhin_seldin(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1868834810256
    """
    cost = relaxed_cost(math, kl, n, delta)
    return {"empirical risk": empirical_risk, "deviation": math.sqrt(2 * empirical_risk * cost), "remainder": 2 * cost}
