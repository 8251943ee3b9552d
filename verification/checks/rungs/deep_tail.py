"""A1: how fast the failure probability falls with delta, far out in the tail, where a wrong exponent shows and nothing need be drawn."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import ClassVar

import numpy as np
from scipy import special

from genbounds.verification.checks.matching import Match
from genbounds.verification.checks.reading import read
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Size

EXAMPLES = 20_000
COST = 300
"""ln(1/delta)."""
RISK = 0.5
LEAST = 1 - 1e-6
"""The exponent of a true statement, less the rounding of a sum of logarithms."""


class DeepTail:
    """ln P(failure) / ln delta at ln(1/delta) = 300 is at least 1 for every statement that fails with probability at most delta."""

    name: ClassVar[str] = "deep tail"
    exact: ClassVar[bool] = True

    def look(self, found: Match, size: Size, alpha: float = 0.0) -> Finding | None:
        """The exponent at n = 20 000 and true risk 1/2; None where the scenario's samples are not counts of errors."""
        world = found.scenario.counted(EXAMPLES) if "delta" in found.bound.inputs else None
        if world is None:
            return None
        try:
            reading = read(found, world, math.exp(-COST))
        except ValueError:
            return None
        failing = np.flatnonzero(reading.values < RISK)
        if not failing.size:
            return None
        exponent = -log_probability(failing, EXAMPLES, RISK) / COST
        refuted = -exponent > -LEAST
        where = f"n = {EXAMPLES}, p = {RISK}"
        said = f"ln P(failure) / ln delta is {exponent:.4f} at ln(1/delta) = {COST}, {where}: " + ("below 1" if refuted else "at least 1")
        verdict = Verdict.REFUTED if refuted else Verdict.NOT_REFUTED
        delta, informative = Fraction(math.exp(-COST)), bool(np.any(reading.informative))
        return Finding(self.name, verdict, None, None, where, delta, len(failing), said, -exponent, -LEAST, informative)


def log_probability(counts: np.ndarray, n: int, p: float) -> float:
    """ln P(Bin(n, p) in counts), summed in logarithms.

    >>> round(log_probability(np.array([0, 1]), 2, 0.5), 12) == round(math.log(0.75), 12)
    True
    """
    logs = special.gammaln(n + 1) - special.gammaln(counts + 1) - special.gammaln(n - counts + 1)
    return float(special.logsumexp(logs + counts * math.log(p) + (n - counts) * math.log1p(-p)))
