"""Lists of losses that say nothing about the risk, which is 1: a hypothesis, examples, an order or a range that looks at the sample."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

ASSUMED = (a.IID_STREAM, a.LOSS_IN_UNIT_INTERVAL, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE)


class NothingShown(Scenario):
    """n losses of 0, where the risk is 1 (or, with the least probability, anything)."""

    inputs = frozenset({"losses"})
    truths = frozenset({RISK})

    def __init__(self, choice: str, how: str, violated: tuple[Assumption, ...], risk: Fraction = Fraction(1)) -> None:
        self.name = f"hostile: {choice}"
        self.hostile = choice
        self.description = f"no loss is seen, and the risk is {risk}: {how}"
        self.risk = risk
        self.audit = violating(how, *violated) | holding("all else is as it should be", *(one for one in ASSUMED if one not in violated))

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many losses; of rare samples nothing is said (the truth is 0)."""
        for n in (10, 1000):
            rare = Fraction(n, 10**15)
            yield World(f"n = {n}", {"losses": (0,) * n}, {}, {RISK: [self.risk, Fraction(0)]}, [1 - rare, rare])


THE_LEARNT_HYPOTHESIS = NothingShown(
    "the hypothesis whose losses are listed", "a table of the examples that were seen", (a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE,)
)
THE_LISTED_LOSSES = NothingShown(
    "which losses are listed",
    "the losses of a coin are sorted, and the list is cut before those of 1",
    (a.IID_STREAM, a.IID_SAMPLE),
    Fraction(9, 10),
)
THE_RANGE_OF_LISTED_LOSSES = NothingShown(
    "the range of the listed losses", "the loss is 10^15 with probability 10^-15", (a.LOSS_IN_UNIT_INTERVAL,)
)
