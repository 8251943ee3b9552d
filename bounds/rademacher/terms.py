"""Terms that the bounds by Rademacher complexities share with the margin bounds."""

from __future__ import annotations

from genbounds.bounds.worlds.protocol import Number, World


def uniform_confidence(math: World, cost: Number, n: Number) -> Number:
    """The confidence term of ``uniform_deviation``; ``cost`` is ln(1/delta), plus the price of a grid if there is one."""
    return 2 * math.sqrt(cost / (2 * n))


def peeling_factor(math: World, depth: Number) -> Number:
    """1 + sqrt(2 ln 2 (L - 1)): what the L - 1 activations cost."""
    return 1 + math.sqrt(2 * math.log(2) * (depth - 1))
