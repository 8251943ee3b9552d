"""The PAC-Bayes-kl bound with the moments that papers print: 2 sqrt(n), and n + 1."""

from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.pac_bayes._every_posterior import EVERY_POSTERIOR
from genbounds.bounds.pac_bayes._relaxed import relaxed_cost
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(source=Source("maurer2004note", "Theorem 5"), provenance=DERIVED, **EVERY_POSTERIOR)
def maurer2004(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most the upper inverse of kl at (R_n(Q), (KL(Q||P) + ln(2 sqrt(n)/delta)) / n).

    Derivation. This is ``seeger2002`` with xi(n) <= 2 sqrt(n), which Maurer proves for n >= 8, and which is checked directly for n = 1,
    ..., 7 (with equality at n = 1). Most published certificates use this form. It is never below ``seeger2002``, whose level is smaller by
    about ln(1.6)/n.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``delta``.

    >>> from fractions import Fraction
    >>> round(maurer2004(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1176012664754
    """
    return {"kl inversion": math.kl_inverse(empirical_risk, relaxed_cost(math, kl, n, delta))}


@bound(source=Source("langford2001bounds", "the averaging bound"), provenance=DERIVED, **EVERY_POSTERIOR)
def langford2001(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most the upper inverse of kl at (R_n(Q), (KL(Q||P) + ln((n + 1)/delta)) / n).

    Derivation. This is ``seeger2002`` with xi(n) <= n + 1: each of the n + 1 terms C(n,k) (k/n)^k (1-k/n)^(n-k) of xi(n) is a probability.
    It is the form of the first papers on this bound.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``delta``.

    >>> from fractions import Fraction
    >>> round(langford2001(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1180642580614
    """
    return {"kl inversion": math.kl_inverse(empirical_risk, (kl + math.log_quotient(n + 1, delta)) / n)}
