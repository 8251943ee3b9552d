"""What the complexities by enumerated or drawn signs share: the signs, the norm of the ball, scaling, and rounding to the safe side."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genbounds.bounds.exact import exact
from genbounds.bounds.inputs import CONFIDENCE, NONNEGATIVE
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_down, arb_to_float_up
from genbounds.bounds.worlds.balls import lift_scalar

Array = NDArray[np.float64]
MOST_ENUMERATED = 20  # examples whose signs are enumerated
BLOCK = 2**12  # rows of signs that are multiplied at a time
_SLACK = Fraction(1, 2**40)  # above the rounding of a pairwise sum in float64 and of a few products and roots


def all_signs(size: int) -> Array:
    """The 2^(n-1) vectors of n signs that begin with 1, one per row."""
    bits = (np.arange(2 ** (size - 1))[:, None] >> np.arange(size - 1)) & 1
    return np.concatenate([np.ones((bits.shape[0], 1)), 1.0 - 2.0 * bits], axis=1)


def checked_signs(signs: Any, size: int) -> Array:
    """Drawn signs as an (N, n) array of doubles; ``ValueError`` for anything else."""
    draws = np.asarray(signs, dtype=np.float64)
    if draws.ndim != 2 or draws.shape[1] != size or not draws.shape[0] or not np.all(np.abs(draws) == 1):
        raise ValueError(f"signs must be an (N, {size}) array of -1 and 1, got shape {draws.shape}: one row per draw")
    return draws


def checked_norm(norm: Any) -> Fraction:
    """The radius of the ball, exactly; ``ValueError`` for what is not a number, or below 0."""
    try:
        number = exact(norm, "norm")
    except TypeError as error:
        raise ValueError(str(error)) from None
    NONNEGATIVE.check("norm", number)
    return Fraction(number)


def checked_delta(delta: Any) -> tuple[Fraction, float]:
    """The failure probability, exactly, and ln(1/delta) as a double rounded up."""
    number = exact(delta, "delta")
    CONFIDENCE.check("delta", number)
    with precision(128):
        return Fraction(number), arb_to_float_up(lift_scalar(1 / Fraction(number)).log())


def exponent_of(largest: float) -> int:
    """The e with 2^(e-1) <= largest < 2^e (0 for 0): divided by 2^e, numbers up to the largest are squared without harm."""
    return int(np.frexp(largest)[1])


def ball_complexity(norm: Fraction, mean: float, exponent: int, n: int, *, lower: bool = False) -> float:
    """norm * mean * 2^exponent / n, moved up (or down) by more than the rounding error of the mean; ``ValueError`` above 1.8e308."""
    slack = 1 - n * _SLACK if lower else 1 + _SLACK
    with precision(128):
        ball = lift_scalar(norm * Fraction(mean) * Fraction(2) ** exponent / n * slack)
        value = arb_to_float_down(ball) if lower else arb_to_float_up(ball)
    if not np.isfinite(value):
        raise ValueError("norm must leave the complexity at most 1.8e308, got more: look for an overflow in it or in the data")
    return value
