"""A machine that remembers n points of an interval: one loss at them, another everywhere else; which of the two is a coin.

Points of an interval are all different, so that a fresh one is none of the n. The output shows the sample and so, of any pairs, the whole
choice: the conditional information is n ln 2. The losses on one pair show less, since they may be exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    BOUNDED_LOSS,
    CONDITIONAL_INFORMATION,
    EVALUATED_INFORMATION,
    EXPECTED_EMPIRICAL_RISK,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    NO_LOSS_ON_ANY_SAMPLE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding
from genbounds.verification.scenarios.tiny_algorithms import information_up

SIZES = (1, 2, 10, 1000)


def remembered(n: int, share: Fraction) -> World:
    """The loss is 0 at the points of the sample and 1 elsewhere with this probability, else 1 and 0."""
    choice = {(0, (0, 1)): share / 2, (0, (1, 0)): (1 - share) / 2, (1, (1, 0)): share / 2, (1, (0, 1)): (1 - share) / 2}
    fair = {(0, 0): Fraction(1, 2), (1, 1): Fraction(1, 2)}
    common = {
        "n": n,
        "conditional_information": information_up([(Fraction(n), fair)]),
        "evaluated_information": information_up([(Fraction(1), choice)]),
        "expected_empirical_risk": 1 - share,
    }
    truths = {EXPECTED_GAP: [Fraction(1), Fraction(-1)], EXPECTED_RISK: [Fraction(1), Fraction(0)]}
    return World(f"n = {n}, right on the sample with probability {share}", common, {}, truths, [share, 1 - share])


class BlurredMemory(Scenario):
    """Right on the sample and wrong elsewhere, or the reverse."""

    name = "blurred memory"
    description = "a machine that remembers n points of an interval and is right at them and wrong elsewhere, or the reverse, by a coin"
    inputs = frozenset({"n", "conditional_information", "evaluated_information", "expected_empirical_risk"})
    truths = frozenset({EXPECTED_GAP, EXPECTED_RISK})
    audit = (
        holding("points of an interval, drawn independently", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS)
        | holding("a memory and one coin", ALGORITHM_FIXED_IN_ADVANCE)
        | holding("n fair coins of which the output shows all", CONDITIONAL_INFORMATION)
        | holding("the losses on a pair are (0, 1) or (1, 0)", EVALUATED_INFORMATION, EXPECTED_EMPIRICAL_RISK)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """From a coin that is nearly fair to one that always falls on one side."""
        for n in SIZES:
            yield from (remembered(n, share) for share in (Fraction(501, 1000), Fraction(3, 5), Fraction(9, 10), Fraction(1)))


class SharpMemory(Scenario):
    """Always right on the sample and wrong elsewhere."""

    name = "sharp memory"
    description = "a machine that remembers n points of an interval, right at them and wrong elsewhere"
    inputs = BlurredMemory.inputs
    truths = BlurredMemory.truths
    audit = dict(BlurredMemory.audit) | holding("0 at the points of the sample", NO_LOSS_ON_ANY_SAMPLE)

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples."""
        yield from (remembered(n, Fraction(1)) for n in SIZES)
