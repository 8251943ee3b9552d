"""A private release whose loss is larger than is stated."""

from __future__ import annotations

from collections.abc import Iterator

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.private_release import PrivateRelease
from genbounds.verification.scenarios.scenario import Scenario, Size, World, violating

LOSS = 10


class LargeLossOfARelease(Scenario):
    """The private release of a set, whose errors cost 10."""

    name = "hostile: the range of the loss of a private release"
    hostile = "the range of the loss"
    description = f"a set that is released privately, with a loss of {LOSS} on its points, where a range of 1 is stated"
    inputs = frozenset({"n", "privacy", "slack"})
    truths = frozenset({EXPECTED_GAP})
    audit = dict(PrivateRelease.audit) | violating(f"it is {LOSS} or 0", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)

    def worlds(self, size: Size) -> Iterator[World]:
        """Those of few examples, in another unit."""
        for world in PrivateRelease().listed("thumbnail"):
            if world.common["n"] <= 20:
                gaps = [LOSS * gap for gap in world.truths[EXPECTED_GAP]]
                yield World(world.label, world.common, {}, {EXPECTED_GAP: gaps}, world.probabilities)
