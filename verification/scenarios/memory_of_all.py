"""A machine that remembers exactly n examples: it does well on its own, badly elsewhere, and is indifferent when one is missing.

With n examples the loss is h y + m - b at the points of the sample and h y + m + b at all others; with any other number of examples it is
h y + m everywhere. So leaving one example out changes every loss by exactly b, the gap is 2 b, and what is left out costs b less than a
fresh point.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    BOUNDED_LOSS,
    DETERMINISTIC_ALGORITHM,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    REMOVE_ONE_STABILITY,
    REMOVE_ONE_STABILITY_TWICE,
    UNIFORM_STABILITY,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP, RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating


class MemoryOfAll(Scenario):
    """Points of an interval, which are all different with probability 1, and a coin that nothing helps against."""

    name = "memory of all"
    description = "a machine that remembers its n examples as long as none is missing: every number of wrong coins"
    inputs = frozenset({"n", "empirical_risk", "leave_one_out_risk", "loss_range", "stability"})
    truths = frozenset({RISK, EXPECTED_GAP})
    audit = (
        holding("uniform points and coins, drawn independently", IID_SAMPLE)
        | holding("h y + m + b is at most 1, and m - b is 0", BOUNDED_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("from n to n - 1 every loss changes by b, from n - 1 to n - 2 none", REMOVE_ONE_STABILITY, REMOVE_ONE_STABILITY_TWICE)
        | holding("n and b are numbers of the world", ALGORITHM_FIXED_IN_ADVANCE, DETERMINISTIC_ALGORITHM)
        | violating("replacing an example changes the loss at its point by 2 b", UNIFORM_STABILITY)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """From a loss that the memory decides to one that the coin decides."""
        for n in (1, 2, 20) if size == "thumbnail" else (1, 2, 3, 10, 50, 64, 1000):
            for b in (Fraction(2, 5), Fraction(1, 20), Fraction(1, 10**9)):
                for coin in (Fraction(0), Fraction(1, 2)):
                    yield self.world(n, b, coin)

    @staticmethod
    def world(n: int, b: Fraction, coin: Fraction) -> World:
        """All numbers of wrong coins, with m = b and h = 1 - 2 b."""
        coins = [(1 - 2 * b) * Fraction(k, n) for k in range(n + 1)]
        inputs = {"empirical_risk": coins, "leave_one_out_risk": [entry + b for entry in coins]}
        risk = (1 - 2 * b) * coin + 2 * b
        truths = {RISK: [risk] * (n + 1), EXPECTED_GAP: [risk - entry for entry in coins]}
        common = {"n": n, "loss_range": 1, "stability": b}
        return World(f"n = {n}, b = {b}, coin {coin}", common, inputs, truths, binomial_law(n, coin))


class MemoryByReplacement(MemoryOfAll):
    """The same machine, as those see it who replace an example: it is as far from stable as its gap is large."""

    name = "memory of all, by replacement"
    description = "a machine that remembers its n examples, on samples of the same number: every number of wrong coins"
    inputs = frozenset({"n", "empirical_risk", "loss_range", "stability"})
    audit = {
        assumption: entry
        for assumption, entry in MemoryOfAll.audit.items()
        if assumption not in (REMOVE_ONE_STABILITY, REMOVE_ONE_STABILITY_TWICE)
    } | holding("replacing an example changes the loss at the two points by 2 b, and no other", UNIFORM_STABILITY)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few examples, and so many that what does not grow with them hardly counts."""
        for n in (20,) if size == "thumbnail" else (1, 20, 1000, 20_000):
            for coin in (Fraction(0), Fraction(1, 2)) if n <= 1000 else (Fraction(0),):
                yield self.replaced_world(n, Fraction(2, 5), coin)

    @classmethod
    def replaced_world(cls, n: int, b: Fraction, coin: Fraction) -> World:
        """``world`` with the stability of a replacement, 2 b."""
        world = cls.world(n, b, coin)
        inputs = {"empirical_risk": world.inputs["empirical_risk"]}
        return World(world.label, {**world.common, "stability": 2 * b}, inputs, world.truths, world.probabilities)
