"""The row of an exact enumeration: the largest failure probability of a bound over all true risks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.verification.checks.enumeration import Enumeration
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import family_of, row_id


@dataclass(frozen=True, kw_only=True)
class EnumerationRow:
    """The largest failure probability of a bound over all true risks, decided in ball arithmetic.

    ``supremum`` is the upper end of its enclosure; ``at_risk`` is the true risk just above which it is found.
    """

    study: str
    cell: str
    bound: str
    n: int
    delta: Fraction
    supremum: float
    verdict: Verdict
    at_risk: float | None = None
    quantity: str = "enumeration"
    note: str = ""

    def __post_init__(self) -> None:
        """Normalise delta and the verdict."""
        object.__setattr__(self, "delta", Fraction(self.delta))
        object.__setattr__(self, "verdict", Verdict(self.verdict))

    @property
    def family(self) -> str:
        """The family of the bound."""
        return family_of(self.bound)

    @classmethod
    def of(cls, found: Enumeration, **rest: Any) -> EnumerationRow:
        """The row of a ``checks.enumeration.enumerate_failures`` result; ``rest``: study, cell, bound and what else is to be said."""
        return cls(n=found.n, delta=found.delta, supremum=found.upper, at_risk=found.risk, verdict=found.verdict, **rest)

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, f"{self.bound} n={self.n} delta={self.delta}", self.quantity)
