"""A hypothesis without an error on the sample, out of a class fixed beforehand: independent coins, or regions that may be missed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    NO_ERROR_ON_SAMPLE,
    PRIOR_CODE_FIXED_IN_ADVANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import LARGEST_EXACT, Scenario, Size, World, holding, just_missed, log_up, violating

LEVELS = tuple(Fraction(text) for text in ("9/10", "1/2", "1/20", "1/1000", "1/1000000"))
"""Probabilities just above which a consistent hypothesis is found."""


class ConsistentHypothesis(Scenario):
    """If a hypothesis of the class makes no error on the sample, it is taken; of the other samples nothing is said."""

    name = "consistent hypothesis"
    description = "a hypothesis without an error on n examples: one of K coins, or the one that is wrong in a region that the sample missed"
    inputs = frozenset({"n", "class_size", "vc_dimension", "log_growth_2n", "empirical_risk", "errors", "log_inverse_prior"})
    truths = frozenset({RISK})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("the coins, or the regions, are given beforehand", CLASS_FIXED_IN_ADVANCE)
        | holding("equal weights", PRIOR_CODE_FIXED_IN_ADVANCE)
        | holding("another hypothesis is never taken", NO_ERROR_ON_SAMPLE)
        | violating("the sample says which hypothesis", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples, one hypothesis or many."""
        quick = size == "thumbnail"
        for level in LEVELS:
            for n in (2, 50, 10**5) if quick else (1, 2, 5, 20, 50, 1000, 10**5):
                for k in (1, 100) if quick else (1, 2, 10, 100, 10**4):
                    yield self.coins(n, k, just_missed(n, level / k, _digits(n)))
            for n in (60, 10**6) if quick else (20, 60, 1000, 10**6):
                for k in (1, 10, 10**4) if quick else (1, 2, 10, 100, 10**4, 3 * 10**4):
                    p = just_missed(n, level / k, _digits(n))
                    if k * p <= 1:
                        yield self.regions(n, k, p)

    @staticmethod
    def coins(n: int, size: int, p: Fraction) -> World:
        """K independent coins of P(error) = p; with probability 1 - (1 - (1 - p)^n)^K one shows no error."""
        found: Fraction | float
        if n <= LARGEST_EXACT and size <= LARGEST_EXACT:
            found = 1 - (1 - (1 - p) ** n) ** size
        else:
            found = -math.expm1(size * math.log1p(-math.exp(n * math.log1p(-float(p)))))
        # K hypotheses shatter at most log2 K points, and have at most K patterns on any sample.
        return _world(f"n = {n}, {size} coins, p = {p}", n, size, size.bit_length() - 1, log_up(size), p, found)

    @staticmethod
    def regions(n: int, size: int, p: Fraction) -> World:
        """K disjoint regions of probability p; hypothesis i is wrong in region i, hypothesis 0 nowhere: no two points are shattered.

        If every region is met, hypothesis 0 is taken, of risk 0.
        """
        patterns = min(2 * n, size) + 1
        label = f"n = {n}, {size} regions, p = {p}"
        return _world(label, n, size + 1, 1, log_up(patterns), p, some_region_missed(n, size, p))


def some_region_missed(n: int, size: int, p: Fraction) -> Fraction | float:
    """The probability that n points miss one of K disjoint regions of probability p, by inclusion and exclusion.

    >>> some_region_missed(2, 2, Fraction(1, 2))
    Fraction(1, 2)
    """
    if n <= LARGEST_EXACT and size <= LARGEST_EXACT:
        return sum(((-1) ** (j + 1) * math.comb(size, j) * (1 - j * p) ** n for j in range(1, size + 1)), Fraction(0))
    terms: list[float] = []
    for j in range(1, size + 1):
        if j * p >= 1:
            break
        logs = math.lgamma(size + 1) - math.lgamma(j + 1) - math.lgamma(size - j + 1) if j > 3 else math.log(math.comb(size, j))
        terms.append((-1) ** (j + 1) * math.exp(logs + n * math.log1p(-float(j * p))))
        if abs(terms[-1]) < 1e-16 * terms[0]:
            break
    return math.fsum(terms)


def _world(label: str, n: int, size: int, dimension: int, growth: float, p: Fraction, found: Fraction | float) -> World:
    common = {
        "n": n,
        "class_size": size,
        "vc_dimension": dimension,
        "log_growth_2n": growth,
        "log_inverse_prior": log_up(size),
    }
    return World(label, common, {"empirical_risk": [0, 0], "errors": [0, 0]}, {RISK: [p, Fraction(0)]}, [found, 1 - found])


def _digits(n: int) -> int:
    """Digits of a risk of the order of 1/n."""
    return 4 + len(str(n))
