"""The row of a coverage check: how often a bound was below the risk over independent draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genbounds.bounds.special.rounding import decimal_down
from genbounds.verification.checks.coverage import Coverage
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import family_of, row_id


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """How often a bound was below the risk over independent draws.

    ``log_evidence`` is the natural logarithm of the e-process at its largest; the bound is refuted where it reaches ln(1/``alpha``).
    ``upper_limit`` is the one-sided 95 % limit on the violation rate; ``power`` says in words what would have been found;
    ``critical_scale`` is the factor by which the complexity term could shrink before the rate exceeds delta (None: not measured).
    """

    study: str
    cell: str
    bound: str
    population: str
    draws: int
    violations: int
    delta: float
    alpha: float
    log_evidence: float
    upper_limit: float
    power: str
    verdict: Verdict
    critical_scale: float | None = None
    quantity: str = "coverage"
    note: str = ""

    def __post_init__(self) -> None:
        """Normalise the verdict and refuse counts that cannot be."""
        object.__setattr__(self, "verdict", Verdict(self.verdict))
        if not 0 <= self.violations <= self.draws or self.draws < 1:
            raise ValueError(f"violations must lie between 0 and draws, got {self.violations} of {self.draws}: count again")

    @property
    def family(self) -> str:
        """The family of the bound."""
        return family_of(self.bound)

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, self.quantity)

    @classmethod
    def of(cls, found: Coverage, **rest: Any) -> CoverageRow:
        """The row of a ``checks.coverage.coverage`` result; ``rest``: study, cell, bound, population and what else is to be said."""
        rest.setdefault("power", f"a rate of {2 * found.delta:g} is found with probability {decimal_down(found.power, 2)}")
        return cls(
            draws=found.draws,
            violations=found.violations,
            delta=found.delta,
            alpha=found.alpha,
            log_evidence=found.log_evidence,
            upper_limit=found.upper_limit,
            verdict=found.verdict,
            **rest,
        )

    @property
    def rate(self) -> float:
        """Violations over draws."""
        return self.violations / self.draws
