"""Losses of the score <w, z> for z one of very many basis vectors, so that only the weights of what was seen matter."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption

POINTS = 10**9
"""So many basis vectors that a fresh one hardly ever was seen."""
STEP = 1e-9
MOVED = 1e-8
"""More than one step of that size changes any gap by."""
RUN = (a.PLAIN_SGD, a.MINIBATCH_SGD, a.START_FIXED_IN_ADVANCE, a.STEPS_FIXED_IN_ADVANCE, a.OBLIVIOUS_ORDER, a.ONE_PASS, a.SUBGRADIENT_RULE)


@dataclass(frozen=True)
class Loss:
    """A loss of the score <w, z>, and its constants: ln(1 + exp(score)), 1/(1 + exp(-score)), or |w|^2/2 - score on the unit ball.

    Attributes:
        name: in words.
        value: the loss of a score, without a part that does not depend on z.
        slope: its derivative there.
        numbers: the constants that bounds take.
        holds: what is assumed of a loss, and holds.
    """

    name: str
    value: Callable[[float], float]
    slope: Callable[[float], float]
    numbers: tuple[tuple[str, Any], ...]
    holds: tuple[Assumption, ...]


def sigmoid(score: float) -> float:
    """1/(1 + exp(-score)) in floats.

    >>> sigmoid(0.0), sigmoid(-800.0)
    (0.5, 0.0)
    """
    return 1 / (1 + math.exp(-score)) if score > -700 else 0.0


LOGISTIC = Loss(
    "logistic",
    lambda score: max(score, 0.0) + math.log1p(math.exp(-abs(score))),
    sigmoid,
    (("lipschitz", 1), ("smoothness", Fraction(1, 4))),
    (a.CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS),
)
SIGMOID = Loss(
    "sigmoid",
    sigmoid,
    lambda score: sigmoid(score) * sigmoid(-score),
    (("lipschitz", Fraction(1, 4)), ("smoothness", Fraction(1, 10)), ("curvature", Fraction(1, 10)), ("loss_range", 1)),
    (*(a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS, a.BOUNDED_LOSS, a.LOSS_IN_UNIT_INTERVAL), a.LIPSCHITZ_HESSIAN, a.CURVATURE_AT_START),
)
QUADRATIC = Loss(
    "quadratic",
    lambda score: -score,
    lambda score: -1.0,
    (("lipschitz", 2), ("smoothness", 1), ("strong_convexity", 1), ("loss_range", 2)),
    (*(a.CONVEX_LOSS, a.STRONGLY_CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS, a.BOUNDED_LOSS), a.STEPS_OF_STRONG_CONVEXITY),
)
