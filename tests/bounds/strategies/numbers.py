"""Strategies of numbers: exact ones of every kind, over the whole range that a certificate promises to be right on.

What one number is drawn from never depends on another that was drawn: a strategy that is built while drawing takes longer to build
than all that is done with what it draws.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

# The corners that float64 gets wrong: cancellation, underflow, the last double below 1.
TINY = (5e-324, 1e-300, 1e-16, 1e-9)
NEAR_ONE = (1 - 2.0**-53, 0.999)


@cache
def between(low: Any, high: Any, most: int = 10**6) -> Strategy:
    """Fractions from ``low`` to ``high``: parts of the way with a denominator of at most ``most``."""
    start, way = Fraction(low), Fraction(high) - Fraction(low)
    return st.tuples(st.integers(1, most), st.integers(0, most)).map(lambda pair: start + way * Fraction(pair[1] % (pair[0] + 1), pair[0]))


@cache
def units() -> Strategy:
    """[0, 1]: counts over their denominator, doubles, and the corners."""
    return st.one_of(between(0, 1), st.floats(0, 1), st.sampled_from((0, 1, 0.5, Fraction(1, 3), 1e-3, *TINY, *NEAR_ONE)))


@cache
def deltas() -> Strategy:
    """(0, 1): everyday values, tiny and huge ones, Fractions that are not doubles."""
    corners = (Fraction(1, 20), 0.05, 0.01, 1e-10, 1e-300, 0.5, Fraction(1, 10**40), *NEAR_ONE)
    return st.one_of(st.integers(1, 999).map(lambda k: Fraction(k, 1000)), st.floats(1e-300, 0.999), st.sampled_from(corners))


@cache
def counts(low: int = 1, high: int = 10**15) -> Strategy:
    """Whole numbers from ``low``, spread over the orders of magnitude; sometimes as the double."""
    tops = [max(low, min(high, 10**digits)) for digits in range(1, len(str(high)) + 1)]

    def spread(tops: list[int]) -> Strategy:
        return st.tuples(st.sampled_from(tops), st.integers(0, tops[-1])).map(lambda pair: low + pair[1] % (pair[0] - low + 1))

    doubles = spread([top for top in tops if top < 2**53]).map(float)
    return st.one_of(spread(tops), doubles, st.integers(low, min(high, low + 3)), st.sampled_from(tops))


@cache
def positives(low: float = 1e-300, high: float = 1e300) -> Strategy:
    """Positive numbers over the whole range of doubles between ``low`` and ``high``, and Fractions and ints in it."""
    inside = [x for x in (1, 2, 0.5, Fraction(1, 3), Fraction(10, 3), 1e-9, 1e9, 1e-200, 1e200, 10**25) if low <= x <= high]
    logs = st.floats(0, 1).map(lambda t: min(max(low * (high / low) ** t if high / low < 1e300 else low ** (1 - t) * high**t, low), high))
    ratios = st.tuples(st.integers(1, 1000), st.integers(1, 1000)).map(lambda pair: Fraction(*pair))
    if low > 1e-3 or high < 1e3:
        ratios = ratios.filter(lambda x: low <= x <= high)
    return st.one_of(logs, st.sampled_from(inside), ratios)


@cache
def nonnegatives(high: float = 1e300) -> Strategy:
    """0 and the positive numbers."""
    return st.one_of(positives(min(1e-300, high), high), st.sampled_from((0, 0.0, 5e-324)))


def errors_of(total: str, high: int = 10**4, most: int = 2000, **others: Strategy) -> Strategy:
    """``errors`` and a count of that name with errors <= count, with other inputs; at most ``most`` errors unless all are."""

    def build(n: Any, errors: int, every: bool, rest: dict[str, Any]) -> dict[str, Any]:
        return {"errors": int(n) if every else errors % (min(int(n), most) + 1), total: n, **rest}

    return st.builds(build, counts(high=high), st.integers(0, most), st.booleans(), st.fixed_dictionaries(others))


def segments(**others: Strategy) -> Strategy:
    """``segment_risks`` and ``gaps`` of one to four segments, with other inputs."""

    def build(pairs: list[tuple[Any, Any]], rest: dict[str, Any]) -> dict[str, Any]:
        risks, gaps = zip(*pairs, strict=True)
        risks = tuple(sorted(risks, key=Fraction, reverse=True))
        return {"segment_risks": risks, "gaps": gaps, **rest}

    return st.builds(build, st.lists(st.tuples(units(), positives(1e-9, 1e9)), min_size=1, max_size=4), st.fixed_dictionaries(others))


def moments(**others: Strategy) -> Strategy:
    """``empirical_risk`` of either sign and ``second_moment`` of losses that are at most ``highest``, with other inputs."""

    def build(highest: Any, share: Fraction, more: Fraction, rest: dict[str, Any]) -> dict[str, Any]:
        risk = share * Fraction(highest)
        return {"empirical_risk": risk, "second_moment": risk**2 + more * Fraction(highest) ** 2, "highest": highest, **rest}

    portions = st.one_of(between(-2, 1), st.sampled_from((Fraction(0), Fraction(1, 10**9))))
    more = st.one_of(between(0, 2), between(Fraction(1, 1000), 2))
    return st.builds(build, positives(1e-6, 1e6), portions, more, st.fixed_dictionaries(others))
