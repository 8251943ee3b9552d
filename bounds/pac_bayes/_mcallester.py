from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.pac_bayes._every_posterior import EVERY_POSTERIOR
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("maurer2004note", "Theorem 5 (moment 2 sqrt n), relaxed by Pinsker's inequality; the form of McAllester 1999"),
    provenance=DERIVED,
    **EVERY_POSTERIOR,
)
def mcallester(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most its empirical Gibbs risk plus sqrt((KL(Q||P) + ln(2 sqrt(n)/delta)) / (2n)).

    Derivation. This is ``seeger2002``, relaxed twice: by xi(n) <= 2 sqrt(n) (Maurer 2004 for n >= 8, directly for n = 1, ..., 7), and by
    Pinsker's inequality kl(q||p) >= 2 (p - q)^2. So it is never below ``seeger2002``. It is smooth and cheap, and often used as a training
    objective.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``delta``.

    >>> from fractions import Fraction
    >>> round(mcallester(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1894198936206
    """
    return {
        "empirical risk": empirical_risk,
        "complexity": math.sqrt((kl + math.log_quotient(2 * math.sqrt(n), delta)) / (2 * n)),
    }
