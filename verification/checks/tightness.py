"""A5, tightness: how far is a bound above the risk, and how many held-out points would say as much?

The held-out baseline for a risk R and m test points is the Clopper-Pearson bound at the count that R makes most plain,
ceil(m R) errors: not a random draw, so that the baseline has no noise of its own, and never fewer errors than expected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

LARGEST_TEST_SET = 10**15
"""Beyond this many test points a bound and the risk differ by less than the arithmetic here resolves."""
WINDOW = 20_000
"""Error counts below the bisected one that are all looked at: the baseline is a sawtooth in the test set's size."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Tightness:
    """A bound compared with the exact risk.

    ``bits`` is log2(bound / risk), infinite at risk 0; ``baseline`` the Clopper-Pearson bound from as many held-out
    points as
    the bound's sample has; ``ratio`` the bound over that baseline; ``held_out_equivalent`` the size of the smallest test
    set
    with a bound as tight (0: the bound is vacuous; None: the bound does not exceed the risk, so none is).
    """

    bits: float
    baseline: float
    ratio: float
    held_out_equivalent: int | None


def tightness(bound: float, risk: Fraction | float, n: int, delta: float) -> Tightness:
    """Compare a bound from n training points with the exact risk and with the held-out baseline, all at level delta.

    Raises:
        ValueError: a bound that is NaN or negative, a risk outside [0, 1], n < 1, delta outside (0, 1).

    >>> result = tightness(0.8, Fraction(1, 5), n=100, delta=0.05)
    >>> result.bits, result.held_out_equivalent
    (2.0, 4)
    """
    equivalent = held_out_equivalent(bound, risk, delta)
    baseline = held_out_baseline(risk, n, delta)
    return Tightness(slack_bits(bound, risk), baseline, bound / baseline, equivalent)


def slack_bits(bound: float, risk: Fraction | float) -> float:
    """log2(bound / risk): bits of slack. Negative where the bound is below the risk, infinite where the risk is 0.

    >>> slack_bits(0.4, Fraction(1, 10))
    2.0
    """
    _checked(bound, risk)
    if risk == 0:
        return math.inf
    if bound == 0:
        return -math.inf
    return math.log2(bound / float(risk))


def held_out_baseline(risk: Fraction | float, points: int, delta: float) -> float:
    """Clopper-Pearson bound from so many held-out points, ceil(points * risk) of them errors.

    >>> round(held_out_baseline(0, 100, 0.05), 6)
    0.029513
    """
    if points < 1:
        raise ValueError(f"n must be a positive whole number of points, got {points}: a test set holds one point or more")
    exact = _checked(0.0, risk)
    errors = math.ceil(points * exact)
    return 1.0 if errors >= points else float(_clopper_pearson(errors, points, _level(delta)))


def held_out_equivalent(bound: float, risk: Fraction | float, delta: float) -> int | None:
    """The least m such that m held-out points, ceil(m risk) of them errors, give a Clopper-Pearson bound as low.

    "This bound is worth m test points." It is 0 for a vacuous bound (1 or more) and None for a bound that does not
    exceed
    the risk, or exceeds it so little that more than 1e15 points would be needed.

    At risk 0 the answer is closed: 1 - delta^(1/m) <= bound iff m >= ln(delta) / ln(1 - bound); .5 at delta = .05
    takes 5.

    >>> held_out_equivalent(0.5, 0, 0.05)
    5
    >>> held_out_equivalent(0.1, Fraction(1, 10), 0.05) is None
    True
    """
    exact = _checked(bound, risk)
    level = _level(delta)
    if bound >= 1:
        return 0
    if Fraction(bound) <= exact:
        return None
    if exact == 0:
        return max(1, math.ceil(math.log(level) / math.log1p(-bound) * (1 - 1e-15)))
    errors = _least_errors(bound, exact, level)
    if errors is None:
        return None
    # With so many errors the baseline falls in m: bisect over the m that have ceil(m risk) = errors.
    low, high = _fewest(errors, exact), _most(errors, exact)
    while low < high:
        middle = (low + high) // 2
        if _as_tight(np.array([errors]), np.array([middle]), bound, level)[0]:
            high = middle
        else:
            low = middle + 1
    return low


def critical_scale(empirical: Array, complexity: Array, risk: Array, delta: float) -> float:
    """The least factor on the complexity term at which at most a fraction delta of the draws violates the bound.

    Violated at factor c: empirical + c * complexity < risk. A bound with factor 1 has slack left if this is below 1.

    >>> critical_scale(np.zeros(4), np.ones(4), np.array([0.1, 0.2, 0.3, 0.4]), delta=0.25)
    0.3
    """
    needed = np.sort((np.asarray(risk, dtype=float) - empirical) / complexity)
    if needed.size == 0:
        raise ValueError("risk must hold one value per draw, got none: a scale needs draws")
    allowed = math.floor(_level(delta) * needed.size + 1e-9)
    return max(0.0, float(needed[needed.size - 1 - allowed]))


def _least_errors(bound: float, risk: Fraction, delta: float) -> int | None:
    """The least count k whose largest test set, floor(k / risk) points, is as tight: bisection, then a scan below."""

    def enough(errors: int) -> bool:
        return bool(_as_tight(np.array([errors]), np.array([_most(errors, risk)]), bound, delta)[0])

    high = 1
    while not enough(high):
        high *= 2
        if _most(high, risk) > LARGEST_TEST_SET:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    counts = range(max(1, high - WINDOW), high + 1)
    sizes = np.array([_most(errors, risk) for errors in counts])
    return counts[int(np.argmax(_as_tight(np.array(counts), sizes, bound, delta)))]


def _fewest(errors: int, risk: Fraction) -> int:
    """The least m with ceil(m risk) = errors."""
    return (errors - 1) * risk.denominator // risk.numerator + 1


def _most(errors: int, risk: Fraction) -> int:
    """The largest m with ceil(m risk) = errors."""
    return errors * risk.denominator // risk.numerator


def _as_tight(errors: Array, points: Array, bound: float, delta: float) -> Array:
    """Whether Clopper-Pearson is at most ``bound``: P(Bin(points, bound) <= errors) <= delta."""
    inner = errors < points
    tails = np.ones(errors.shape)
    tails[inner] = special.betaincc(errors[inner] + 1.0, (points - errors)[inner].astype(float), bound)
    result: Array = tails <= delta
    return result


def _clopper_pearson(errors: int, points: int, delta: float) -> float:
    return float(special.betainccinv(errors + 1.0, float(points - errors), delta))


def _level(delta: float) -> float:
    if not 0 < delta < 1:
        raise ValueError(f"delta must lie in (0, 1), got {delta}: a 95 % guarantee is delta=0.05")
    return float(delta)


def _checked(bound: float, risk: Fraction | float) -> Fraction:
    if not bound >= 0:
        raise ValueError(f"bound must be a number that is not negative, got {bound}: a bound on a risk")
    if not 0 <= risk <= 1:
        raise ValueError(f"risk must lie in [0, 1], got {risk}: give the exact risk, errors over points")
    # A double's own denominator is a large power of two; a billionth is finer than any pool.
    return risk if isinstance(risk, Fraction) else Fraction(risk).limit_denominator(10**9)
