"""The cost that the relaxations of the PAC-Bayes-kl bound share."""

from __future__ import annotations

from genbounds.bounds.worlds.protocol import Number, World


def relaxed_cost(math: World, kl: Number, n: Number, delta: Number) -> Number:
    """c = (KL(Q||P) + ln(2 sqrt(n)/delta)) / n: ``seeger2002`` with xi(n) <= 2 sqrt(n) (Maurer 2004 for n >= 8; n = 1..8 directly)."""
    return math.let("c", (kl + math.log_quotient(2 * math.sqrt(n), delta)) / n)
