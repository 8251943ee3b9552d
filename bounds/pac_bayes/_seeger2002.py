from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.pac_bayes._every_posterior import EVERY_POSTERIOR
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("seeger2002pac", "Theorem 1, with Maurer's (2004) moment and its exact value"),
    provenance=DERIVED,
    aliases=("kl",),
    **EVERY_POSTERIOR,
)
def seeger2002(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk R(Q) satisfies kl(R_n(Q) || R(Q)) <= (KL(Q||P) + ln(xi(n)/delta)) / n, so it is at most the upper inverse of kl
    there.

    Derivation. By Donsker-Varadhan and Jensen, n kl(R_n(Q)||R(Q)) <= KL(Q||P) + ln E_P exp(n kl(R_n(h)||R(h))); by Markov's inequality the
    last expectation is at most its mean over samples divided by delta, and that mean is at most xi(n) = sum_k C(n,k) (k/n)^k (1-k/n)^(n-k):
    exp(n kl) is convex in the losses, so 0-1 losses of the same mean are the worst (Maurer 2004), and for them p cancels in the sum. Papers
    use 2 sqrt(n) or n + 1, which are larger; here xi(n) = sum_{k<=n} n!/(k! n^(n-k)) = e^n n^-n Gamma(n+1, n) is computed exactly: with
    T(z) = z e^T(z), sum_k k^k z^k/k! = 1/(1 - T), so sum_k C(n,k) k^k (n-k)^(n-k) = n! [z^n] (1 - T)^-2, which by Lagrange's inversion is
    n! [u^n] e^{nu}/(1 - u) = n! sum_{k<=n} n^k/k!. Also known as the PAC-Bayes-kl bound.

    Inputs: ``empirical_risk``, the Gibbs risk on the sample (for Monte-Carlo draws pass the certificate of ``monte_carlo_risk`` or
    ``monte_carlo_errors``, whose delta is added); ``kl`` in nats; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(seeger2002(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1175465275278
    """
    return {"kl inversion": math.kl_inverse(empirical_risk, (kl + math.log_quotient(math.xi(n), delta)) / n)}
