"""What a rung is, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Protocol

from genbounds.verification.checks.matching import Match
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Size


@dataclass(frozen=True)
class Finding:
    """What one rung found out about one bound in one scenario.

    Attributes:
        rung: the name of the rung.
        verdict: ``refuted``, ``not refuted``, ``proved by enumeration`` or ``undecided``.
        resolution: the largest factor on the deviation, at most 1, that would have been refuted; 0 if none would; None where the rung has
            no such number. Constant caps inside the formula are taken off before the factor is applied.
        with_cap: the same with caps left on.
        world: where the resolution is attained, or the bound refuted.
        delta: the failure probability of the statement; None for statements that cannot fail.
        looked_at: how many worlds, draws or risks were looked at.
        evidence: in one sentence, what refutes the bound, or what was looked at without refuting it.
        measured, allowed: the numbers that decide; the bound is refuted if the first is above the second. They are a failure probability
            and delta, the means of truth and bound, or the logarithm of an e-process and its threshold; None where no pair decides.
        informative: whether the bound said something in a world that was looked at, being below the value that holds anyway.
    """

    rung: str
    verdict: Verdict
    resolution: float | None
    with_cap: float | None
    world: str
    delta: Fraction | None
    looked_at: int
    evidence: str
    measured: float | None = None
    allowed: float | None = None
    informative: bool = False


class Rung(Protocol):
    """A decision rule with a known false-alarm probability: 0 for an exact rung, ``alpha`` for one that draws."""

    name: ClassVar[str]
    exact: ClassVar[bool]

    def look(self, found: Match, size: Size, alpha: float) -> Finding | None:
        """Judge a bound in a scenario that it matches; None where the rung has nothing to look at there."""
        ...
