"""Uniform points and what they leave open: the sample maximum, and the largest gap on a circle, whose laws are known.

A risk that has a density is rounded down to one of finitely many edges, so that no true bound is judged too hard; the edges lie where the
probability of a larger risk is just above the failure probabilities that bounds are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    ERRORS_CHANGE_COMPRESSION,
    EXPECTED_SUPPORT_VECTORS,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    KERNEL_OF_MACHINE,
    LOSS_IN_UNIT_INTERVAL,
    NO_ERROR_ON_SAMPLE,
    PREFERENT_COMPRESSION,
    SUPPORT_VECTOR_MACHINE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import EXPECTED_RISK, RISK
from genbounds.verification.scenarios.scenario import LARGEST_EXACT, Scenario, Size, World, holding, log_up, violating

LEVELS = tuple(Fraction(text) for text in ("9999/10000", "9/10", "1/2", "1/20", "1/1000", "1/1000000"))
Survival = Callable[[Fraction], Any]
"""From x to P(risk > x): a Fraction, or a double for many examples."""
_COMMON = (
    holding("uniform points, drawn independently", IID_SAMPLE)
    | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    | holding("all labels are 1, and the rule says 1 on every example", NO_ERROR_ON_SAMPLE)
    | violating("the rule is the smallest that holds the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
)


class SampleMaximum(Scenario):
    """The rule says 1 up to the largest example and 0 beyond it: it is wrong on what is left of the interval, 1/(n + 1) on average."""

    name = "sample maximum"
    description = "n uniform points of [0, 1], labels 1: the threshold at the largest of them, whose risk has a known law"
    inputs = frozenset({"n", "empirical_risk", "errors", "vc_dimension", "log_growth_2n", "expected_support_vectors", "size"})
    revision = 2
    truths = frozenset({RISK, EXPECTED_RISK})
    audit = (
        _COMMON
        | holding("all thresholds", CLASS_FIXED_IN_ADVANCE)
        | holding("without another example than the largest the rule is the same, and right on that example", SUPPORT_VECTOR_MACHINE)
        | holding("the largest example is the only one", EXPECTED_SUPPORT_VECTORS)
        | holding("there are no settings", KERNEL_OF_MACHINE)
        | holding("the largest example of a set is the largest of every part that holds it", PREFERENT_COMPRESSION)
        | holding("the rule errs beyond the largest example, and such a point would be the largest", ERRORS_CHANGE_COMPRESSION)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many points."""
        for n in (1, 10, 1000) if size == "thumbnail" else (1, 2, 5, 10, 64, 1000, 10**6):
            yield self.world(n)

    @staticmethod
    def world(n: int) -> World:
        """All risks, rounded down to edges; the expected risk of each step is its mean there."""
        exact = n <= LARGEST_EXACT
        edges = edges_of(lambda x: beyond_maximum(n, x), n)
        common = {
            "n": n,
            "vc_dimension": 1,
            "log_growth_2n": log_up(2 * n + 1),
            "expected_support_vectors": 1,
            "size": 1,
        }
        survival = [beyond_maximum(n, edge) for edge in edges]
        law = [above - below for above, below in pairwise(survival)]
        # The integral of x dF over a step, by parts, over its probability.
        tails = [beyond_maximum(n + 1, edge) / (n + 1) for edge in edges]
        ends = [(Fraction(edge) if exact else float(edge)) * above for edge, above in zip(edges, survival, strict=True)]
        means = [(a - b + c - d) / p if p else 0 for (a, b), (c, d), p in zip(pairwise(ends), pairwise(tails), law, strict=True)]
        zeros = [0] * len(law)
        truths = {RISK: edges[:-1], EXPECTED_RISK: means}
        return World(f"n = {n}", common, {"empirical_risk": zeros, "errors": zeros}, truths, law)


class LargestGap(Scenario):
    """Half-planes cut arcs out of a circle: the one that is left out is the largest between neighbouring examples."""

    name = "half-planes around a circle"
    description = "n uniform points of a circle, labels 1: the half-plane that leaves out the largest arc without an example"
    inputs = frozenset({"n", "empirical_risk", "errors", "inputs"})
    truths = frozenset({RISK})
    audit = _COMMON | holding("all half-planes", CLASS_FIXED_IN_ADVANCE)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many points."""
        for n in (2, 20, 10**4) if size == "thumbnail" else (1, 2, 3, 5, 10, 20, 64, 1000, 10**5):
            yield self.world(n)

    @staticmethod
    def world(n: int) -> World:
        """All largest arcs, rounded down to edges."""
        edges = edges_of(lambda x: beyond_gap(n, x), n)
        survival = [beyond_gap(n, edge) for edge in edges]
        law = [above - below for above, below in pairwise(survival)]
        zeros = [0] * len(law)
        return World(f"n = {n}", {"n": n, "inputs": 2}, {"empirical_risk": zeros, "errors": zeros}, {RISK: edges[:-1]}, law)


def beyond_maximum(n: int, x: Fraction) -> Any:
    """P(1 - max > x) = (1 - x)^n for n uniform points.

    >>> beyond_maximum(2, Fraction(1, 2))
    Fraction(1, 4)
    """
    return (1 - x) ** n if n <= LARGEST_EXACT + 1 else math.exp(n * math.log1p(-float(x))) if x < 1 else 0.0


def beyond_gap(n: int, x: Fraction) -> Any:
    """P(the largest of the n arcs between n uniform points of a circle of length 1 is above x), by inclusion and exclusion.

    Of k given arcs all are above x with probability (1 - k x)^(n - 1); the arcs are exchangeable.

    >>> beyond_gap(2, Fraction(3, 4)), beyond_gap(2, Fraction(0)), beyond_gap(1, Fraction(1, 2))
    (Fraction(1, 2), Fraction(1, 1), Fraction(1, 1))
    """
    if x <= 0:
        return Fraction(1) if n <= LARGEST_EXACT else 1.0
    if x >= 1:
        return Fraction(0) if n <= LARGEST_EXACT else 0.0
    most = min(n, math.ceil(1 / x) - 1)
    if n <= LARGEST_EXACT:
        return sum(((-1) ** (k - 1) * math.comb(n, k) * (1 - k * x) ** (n - 1) for k in range(1, most + 1)), Fraction(0))
    if n * math.exp((n - 1) * math.log1p(-float(x))) > 30:
        return 1.0  # spacings are negatively associated: none is above x with a probability of at most e^-30
    terms: list[float] = []
    factor = 1.0
    for k in range(1, most + 1):
        factor *= (n - k + 1) / k
        terms.append((-1) ** (k - 1) * factor * math.exp((n - 1) * math.log1p(-float(k * x))))
        if abs(terms[-1]) < 1e-18 * max(map(abs, terms)):
            break
    return math.fsum(terms)


def edges_of(survival: Survival, n: int) -> Sequence[Fraction]:
    """0, for each level the largest number of few digits that the risk exceeds with a probability above it, and 1.

    >>> [str(edge) for edge in edges_of(lambda x: 1 - x, 1)]
    ['0', '99/1000000', '99999/1000000', '499999/1000000', '949999/1000000', '998999/1000000', '499999/500000', '1']
    """
    scale = 10 ** (5 + len(str(n)))
    found = {Fraction(0), Fraction(1)}
    for level in LEVELS:
        low, high = 0, scale
        while high - low > 1:
            middle = (low + high) // 2
            # A part in 10^9 is given away, far more than the error of the floats.
            low, high = (middle, high) if survival(Fraction(middle, scale)) * (1 - Fraction(1, 10**9)) > level else (low, middle)
        found.add(Fraction(low, scale))
    return sorted(found)
