"""A0: bounds that are functions of a number of errors, decided for every true risk at once, for the certificates as issued."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.judging import certificate_value
from genbounds.verification.checks.matching import Match
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Size, World

SIZES: dict[Size, tuple[tuple[int, Fraction], ...]] = {
    "thumbnail": ((50, Fraction(1, 20)),),
    "full": ((10, Fraction(1, 2)), (20, Fraction(1, 100)), (50, Fraction(1, 20)), (200, Fraction(1, 20))),
}
"""Numbers of examples, each with the delta at which it is enumerated."""


class AllRisks:
    """sup over p of P(bound(K) < p), K ~ Bin(n, p), compared with delta in ball arithmetic."""

    name: ClassVar[str] = "all risks"
    exact: ClassVar[bool] = True

    def look(self, found: Match, size: Size, alpha: float = 0.0) -> Finding | None:
        """The largest failure probability over all true risks; None where the scenario's samples are not counts of errors."""
        results = []
        informative = False
        for n, delta in SIZES[size] if "delta" in found.bound.inputs else ():
            world = found.scenario.counted(n)
            if world is None:
                return None
            try:
                bounds = _certificates(found, world, delta)
                results.append((n, delta, enumerate_failures(bounds, delta)))
                informative = informative or min(bounds) < 1
            except ValueError:  # the theorem's own premise
                continue
        if not results:
            return None
        n, delta, worst = max(results, key=lambda entry: (entry[2].verdict is Verdict.REFUTED, entry[2].lower / float(entry[1])))
        where = f"n = {n}, the true risk just above {worst.risk:.6g}"
        looked_at = sum(entry[0] + 1 for entry in results)
        deciding = (worst.lower, float(delta))
        return Finding(self.name, worst.verdict, None, None, where, delta, looked_at, worst.summary(), *deciding, informative)


def _certificates(found: Match, world: World, delta: Fraction) -> list[float]:
    """The bound after 0, 1, ..., n errors."""
    return [certificate_value(found, world, errors, delta) for errors in range(len(world))]
