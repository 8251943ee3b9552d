"""Gradient descent in an order that looks at the signs of the examples: one weight w, losses z w for z = 1 or -1, or quadratic ones."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.hostile.losses_of_scores import QUADRATIC, RUN
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

SIGNED = (
    holding("fair signs, drawn independently", a.IID_SAMPLE)
    | holding("from 0, by steps of a size fixed in advance", *RUN)
    | holding("by calculus", a.CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS)
)
"""One weight w, the loss z w for z = 1 or -1."""


class MajorityFirst(Scenario):
    """One step, on an example of the sign that most examples have."""

    name = "hostile: the order, for linear losses"
    hostile = "the order of the examples"
    description = "one step of gradient descent on losses z w, z = 1 or -1, on an example of the sign that most of them have"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes", "step_size", "steps"})
    truths = frozenset({EXPECTED_GAP})
    audit = SIGNED | violating("an example of the majority comes first", a.OBLIVIOUS_ORDER, a.ONE_PASS)

    def worlds(self, size: Size) -> Iterator[World]:
        """All numbers of positive signs."""
        for n in (9, 101, 1001):
            counts = range(n + 1)
            common = {"n": n, "lipschitz": 1, "smoothness": Fraction(1, 1000), "step_sizes": (1,), "step_size": 1, "steps": 1}
            gaps = [abs(Fraction(2 * k - n, n)) for k in counts]  # w = -1 or 1: the risk is 0, the mean loss that
            yield World(f"n = {n}", common, {}, {EXPECTED_GAP: gaps}, binomial_law(n, Fraction(1, 2)))


class MajorityFirstOnQuadratics(Scenario):
    """Strongly convex losses, met in the order of their signs."""

    name = "hostile: the order, for quadratic losses"
    hostile = "the order of the examples"
    description = "steps 1/t on losses w^2/2 - z w, z = 1 or -1, |w| <= 1, on the examples of the sign that most of them have"
    inputs = frozenset({"n", "step_size", *(name for name, _ in QUADRATIC.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        SIGNED
        | holding("by calculus", *QUADRATIC.holds)
        | violating("the examples of the majority come first", a.OBLIVIOUS_ORDER, a.ONE_PASS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """After (n + 1)/2 such steps, as after one, w is the sign of the majority."""
        for n in (101, 1001, 10001):
            common = {"n": n, "step_size": 1} | dict(QUADRATIC.numbers)
            gaps = [abs(2 * k - n) / n for k in range(n + 1)]
            yield World(f"n = {n}", common, {}, {EXPECTED_GAP: gaps}, binomial_law(n, Fraction(1, 2)))
