"""K hypotheses fixed before the sample, all equally good; the one with the fewest errors is picked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from scipy import special

from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.picked_best import CHARGED, SHOWN, audit_of_the_picked, charged
from genbounds.verification.scenarios.ranges import Range
from genbounds.verification.scenarios.scenario import (
    LARGEST_EXACT,
    Scenario,
    Size,
    World,
    binomial_law,
    low_counts,
)

EXACT_SIZE = 128
"""Up to so many hypotheses the law of the fewest errors is made of Fractions."""


class BestOfAClass(Scenario):
    """K independent coins with P(error) = p, thrown n times each: the law of the fewest errors."""

    name = "best of a class"
    revision = 3
    description = "K independent coins, each wrong with probability p, and the coin with the fewest errors among n examples"
    inputs = SHOWN | CHARGED
    truths = frozenset({RISK})
    audit = audit_of_the_picked(
        examples="independent examples",
        fixed="K coins, whatever they show",
        words="each coin has weight 1/K, and a word of log2 K bits rounded up",
        variance="p (1 - p)",
        loss="the loss of a coin is 0 or 1",
    )

    ranges: ClassVar[Mapping[str, Range]] = {
        "n": Range(2, 200, whole=True, logarithmic=True),
        "size": Range(1, 10**9, whole=True, logarithmic=True),
        "p": Range(Fraction(1, 100), Fraction(99, 100)),
    }

    def family(self, **parameters: Any) -> World:
        """``world`` of n, the number of hypotheses and p."""
        return self.world(**parameters)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and very many coins."""
        quick = size == "thumbnail"
        for n in (10, 50) if quick else (2, 5, 10, 20, 50, 200):
            for k in (2, 10**3, 10**6) if quick else (2, 10, 100, 10**3, 10**4, 10**6, 10**9):
                for p in (Fraction(1, 10), Fraction(1, 2)) if quick else tuple(Fraction(i, 20) for i in (1, 2, 6, 10, 14, 18)):
                    yield self.world(n, k, p)
        # Two coins, both of which err less often than 1 - delta for the largest delta; and coins that are seldom right, with a long tail.
        yield self.world(2, 2, Fraction(1, 250))
        yield self.world(50, 1000, Fraction(4967, 5000))
        for n in (10**6,) if quick else (10**4, 10**6):
            yield from (self.many(n, k, Fraction(1, 2)) for k in ((10**9,) if quick else (1, 10**3, 10**6, 10**9)))

    @staticmethod
    def many(n: int, size: int, p: Fraction) -> World:
        """The fewest errors below n p, and all others together, of which nothing is said (the truth is 0)."""
        counts, law = fewest_low_counts(n, size, p)
        return _world(n, size, p, [*counts, n], [*law, 1 - math.fsum(law)], [p] * len(counts) + [Fraction(0)])

    @staticmethod
    def world(n: int, size: int, p: Fraction) -> World:
        """All numbers of errors of the best of ``size`` coins among n examples."""
        return _world(n, size, p, range(n + 1), law_of_the_fewest(n, size, p), [p] * (n + 1))


def _world(n: int, size: int, p: Fraction, counts: Sequence[int], law: Sequence[Fraction | float], truths: Sequence[Fraction]) -> World:
    return World(f"n = {n}, K = {size}, p = {p}", charged(n, size, p * (1 - p)), of_counts(n, counts), {RISK: truths}, law)


def of_counts(n: int, counts: Sequence[int]) -> dict[str, Sequence[int | Fraction]]:
    """What a sample shows that has one of these numbers of errors."""
    return {
        "errors": list(counts),
        "empirical_risk": [Fraction(k, n) for k in counts],
        "variance": [Fraction(k * (n - k), n * (n - 1)) for k in counts],
    }


def fewest_low_counts(n: int, size: int, p: Fraction) -> tuple[list[int], list[float]]:
    """``low_counts`` for the fewest errors of ``size`` coins, from 20 standard deviations below n p."""
    counts, single = low_counts(n, p, 20)
    below = -np.expm1(float(size) * np.log1p(-np.cumsum(single)))
    return counts, np.diff(below, prepend=0.0).tolist()


def law_of_the_fewest(n: int, size: int, p: Fraction) -> list[Fraction | float]:
    """P(the least of ``size`` independent Bin(n, p) is k), k = 0..n: Fractions for few coins and examples, else doubles.

    >>> law_of_the_fewest(1, 2, Fraction(1, 2))
    [Fraction(3, 4), Fraction(1, 4)]
    """
    if n <= LARGEST_EXACT and size <= EXACT_SIZE:
        at_least = [Fraction(1)]  # P(one coin makes at least k errors)
        for mass in binomial_law(n, p):
            at_least.append(at_least[-1] - Fraction(mass))
        return [at_least[k] ** size - at_least[k + 1] ** size for k in range(n + 1)]
    survival = np.append(1.0, special.bdtrc(np.arange(n + 1), n, float(p)))
    with np.errstate(divide="ignore"):
        # ln of P(none below k): K ln(1 - cdf), by log1p where the cdf is small, so that a million coins lose no digits.
        below = np.append(0.0, special.bdtr(np.arange(n + 1), n, float(p)))
        logs = size * np.where(below < 0.5, np.log1p(-below), np.log(survival))
    none = np.exp(logs)
    none[-1] = 0.0
    return list(-np.diff(none))
