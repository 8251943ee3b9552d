"""A6, vacuity: does a bound say anything, and from which sample size would it?"""

from __future__ import annotations

import math
from collections.abc import Callable

LARGEST_SAMPLE = 10**18


def is_vacuous(value: float, trivial: float = 1.0) -> bool:
    """Whether a certificate's value, which was rounded up, is no smaller than what holds without any theorem.

    Rounding up can only turn a bound that is just below the trivial value into a vacuous one, never the reverse.

    >>> is_vacuous(1.0), is_vacuous(0.999), is_vacuous(math.inf)
    (True, False, True)
    """
    if math.isnan(value):
        raise ValueError("value must be a number, got nan: a certificate always has one")
    return value >= trivial


def informative_sample_size(
    evaluate: Callable[[int], float], trivial: float = 1.0, start: int = 1, largest: int = LARGEST_SAMPLE
) -> int | None:
    """The n at which a bound stops being vacuous, all else held: doubling from ``start``, then bisection.

    Args:
        evaluate: the bound's value at n. Whoever writes it decides what "all else held" means: a data norm ||X||_F
        grows
            like sqrt(n), a fraction of errors stays.
        trivial: the value at which the bound says nothing.
        start: the first n tried (the sample that the bound was computed on, to look only at larger ones).
        largest: give up beyond this n.

    Returns:
        the n found (the bound is informative at n, and vacuous at n - 1 unless n is ``start``), or None. Where the
        bound is
        not monotone in n it is one such n.

    Raises:
        ValueError: start < 1.

    >>> informative_sample_size(lambda n: math.sqrt(math.log(20) / (2 * n)))
    2
    """
    if start < 1:
        raise ValueError(f"start must be a positive whole number, got {start}: a sample has one point or more")
    if not is_vacuous(float(evaluate(start)), trivial):
        return start
    low, high = start, 2 * start
    while is_vacuous(float(evaluate(high)), trivial):
        low, high = high, 2 * high
        if high > largest:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if is_vacuous(float(evaluate(middle)), trivial):
            low = middle
        else:
            high = middle
    return high
