"""One hypothesis, fixed before the sample, that errs with probability p: every number of errors with its probability."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    ERRORS_CHANGE_COMPRESSION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    PREFERENT_COMPRESSION,
    UNBIASED_VARIANCE,
    VARIANCE_BOUND,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.ranges import Range
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, just_missed, low_counts

LEVELS = tuple(Fraction(text) for text in ("1/20", "1/1000", "1/1000000"))
"""Probabilities just above which no error is seen, in the tightest of the small worlds."""
RISKS = tuple(Fraction(text) for text in (".02", ".1", ".3", ".5", ".7", ".9", ".98"))


class FixedHypothesis(Scenario):
    """A coin with P(error) = p, thrown n times."""

    name = "fixed hypothesis"
    revision = 4
    description = "one hypothesis fixed before the sample, which errs with probability p: every number of errors among n examples"
    inputs = frozenset({"n", "errors", "empirical_risk", "variance", "variance_bound", "loss_range", "size"})
    truths = frozenset({RISK})
    audit = (
        holding("independent coins", IID_SAMPLE)
        | holding("the loss of a coin is 0 or 1", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS)
        | holding("there is one hypothesis", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
        | holding("errors (n - errors)/(n (n - 1)), by its definition", UNBIASED_VARIANCE)
        | holding("p (1 - p)", VARIANCE_BOUND)
        | holding("the examples on which the coin is wrong are kept, of any set of examples", PREFERENT_COMPRESSION)
        | holding("another one on which it is wrong would be kept too", ERRORS_CHANGE_COMPRESSION)
    )

    ranges: ClassVar[Mapping[str, Range]] = {
        "n": Range(1, 200, whole=True, logarithmic=True),
        "p": Range(Fraction(1, 1000), Fraction(999, 1000)),
    }

    def family(self, **parameters: Any) -> World:
        """``world`` of n and p."""
        return self.world(**parameters)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples, rare and frequent errors; risks that are just missed; and so many examples that the law is normal."""
        for n in (2, 10, 50) if size == "thumbnail" else (2, 3, 5, 10, 20, 50, 64, 200, 1000):
            for p in RISKS:
                yield self.world(n, p)
        yield self.world(1000, Fraction(99767, 100000))  # the right examples are few: their number has a long tail
        for n in (2, 6, 11):
            yield from (self.world(n, just_missed(n, level)) for level in LEVELS)
        risks = ("1/2",) if size == "thumbnail" else ("1/10", "1/2", "9/10")
        for n in (10**6,) if size == "thumbnail" else (10**4, 10**5, 10**6):
            yield from (self.many(n, Fraction(p)) for p in risks)

    def counted(self, n: int) -> World:
        """The same inputs at a variance bound that holds for every risk."""
        return replace(self.world(n, Fraction(1, 2)), label=f"n = {n}")

    @staticmethod
    def many(n: int, p: Fraction) -> World:
        """The numbers of errors below n p, and all others together, of which nothing is said (the truth is 0)."""
        counts, law = low_counts(n, p)
        return _world(n, p, [*counts, n], [*law, 1 - math.fsum(law)], [p] * len(counts) + [Fraction(0)])

    @staticmethod
    def world(n: int, p: Fraction) -> World:
        """All numbers of errors among n examples at the true risk p."""
        return _world(n, p, range(n + 1), binomial_law(n, p), [p] * (n + 1))


def _world(n: int, p: Fraction, counts: Sequence[int], law: Sequence[Fraction | float], truths: Sequence[Fraction]) -> World:
    return World(
        f"n = {n}, p = {p}",
        {"n": n, "loss_range": 1, "variance_bound": p * (1 - p)},
        {
            "errors": list(counts),
            "size": list(counts),
            "empirical_risk": [Fraction(k, n) for k in counts],
            "variance": [Fraction(k * (n - k), n * max(n - 1, 1)) for k in counts],
        },
        {RISK: truths},
        law,
    )
