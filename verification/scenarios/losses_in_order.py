"""One hypothesis, fixed before the sample, and all its losses in the order in which they were drawn: every sequence."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, IID_STREAM, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, just_missed
from genbounds.verification.scenarios.valued_losses import NEARLY_CERTAIN, RARE_AND_LARGE, SPREAD, Law

RISKS = tuple(Fraction(text) for text in ("1/10", "1/2", "9/10"))
LEVELS = tuple(Fraction(text) for text in ("1/2", "1/20", "1/1000", "1/1000000"))
"""Probabilities just above which no loss is seen, in the tightest of the small worlds."""


class LossesInOrder(Scenario):
    """Short sequences of losses; a bound that takes its smallest value over all beginnings is tried at each of them."""

    name = "losses in order"
    description = "one hypothesis fixed before the sample, and the whole list of its losses in order: every sequence of two or three values"
    inputs = frozenset({"losses"})
    truths = frozenset({RISK})
    audit = (
        holding("independent losses, in a number fixed beforehand", IID_STREAM, IID_SAMPLE)
        | holding("the values are listed", LOSS_IN_UNIT_INTERVAL)
        | holding("there is one hypothesis", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Right or wrong, a risk that is just missed, and three values."""
        quick = size == "thumbnail"
        for n in (1, 2, 8) if quick else (1, 2, 3, 5, 8, 12):
            yield from (self.world(n, ((Fraction(0), 1 - p), (Fraction(1), p))) for p in RISKS)
        for n in (1, 6):
            for level in LEVELS:
                p = just_missed(n, level)
                yield self.world(n, ((Fraction(0), 1 - p), (Fraction(1), p)))
        for n in (1, 4) if quick else (1, 2, 4, 7):
            yield from (self.world(n, values) for values in (RARE_AND_LARGE, SPREAD, NEARLY_CERTAIN))

    @staticmethod
    def world(n: int, values: Law) -> World:
        """All sequences of n independent losses."""
        sequences = list(itertools.product(values, repeat=n))
        risk = sum((value * mass for value, mass in values), Fraction(0))
        shown = ", ".join(f"{value}: {mass}" for value, mass in values)
        return World(
            f"{n} losses {{{shown}}}",
            {},
            {"losses": [tuple(value for value, _ in sequence) for sequence in sequences]},
            {RISK: [risk] * len(sequences)},
            [math.prod((mass for _, mass in sequence), start=Fraction(1)) for sequence in sequences],
        )
