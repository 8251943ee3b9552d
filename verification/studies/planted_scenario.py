"""The canary of the matrix: errors that go unreported, a formula with a sign reversed, and a capacity cut in half."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ZERO_ONE_LOSS
from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.holdout import confidence_sequence, hoeffding
from genbounds.bounds.rademacher import linear_l2
from genbounds.verification.checks.check import check
from genbounds.verification.checks.faults.copies import with_formula
from genbounds.verification.checks.rungs import RUNGS, EveryN, Metamorphic, brute_force
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.canary import Canary
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding

N, RATE = 50, Fraction(1, 2)


class ReportedErrors(Scenario):
    """A hypothesis of risk 1/2, of whose errors only ``part`` are reported: all of them in the sound case, every other in the planted."""

    name, description = "reported errors", "A fixed hypothesis of which a part of the errors is reported."
    inputs, truths = frozenset({"n", "errors", "empirical_risk"}), frozenset({RISK})
    audit = holding("said of the sound case", IID_SAMPLE, ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE)

    def __init__(self, part: Fraction) -> None:
        self.part = part

    def _reported(self, errors: Sequence[int], n: int) -> dict[str, list[Any]]:
        """The share of the errors that is reported, and as many whole ones."""
        return {
            "empirical_risk": [self.part * Fraction(count, n) for count in errors],
            "errors": [math.ceil(self.part * count) for count in errors],
        }

    def worlds(self, size: Size) -> Iterator[World]:
        """All counts of errors."""
        yield World(f"n = {N}", {"n": N}, self._reported(range(N + 1), N), {RISK: [RATE] * (N + 1)}, binomial_law(N, RATE))

    def counted(self, n: int) -> World:
        """What is reported after 0, ..., n errors."""
        return World(f"n = {n}", {"n": n}, self._reported(range(n + 1), n), {RISK: [Fraction(0)] * (n + 1)})

    def draws(self, keys: range) -> Iterator[World]:
        """Counts of errors, drawn."""
        errors = [int(np.random.default_rng(key).binomial(N, float(RATE))) for key in keys]
        yield World(f"n = {N}", {"n": N}, self._reported(errors, N), {RISK: [RATE] * len(errors)})


def subtracted(world: Any, **inputs: Any) -> dict[str, Any]:
    """Hoeffding's bound with the sign of its deviation reversed."""
    terms = hoeffding.forms[hoeffding.declaration.form].formula(world, **inputs)
    return {name: entry if name == "empirical risk" else -entry for name, entry in terms.items()}


def canary(alpha: float) -> Canary:
    """Every rung must refute Hoeffding's bound where half of the errors go unreported, and none where all are reported.

    The rung that looks at every n judges a bound for all n in its place, the rung that compares a bound with itself alone must refute it
    with a sign reversed, and brute force half of a capacity.
    """
    found = {}
    for rung in RUNGS:
        alone = rung.name == Metamorphic.name
        right = confidence_sequence if rung.name == EveryN.name else hoeffding
        bound, part = (with_formula(hoeffding, subtracted), Fraction(1)) if alone else (right, Fraction(1, 2))
        planted, sound = (
            check(judged, scenarios=ReportedErrors(reported), rungs=rung.name, alpha=alpha).refuted
            for judged, reported in ((bound, part), (right, Fraction(1)))
        )
        found[rung.name] = (planted, sound)
    found[brute_force.NAME] = _refuted(halved), _refuted(linear_l2.forms[linear_l2.declaration.form].formula)
    return Canary.of("half of the errors unreported, the deviation subtracted, or half of a complexity", found)


def halved(world: Any, **inputs: Any) -> dict[str, Any]:
    """The complexity of a ball of linear functions, divided by 2."""
    terms = linear_l2.forms[linear_l2.declaration.form].formula(world, **inputs)
    return {name: entry / 2 for name, entry in terms.items()}


def _refuted(formula: Any) -> bool:
    """Whether brute force refutes that capacity with this formula."""
    looks = (brute_force.look(one, "thumbnail") for one in brute_force.meetings(with_formula(linear_l2, formula)))
    return any(look is not None and look.verdict is Verdict.REFUTED for look in looks)
