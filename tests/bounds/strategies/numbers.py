"""Strategies of numbers: exact ones of every kind, over the whole range that a certificate promises to be right on."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

# The corners that float64 gets wrong: cancellation, underflow, the last double below 1.
TINY = (5e-324, 1e-300, 1e-16, 1e-9)
NEAR_ONE = (1 - 2.0**-53, 0.999)


def units() -> Strategy:
    """[0, 1]: counts over their denominator, doubles, and the corners."""
    ratios = st.integers(1, 10**6).flatmap(lambda n: st.integers(0, n).map(lambda k: Fraction(k, n)))
    return st.one_of(ratios, st.floats(0, 1), st.sampled_from((0, 1, 0.5, Fraction(1, 3), 1e-3, *TINY, *NEAR_ONE)))


def deltas() -> Strategy:
    """(0, 1): everyday values, tiny and huge ones, Fractions that are not doubles."""
    corners = (Fraction(1, 20), 0.05, 0.01, 1e-10, 1e-300, 0.5, Fraction(1, 10**40), *NEAR_ONE)
    return st.one_of(st.integers(1, 999).map(lambda k: Fraction(k, 1000)), st.floats(1e-300, 0.999), st.sampled_from(corners))


def counts(low: int = 1, high: int = 10**15) -> Strategy:
    """Whole numbers from ``low``, spread over the orders of magnitude; sometimes as the double."""
    ends = st.integers(1, len(str(high))).flatmap(lambda digits: st.integers(low, max(low, min(high, 10**digits))))
    return st.one_of(ends, ends.filter(lambda n: n < 2**53).map(float), st.integers(low, min(high, low + 3)))


def positives(low: float = 1e-300, high: float = 1e300) -> Strategy:
    """Positive numbers over the whole range of doubles between ``low`` and ``high``, and Fractions and ints in it."""
    inside = [x for x in (1, 2, 0.5, Fraction(1, 3), Fraction(10, 3), 1e-9, 1e9, 1e-200, 1e200, 10**25) if low <= x <= high]
    logs = st.floats(0, 1).map(lambda t: min(max(low * (high / low) ** t if high / low < 1e300 else low ** (1 - t) * high**t, low), high))
    return st.one_of(logs, st.sampled_from(inside), st.fractions(Fraction(1, 1000), 1000).filter(lambda x: low <= x <= high))


def nonnegatives(high: float = 1e300) -> Strategy:
    """0 and the positive numbers."""
    return st.one_of(positives(min(1e-300, high), high), st.sampled_from((0, 0.0, 5e-324)))


def errors_of(total: str, high: int = 10**4, most: int = 2000, **others: Strategy) -> Strategy:
    """``errors`` and a count of that name with errors <= count, with other inputs; at most ``most`` errors unless all are."""
    pairs = counts(high=high).flatmap(lambda n: st.tuples(st.just(n), st.one_of(st.integers(0, min(int(n), most)), st.just(int(n)))))
    return st.builds(lambda pair, rest: {"errors": pair[1], total: pair[0], **rest}, pairs, st.fixed_dictionaries(others))


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

    portions = st.one_of(st.fractions(-2, 1, max_denominator=10**6), st.sampled_from((Fraction(0), Fraction(1, 10**9))))
    more = st.fractions(0, 2, max_denominator=10**6)
    return st.builds(build, positives(1e-6, 1e6), portions, more, st.fixed_dictionaries(others))
