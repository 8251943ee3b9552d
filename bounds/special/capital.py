r"""The least mean against which a bettor becomes rich, in floats and in balls.

Against the mean m the bettor stakes b_i(m) = min(λ_i, 3/(4 (1 − m))) on each loss x_i in [0, 1], where λ_i ≥ 0 is chosen before x_i is
seen, and the capital is multiplied by 1 + b_i(m) (m − x_i) ≥ 1/4. Each factor grows with m, since b (m − x) does for a fixed b and so does
(m − x)/(1 − m). So the means against which the capital has at some time reached a level form an interval up to 1, and its lower end is
found by bisection.
"""

from typing import Any

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from genbounds.bounds.special.precision import precision

Array = NDArray[np.float64]

#: Relative amount by which the float inverse is moved up.
PAD = 1e-11
_FARTHEST = 60.0  # ln of the odds of the mean: beyond it 1 − m is below 1e-26, and the bound is 1
_HALVINGS = 60
_BLOCK = 2**22


def capital_inverse(losses: Any, bets: Any, cost: Any) -> Array | float:
    """Compute the least m against which the capital has at some time reached exp(cost), rounded up; 1 where there is none.

    Args:
        losses: numbers in [0, 1], in order along the last axis.
        bets: λ_i, at least 0, in the same shape.
        cost: positive, one number for each row.

    >>> capital_inverse(np.zeros(4), np.full(4, 100.0), np.log(16.0))  # (1 + .75 m/(1 - m))^4 = 16
    0.571428571...
    """
    shape = np.broadcast_shapes(np.shape(losses)[:-1], np.shape(bets)[:-1], np.shape(cost))
    length = np.shape(losses)[-1]
    flat = [np.broadcast_to(np.asarray(x, np.float64), (*shape, length)).reshape(-1, length) for x in (losses, bets)]
    levels = np.broadcast_to(np.asarray(cost, np.float64), shape).ravel()
    result = np.empty(levels.shape)
    rows = max(1, _BLOCK // length)
    with np.errstate(all="ignore"):
        for start in range(0, levels.size, rows):
            part = slice(start, start + rows)
            result[part] = _roots(flat[0][part], flat[1][part], levels[part])
    return float(result[0]) if not shape else result.reshape(shape)


def _roots(losses: Array, bets: Array, cost: Array) -> Array:
    low, high = np.full(cost.shape, -_FARTHEST), np.full(cost.shape, _FARTHEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rich = _largest_log(losses, bets, middle) >= cost
        low, high = np.where(rich, low, middle), np.where(rich, middle, high)
    return np.asarray(np.minimum(np.where(high >= _FARTHEST, 1.0, (1 + PAD) / (1 + np.exp(-high))), 1.0))


def _largest_log(losses: Array, bets: Array, x: Array) -> Array:
    """The logarithm of the largest capital so far, at the log-odds x of the mean."""
    m, rest = (1 / (1 + np.exp(sign * x))[:, None] for sign in (-1, 1))
    gain = np.where(m < 0.5, m - losses, (1 - losses) - rest)
    return np.asarray(np.max(np.cumsum(np.log1p(np.minimum(bets, 0.75 / rest) * gain), axis=-1), axis=-1))


def capital_inverse_ball(losses: list[arb], bets: list[arb], cost: arb) -> arb:
    """Enclose the least m against which the capital has at some time reached exp(cost).

    >>> found = capital_inverse_ball([arb(0)] * 4, [arb(100)] * 4, arb(16).log())
    >>> found.overlaps(arb(4) / 7)
    True
    """
    listed, staked = (np.array([[float(x) for x in entry]]) for entry in (losses, bets))
    start = _roots(listed, staked, np.array([float(cost)]))
    x = arb(float(np.log(start[0] / (1 - start[0])))) if start[0] < 1 else arb(_FARTHEST)
    with precision(ctx.prec + 2 * len(losses).bit_length() + 20):
        level = cost.exp()
        low, high = _bracket(losses, bets, level, x)
        for _ in range(_HALVINGS):
            if high is None or low is None or (high - low) < arb(2) ** -50:
                break
            middle = ((low + high) / 2).mid()
            decided = _rich(losses, bets, level, middle)
            if decided is None:
                break
            low, high = (low, middle) if decided else (middle, high)
        above = arb(1) if high is None else 1 / (1 + (-high).exp())
        below = arb(0) if low is None else 1 / (1 + (-low).exp())
    return (+above).union(+below)


def _bracket(losses: list[arb], bets: list[arb], level: arb, x: arb) -> tuple[arb | None, arb | None]:
    """Log-odds on both sides of the root, proved; None for the ends 0 and 1."""
    low: arb | None = None
    high: arb | None = None
    width = arb(2) ** -44
    while width < 2 * _FARTHEST and (low is None or high is None):
        if low is None and _rich(losses, bets, level, x - width) is False:
            low = (x - width).mid()
        if high is None and _rich(losses, bets, level, x + width) is True:
            high = (x + width).mid()
        width *= 8
    return low, high


def _rich(losses: list[arb], bets: list[arb], level: arb, x: arb) -> bool | None:
    """Whether the capital against the mean of log-odds x has once reached the level; None where balls do not decide."""
    m, rest = 1 / (1 + (-x).exp()), 1 / (1 + x.exp())
    share, capital, surely_below = arb(3) / (4 * rest), arb(1), True
    for loss, bet in zip(losses, bets, strict=True):
        capital *= 1 + bet.min(share) * (m - loss)
        if capital >= level:
            return True
        surely_below = surely_below and bool(capital < level)
    return False if surely_below else None
