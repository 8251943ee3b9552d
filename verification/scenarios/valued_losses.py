"""One hypothesis, fixed before the sample, whose loss takes two or three values in [0, 1]: every number of times that each is met."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    CLASS_FIXED_IN_ADVANCE,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_AT_MOST_HIGHEST,
    LOSS_IN_UNIT_INTERVAL,
    LOSS_SPLIT_AT_LEVELS,
    UNBIASED_VARIANCE,
    VARIANCE_BOUND,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, just_missed, low_counts, violating

Law = Sequence[tuple[Fraction, Fraction]]
"""Values of the loss with their probabilities."""


def law(text: str) -> Law:
    """A law from words like ``"0: 9/10, 1: 1/10"``.

    >>> law("0: 9/10, 1/2: 1/10")[1]
    (Fraction(1, 2), Fraction(1, 10))
    """
    pairs = (entry.split(":") for entry in text.split(","))
    return [(Fraction(value.strip()), Fraction(mass.strip())) for value, mass in pairs]


RARE_AND_LARGE = law("0: 9/10, 1/4: 2/25, 1: 1/50")
SPREAD = law("0: 1/4, 1/2: 1/2, 1: 1/4")
NEARLY_CERTAIN = law("0: 1/50, 9/10: 4/50, 1: 45/50")


class ValuedLosses(Scenario):
    """Losses that are not only 0 or 1, with their exact risk and variance."""

    name = "valued losses"
    description = "one hypothesis fixed before the sample, whose loss takes two or three values in [0, 1]: every sample of n losses"
    inputs = frozenset(
        {"n", "empirical_risk", "variance", "variance_bound", "loss_range", "second_moment", "highest", "segment_risks", "gaps"}
        | {"log_cover"}
    )
    revision = 3
    truths = frozenset({RISK})
    audit = (
        holding("independent losses", IID_SAMPLE)
        | holding("the values are listed", LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS, LOSS_AT_MOST_HIGHEST)
        | holding("every value is a level, and the losses from it up are counted", LOSS_SPLIT_AT_LEVELS)
        | holding("there is one hypothesis", HYPOTHESIS_INDEPENDENT_OF_SAMPLE, CLASS_FIXED_IN_ADVANCE)
        | holding("squares of the losses less their mean, divided by n - 1", UNBIASED_VARIANCE)
        | holding("computed from the law", VARIANCE_BOUND)
        | violating("other values occur", ZERO_ONE_LOSS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few losses of three values, more of two; rare large losses, and so many that the law of their sum is normal."""
        quick = size == "thumbnail"
        for n in (1, 2, 3, 20) if quick else (1, 2, 3, 5, 10, 20, 40, 60):
            yield from (self.world(n, values) for values in (RARE_AND_LARGE, SPREAD, NEARLY_CERTAIN))
        for n in (6,) if quick else (3, 6, 11, 30):
            for level in map(Fraction, ("1/20", "1/1000", "1/1000000")):
                p = just_missed(n, level)
                yield self.pair(n, Fraction(1, 100), Fraction(1), p)
        for n in (1000,) if quick else (100, 300, 1000):
            for value, p in ((Fraction(9, 10), Fraction(1, 50)), (Fraction(9, 10), Fraction(1, 2))):
                yield self.pair(n, Fraction(1, 100), value, p)
        for n in (10**6,) if quick else (10**5, 10**6):
            yield self.pair(n, Fraction(0), Fraction(99, 100), Fraction(1, 2))

    @staticmethod
    def world(n: int, values: Law) -> World:
        """All samples of n losses of three values, as the numbers of times that the second and the third are met."""
        (low, _), (middle, p), (high, q) = values
        counts = [(i, j) for i in range(n + 1) for j in range(n + 1 - i)]
        first, second, third = (mass for _, mass in values)
        masses = [math.comb(n, i) * math.comb(n - i, j) * p**i * q**j * first ** (n - i - j) for i, j in counts]
        shown = ", ".join(f"{value}: {mass}" for value, mass in zip((low, middle, high), (first, second, third), strict=True))
        return _world(f"n = {n}, losses {{{shown}}}", n, values, [(n - i - j, i, j) for i, j in counts], masses)

    @staticmethod
    def pair(n: int, low: Fraction, high: Fraction, p: Fraction) -> World:
        """Two values, the high one with probability p; beyond 1000 losses only sums below their mean are told apart."""
        counts, masses = (range(n + 1), binomial_law(n, p)) if n <= 1000 else low_counts(n, p)
        label = f"n = {n}, losses {{{low}: {1 - p}, {high}: {p}}}"
        return _world(label, n, [(low, 1 - p), (high, p)], [(n - k, k) for k in counts], masses)


def _world(label: str, n: int, values: Law, counts: Sequence[tuple[int, ...]], masses: Sequence[Fraction | float]) -> World:
    """A world of how often each value is met; nothing is said of samples that are not listed (the truth is 0)."""
    risk = sum((value * mass for value, mass in values), Fraction(0))
    variance = sum((value**2 * mass for value, mass in values), Fraction(0)) - risk**2
    rest = 1 - math.fsum(map(float, masses))
    listed = rest < 1e-9
    shown = what_is_shown([value for value, _ in values], n, counts if listed else [*counts, (*(0,) * (len(values) - 1), n)])
    return World(
        label,
        {
            "n": n,
            "loss_range": 1,
            "variance_bound": variance,
            "highest": 1,
            "gaps": gaps_between([value for value, _ in values]),
            "log_cover": 0,
        },
        shown,
        {RISK: [risk] * len(counts) + ([] if listed else [Fraction(0)])},
        masses if listed else [*masses, rest],
    )


def gaps_between(values: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The lengths of the segments from 0 up to the values, in increasing order.

    >>> gaps_between([Fraction(0), Fraction(1, 4), Fraction(1)])
    (Fraction(1, 4), Fraction(3, 4))
    """
    levels = [Fraction(0), *values]
    return tuple(high - low for low, high in itertools.pairwise(levels) if high > low)


def what_is_shown(values: Sequence[Fraction], n: int, counts: Sequence[tuple[int, ...]]) -> dict[str, list[Any]]:
    """The moments of samples in which each value is met so often, and the share of the losses from each level up."""
    averages = [Fraction(sum(v * k for v, k in zip(values, row, strict=True)), n) for row in counts]
    squares = [Fraction(sum(v**2 * k for v, k in zip(values, row, strict=True)), n) for row in counts]
    first = 0 if values[0] > 0 else 1
    return {
        "empirical_risk": averages,
        "variance": [(square - average**2) * n / max(n - 1, 1) for square, average in zip(squares, averages, strict=True)],
        "second_moment": squares,
        "segment_risks": [tuple(Fraction(sum(row[level:]), n) for level in range(first, len(values))) for row in counts],
    }
