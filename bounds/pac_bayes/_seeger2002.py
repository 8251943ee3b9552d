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
    r"""The Gibbs risk R(Q) of every posterior satisfies kl(R_n(Q) || R(Q)) <= (KL(Q||P) + ln(xi(n)/delta)) / n, so it is at most the upper
    inverse of kl at R_n(Q) and this level.

    Derivation. By the inequalities of Donsker and Varadhan and of Jensen, n kl(R_n(Q)||R(Q)) <= KL(Q||P) + ln E_P exp(n kl(R_n(h)||R(h)))
    for all Q at once. By Markov's inequality, with probability at least 1 - delta the last expectation is at most its mean over samples
    divided by delta. As P does not depend on the sample, this mean is the P-average of the means of exp(n kl(R_n(h)||R(h))) for fixed h.
    Each of these is at most xi(n) = sum_k C(n,k) (k/n)^k (1-k/n)^(n-k): exp(n kl) is convex in the losses, so losses 0 and 1 with the same
    mean are the worst case (Maurer 2004), and for them the risk cancels in the sum.

    Papers use 2 sqrt(n) or n + 1 in place of xi(n), which are larger. Here xi(n) = sum_{k<=n} n!/(k! n^(n-k)) = e^n n^-n Gamma(n+1, n) is
    computed exactly. For this closed form let T(z) = z e^T(z). Then sum_k k^k z^k/k! = 1/(1 - T), so sum_k C(n,k) k^k (n-k)^(n-k) = n!
    [z^n] (1 - T)^-2, which by Lagrange's inversion is n! [u^n] e^{nu}/(1 - u) = n! sum_{k<=n} n^k/k!.

    The bound is also known as the PAC-Bayes-kl bound.

    Inputs: ``empirical_risk``, the Gibbs risk on the sample (for Monte Carlo draws pass the certificate of ``monte_carlo_risk`` or
    ``monte_carlo_errors``, whose delta is added); ``kl`` in nats; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(seeger2002(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1175465275278
    """
    return {"kl inversion": math.kl_inverse(empirical_risk, (kl + math.log_quotient(math.xi(n), delta)) / n)}
