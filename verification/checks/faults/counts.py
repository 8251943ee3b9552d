"""Faulty formulas of a number of errors: refuted at the worst true risk of all (A0), or by how fast their failures die out (A1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from scipy import stats

from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.judging import UNDECIDED
from genbounds.verification.checks.matching import Match
from genbounds.verification.checks.reading import Array, Formula, Ready, made_ready
from genbounds.verification.checks.rungs.deep_tail import COST, EXAMPLES, RISK, log_probability
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Scenario, World

FEW = 50
LEVELS = tuple(Fraction(text) for text in (".5", ".05", ".001"))


@dataclass(frozen=True)
class Counts:
    """A bound whose samples are counts of errors, with its inputs after 0, 1, ..., n errors."""

    scenario: str
    few: Ready
    many: Ready

    def refuted(self, formula: Formula) -> str:
        """The evidence against a formula that stands in for the bound; empty if there is none.

        >>> from genbounds.bounds.holdout import hoeffding
        >>> from genbounds.verification.checks.matching import match
        >>> from genbounds.verification.scenarios import scenario
        >>> counts = counted(match(hoeffding, scenario("fixed hypothesis")))
        >>> counts.refuted(hoeffding.__wrapped__)
        ''
        >>> counts.refuted(lambda math, **inputs: hoeffding.__wrapped__(math, **{**inputs, "n": 4 * inputs["n"]})).split(" the ")[0]
        'refuted: at true risk 0.506541'
        """
        try:
            return self.enumerated(formula) or self.far_out(formula)
        except (ArithmeticError, IndexError, TypeError, ValueError):  # the formula gives no number
            return ""

    def enumerated(self, formula: Formula) -> str:
        """The evidence over all true risks; values in floats are not certificates: what fails by rounding alone is not refuted."""
        for delta, row in zip(LEVELS, self.few.values(formula=formula), strict=True):
            if _largest_failure(row) > float(delta) * (1 + UNDECIDED):
                decided = enumerate_failures(row.tolist(), delta)
                if decided.verdict is Verdict.REFUTED:
                    return decided.summary()
        return ""

    def far_out(self, formula: Formula) -> str:
        """The evidence of the exponent far out in the tail."""
        failing = np.flatnonzero(self.many.values(formula=formula)[0] < RISK)
        exponent = -log_probability(failing, EXAMPLES, RISK) / COST if failing.size else math.inf
        return f"ln P(failure) / ln delta is {exponent:.4f} at ln(1/delta) = {COST}: below 1" if exponent < 1 - 1e-6 else ""


def counted(found: Match) -> Counts | None:
    """The bound after every count of errors; None where the samples are more than that, or where the bound refuses them."""
    worlds = [_world_of_counts(found.scenario, n) for n in (FEW, EXAMPLES)]
    if worlds[0] is None or worlds[1] is None or "delta" not in found.bound.inputs:
        return None
    try:
        few = made_ready(found, worlds[0], [float(delta) for delta in LEVELS])
        return Counts(found.scenario.name, few, made_ready(found, worlds[1], [math.exp(-COST)]))
    except ValueError:  # the theorem's own premise
        return None


@cache
def _world_of_counts(scenario: Scenario, n: int) -> World | None:
    """Made once in a process."""
    return scenario.counted(n)


def _largest_failure(row: Array) -> float:
    """P(bound < p) just above each value of the bound, and the largest of them, in floats."""
    inside = row[(row >= 0) & (row < 1)]
    counts = np.arange(len(row))
    masses = stats.binom.pmf(counts[None, :], len(row) - 1, inside[:, None])
    return float(np.max((masses * (row[None, :] <= inside[:, None])).sum(axis=1), initial=0.0))
