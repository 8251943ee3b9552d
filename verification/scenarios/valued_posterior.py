"""A posterior over hypotheses whose losses take three values: all weight on the one of K that shows the least loss."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_AT_MOST_HIGHEST,
    LOSS_IN_UNIT_INTERVAL,
    LOSS_SPLIT_AT_LEVELS,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    UNBIASED_VARIANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, log_up, violating
from genbounds.verification.scenarios.valued_losses import SPREAD, Law, gaps_between, law, what_is_shown

MIDDLE = law("0: 1/50, 1/2: 24/25, 1: 1/50")
RARE = law("0: 4/5, 1/10: 9/50, 1: 1/50")


class ValuedPosterior(Scenario):
    """The prior gives K hypotheses the same weight, the posterior all weight to the one with the least sum of losses."""

    name = "valued posterior"
    description = "K independent hypotheses of the same law of losses with three values in [0, 1], and all weight on the least sum"
    inputs = frozenset({"n", "empirical_risk", "variance", "second_moment", "highest", "segment_risks", "gaps", "kl"})
    truths = frozenset({GIBBS_RISK})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("the values are listed", LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS, LOSS_AT_MOST_HIGHEST)
        | holding("every value is a level, and the losses from it up are counted", LOSS_SPLIT_AT_LEVELS)
        | holding("equal weights", PRIOR_INDEPENDENT_OF_SAMPLE)
        | holding("squares of the losses less their mean, divided by n - 1", UNBIASED_VARIANCE)
        | violating("other values occur", ZERO_ONE_LOSS)
        | violating("the least sum of losses is picked", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """One hypothesis, some, and very many; most losses in the middle, or small."""
        quick = size == "thumbnail"
        for n in (2, 60) if quick else (1, 2, 3, 10, 30, 60, 100):
            for k in (1, 10**9) if quick else (1, 10, 1000, 10**6, 10**9, 10**12):
                yield from (self.world(n, k, values) for values in ((SPREAD, RARE) if quick else (SPREAD, MIDDLE, RARE)))

    @staticmethod
    def world(n: int, size: int, values: Law) -> World:
        """All numbers of times that the second and the third value are met by the picked one; of equal sums the first in a fixed order."""
        levels, masses = [value for value, _ in values], [mass for _, mass in values]
        counts = [(n - i - j, i, j) for i in range(n + 1) for j in range(n + 1 - i)]
        counts.sort(key=lambda row: (sum(v * k for v, k in zip(levels, row, strict=True)), row))
        probabilities = least_of(size, [multinomial(n, row, masses) for row in counts])
        risk = sum((value * mass for value, mass in values), Fraction(0))
        shown = ", ".join(f"{value}: {mass}" for value, mass in values)
        common = {"n": n, "kl": log_up(size), "highest": 1, "gaps": gaps_between(levels)}
        label = f"n = {n}, K = {size}, losses {{{shown}}}"
        return World(label, common, what_is_shown(levels, n, counts), {GIBBS_RISK: [risk] * len(counts)}, probabilities)


def multinomial(n: int, counts: Sequence[int], masses: Sequence[Fraction]) -> Fraction:
    """The probability of these numbers of times.

    >>> multinomial(2, (1, 1, 0), (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)))
    Fraction(1, 4)
    """
    ways = math.factorial(n)
    for count in counts:
        ways //= math.factorial(count)
    return ways * math.prod((mass**count for mass, count in zip(masses, counts, strict=True)), start=Fraction(1))


def least_of(size: int, law_in_order: Sequence[Fraction]) -> list[Fraction | float]:
    """The law of the least of ``size`` independent draws from a law that is listed in increasing order.

    Fractions for one draw, else doubles, in which the smallest ones keep their digits.

    >>> [float(mass) for mass in least_of(2, [Fraction(1, 2), Fraction(1, 2)])]
    [0.75, 0.25]
    """
    if size == 1:
        return list(law_in_order)
    below = np.append(0.0, np.cumsum([float(mass) for mass in law_in_order]))
    below[-1] = 1.0
    above = np.append(np.cumsum([float(mass) for mass in law_in_order][::-1])[::-1], 0.0)
    with np.errstate(divide="ignore"):
        logs = size * np.where(below < 0.5, np.log1p(-np.minimum(below, 0.5)), np.log(above))
    return list(-np.diff(np.exp(logs)))
