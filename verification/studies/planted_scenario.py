"""The canary of the matrix: a scenario in which a part of the errors goes unreported."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.checks.check import check
from genbounds.verification.checks.rungs import RUNGS
from genbounds.verification.runs.canary import Canary
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding

N, RATE = 50, Fraction(1, 2)


class ReportedErrors(Scenario):
    """A hypothesis of risk 1/2, of whose errors only ``part`` are reported: all of them in the sound case, every other in the planted."""

    name, description = "reported errors", "A fixed hypothesis of which a part of the errors is reported."
    inputs, truths = frozenset({"n", "empirical_risk"}), frozenset({RISK})
    audit = holding("said of the sound case", IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE)

    def __init__(self, part: Fraction) -> None:
        self.part = part

    def _risks(self, errors: range, n: int) -> list[Fraction]:
        return [self.part * Fraction(count, n) for count in errors]

    def worlds(self, size: Size) -> Iterator[World]:
        """All counts of errors."""
        inputs, truths = {"empirical_risk": self._risks(range(N + 1), N)}, {RISK: [RATE] * (N + 1)}
        yield World(f"n = {N}", {"n": N}, inputs, truths, binomial_law(N, RATE))

    def counted(self, n: int) -> World:
        """What is reported after 0, ..., n errors."""
        return World(f"n = {n}", {"n": n}, {"empirical_risk": self._risks(range(n + 1), n)}, {RISK: [Fraction(0)] * (n + 1)})

    def draws(self, keys: range) -> Iterator[World]:
        """Counts of errors, drawn."""
        errors = [int(np.random.default_rng(key).binomial(N, float(RATE))) for key in keys]
        inputs = {"empirical_risk": [self.part * Fraction(count, N) for count in errors]}
        yield World(f"n = {N}", {"n": N}, inputs, {RISK: [RATE] * len(errors)})


def canary(alpha: float) -> Canary:
    """Every rung must refute Hoeffding's bound where half of the errors go unreported, and none where all are reported."""
    found = {}
    for rung in RUNGS:
        planted, sound = (
            check("holdout.hoeffding", scenarios=ReportedErrors(part), rungs=rung.name, alpha=alpha).refuted
            for part in (Fraction(1, 2), Fraction(1))
        )
        found[rung.name] = (planted, sound)
    return Canary.of("half of the errors unreported", found)
