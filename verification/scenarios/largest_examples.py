"""The k largest of n uniform points, kept as a compression set: order statistics, whose law is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from genbounds.bounds.assumptions import (
    ERRORS_CHANGE_COMPRESSION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    PREFERENT_COMPRESSION,
    REBUILT_FROM_COMPRESSION,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import LARGEST_EXACT, Scenario, Size, World, holding, violating
from genbounds.verification.scenarios.spacings import edges_of


class LargestExamples(Scenario):
    """The rule says 1 up to the k-th largest example and 0 beyond it, where k - 1 examples of the sample lie: those and it are kept."""

    name = "largest examples"
    description = "n uniform points of [0, 1], labels 1: the k largest are kept, and the threshold is at the smallest of them"
    inputs = frozenset({"n", "size", "errors", "bits"})
    truths = frozenset({RISK})
    audit = (
        holding("uniform points, drawn independently", IID_SAMPLE)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("the k largest of a set are the k largest of every part that holds them", PREFERENT_COMPRESSION)
        | holding("the rule errs beyond the k-th largest, and a point there would be one of the k largest", ERRORS_CHANGE_COMPRESSION)
        | holding("the threshold is the smallest of those that are kept; no other lies beyond it", REBUILT_FROM_COMPRESSION)
        | violating("the threshold is an example", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many points, few and many of them kept."""
        quick = size == "thumbnail"
        for n in (2, 20, 1000) if quick else (2, 3, 5, 10, 20, 64, 1000, 10**5):
            for k in (1, 5, 100) if quick else (1, 2, 5, 30, 100, 1000):
                if k < n:
                    yield self.world(n, k)

    @staticmethod
    def world(n: int, k: int) -> World:
        """All risks, rounded down to edges."""
        edges = edges_of(lambda x: beyond_order_statistic(n, k, x), n)
        survival = [beyond_order_statistic(n, k, edge) for edge in edges]
        law = [above - below for above, below in pairwise(survival)]
        common = {"n": n, "size": k, "bits": 0, "errors": 0}
        return World(f"n = {n}, the {k} largest", common, {}, {RISK: edges[:-1]}, law)


def beyond_order_statistic(n: int, k: int, x: Fraction) -> Any:
    """P(1 - the k-th largest of n uniform points > x): fewer than k points lie above 1 - x.

    >>> beyond_order_statistic(2, 1, Fraction(1, 2)), beyond_order_statistic(2, 2, Fraction(1, 2))
    (Fraction(1, 4), Fraction(3, 4))
    """
    if n <= LARGEST_EXACT:
        return sum((math.comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(k)), Fraction(0))
    from scipy import special

    return float(special.bdtr(k - 1, n, float(x)))
