"""A private algorithm that fits its sample as well as privacy allows: a set is released that holds few of the examples.

There are M equally likely points. A hypothesis errs on a set of p M of them. Among all such sets one is released with a weight of
e^(-epsilon) for each different point of the sample that it errs on. Replacing an example changes the number of different points that
are missed by at most 1. If it takes the number of different points from d to d - 1, the sum of the weights grows by a factor between 1
and e^epsilon, and the weight of a set by 1 or e^epsilon; so no probability changes by more than e^epsilon: the release is epsilon-
private. Its risk is p. With M so large that no point is met twice, each example is missed independently with odds of e^-epsilon p/(1 -
p).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    APPROXIMATE_PRIVACY,
    BOUNDED_LOSS,
    DIFFERENTIAL_PRIVACY,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP, RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, low_counts, violating

HALF = Fraction(1, 2)


class PrivateRelease(Scenario):
    """Sets that miss as few examples as their privacy allows."""

    name = "private release"
    description = "a set of fixed probability is released, with odds e^-epsilon against each example that it gets wrong"
    inputs = frozenset({"n", "empirical_risk", "privacy", "slack"})
    truths = frozenset({RISK, EXPECTED_GAP})
    audit = (
        holding("uniform points, drawn independently", IID_SAMPLE)
        | holding("in the set or not", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS)
        | holding("the weights of two samples that differ in one example are compared above", DIFFERENTIAL_PRIVACY, APPROXIMATE_PRIVACY)
        | holding("the weights are a rule", ALGORITHM_FIXED_IN_ADVANCE)
        | violating("the set looks at the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """From no privacy lost to much; risks where the gap is largest, and small ones."""
        quick = size == "thumbnail"
        for n in (1, 20) if quick else (1, 2, 3, 10, 20, 60):
            for seen in (HALF, Fraction(2, 5), Fraction(1, 100)) if quick else map(Fraction, ("1/2", "49/100", "2/5", "1/10", "1/100")):
                yield self.world(n, 1 - seen, seen)
                yield self.world(n, min(3 * seen, Fraction(99, 100)), seen)
        for n in (10**6,) if quick else (10**4, 10**6):
            for seen in (HALF, Fraction(1, 10)):
                yield self.world(n, Fraction(6, 5) * seen, seen)

    @staticmethod
    def world(n: int, risk: Fraction, seen: Fraction) -> World:
        """Risk p, and each example missed with probability ``seen``; of many examples only low numbers of errors are told apart."""
        counts, law = (list(range(n + 1)), binomial_law(n, seen)) if n <= 1000 else low_counts(n, seen)
        truths = [risk] * len(counts)
        rest = 1 - math.fsum(map(float, law))
        if rest > 1e-9:
            counts, law, truths = [*counts, n], [*law, rest], [*truths, Fraction(0)]
        odds = risk / (1 - risk) * (1 - seen) / seen
        common = {"n": n, "privacy": log_of(odds), "slack": 0}
        shown = [Fraction(k, n) for k in counts]
        gaps = [risk - share for share in shown] if rest <= 1e-9 else [Fraction(0)] * len(shown)
        label = f"n = {n}, risk {risk}, each example missed with probability {seen}"
        return World(label, common, {"empirical_risk": shown}, {RISK: truths, EXPECTED_GAP: gaps}, law)


class LeakyRelease(Scenario):
    """With a small probability the sample itself is released, as a hypothesis that errs on all other points."""

    name = "private release with a leak"
    description = "the release of a set, or with probability `slack` of a table of the sample, which is wrong on all other points"
    inputs = frozenset({"n", "empirical_risk", "privacy", "slack"})
    truths = frozenset({EXPECTED_GAP})
    audit = dict(PrivateRelease.audit) | violating("the table holds every example", DIFFERENTIAL_PRIVACY)

    def worlds(self, size: Size) -> Iterator[World]:
        """Small leaks and large ones."""
        for leak in map(Fraction, ("1/1000", "1/10", "9/10")):
            for risk, seen in ((HALF, HALF), (Fraction(3, 5), Fraction(2, 5))):
                yield self.world(10, risk, seen, leak)

    @staticmethod
    def world(n: int, risk: Fraction, seen: Fraction, leak: Fraction) -> World:
        """The private release and the table, of which the risk is at least 1 - 10^-40."""
        private = PrivateRelease.world(n, risk, seen)
        masses = [*((1 - leak) * Fraction(mass) for mass in private.probabilities), leak]
        gaps = [*private.truths[EXPECTED_GAP], 1 - Fraction(1, 10**40)]
        common = {**private.common, "slack": leak}
        shown = [*private.inputs["empirical_risk"], Fraction(0)]
        return World(f"{private.label}, leak {leak}", common, {"empirical_risk": shown}, {EXPECTED_GAP: gaps}, masses)


def log_of(odds: Fraction) -> float:
    """The logarithm of a ratio of at least 1, rounded up.

    >>> log_of(Fraction(1)), log_of(Fraction(4)) > math.log(4)
    (0.0, True)
    """
    return 0.0 if odds == 1 else math.log(odds) * (1 + 1e-15)
