"""The two bounds that McAllester printed: both lie above ``mcallester``, which is derived here."""

from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.pac_bayes._every_posterior import EVERY_POSTERIOR
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(source=Source("mcallester1999pac", "Theorem 1"), provenance=DERIVED, **EVERY_POSTERIOR)
def mcallester1999(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most its empirical Gibbs risk plus sqrt((KL(Q||P) + ln(1/delta) + (5/2) ln n + 8) / (2n -
    1)).

    Derivation. As (5/2) ln n + 8 exceeds ln(2 sqrt n), and 2n - 1 is below 2n, the bound lies above ``mcallester``, which is derived here.
    So it holds whatever the proof of 1999 was. ``mcallester`` and ``seeger2002`` are tighter.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``delta``.

    >>> from fractions import Fraction
    >>> round(mcallester1999(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 9)
    0.193408734
    """
    return {
        "empirical risk": empirical_risk,
        "complexity": math.sqrt((kl + math.log_quotient(1, delta) + 5 * math.log(n) / 2 + 8) / (2 * n - 1)),
    }


@bound(source=Source("mcallester2003pac", "Theorem 1"), provenance=DERIVED, **EVERY_POSTERIOR)
def mcallester2003(math: World, *, empirical_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most its empirical Gibbs risk plus sqrt((KL(Q||P) + ln(1/delta) + ln n + 2) / (2n - 1)).

    Derivation. This is the form of 2003, with smaller constants than ``mcallester1999``. As ln n + 2 exceeds ln(2 sqrt n), and 2n - 1 is
    below 2n, it lies above ``mcallester``, which is derived here.

    Inputs: ``empirical_risk``, ``kl`` in nats, ``n``, ``delta``.

    >>> from fractions import Fraction
    >>> round(mcallester2003(empirical_risk=Fraction(3, 100), kl=500, n=10**4, delta=Fraction(1, 20)).value, 12)
    0.190348337103
    """
    return {
        "empirical risk": empirical_risk,
        "complexity": math.sqrt((kl + math.log_quotient(1, delta) + math.log(n) + 2) / (2 * n - 1)),
    }
