"""The row of a canary: whether the checks of a study still see a fault that was planted before them."""

from __future__ import annotations

from dataclasses import dataclass

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import row_id


@dataclass(frozen=True, kw_only=True)
class CanaryRow:
    """A fault planted in every run of a study, and the sound case.

    ``checks`` must refute the fault, ``missed`` are those that did not, ``alarmed`` those that refuted the sound case, each separated by
    commas. With either the study's checks are not to be trusted: the verdict is ``refuted``, a failure of the report.

    >>> row = CanaryRow(study="coverage", planted="a bound below its risk in 3 of 10 draws", checks="coverage")
    >>> str(row.verdict), row.bound
    ('not refuted', 'canary of coverage')
    >>> str(CanaryRow(study="coverage", planted="the same", checks="coverage", missed="coverage").verdict)
    'refuted'
    """

    study: str
    planted: str
    checks: str
    missed: str = ""
    alarmed: str = ""

    @property
    def bound(self) -> str:
        """What is on trial, which stands where other rows name a bound: the study's own checks."""
        return f"canary of {self.study}"

    @property
    def cell(self) -> str:
        """A canary comes from no cell."""
        return ""

    @property
    def quantity(self) -> str:
        """What tells two canaries apart."""
        return self.planted

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, self.quantity)

    @property
    def verdict(self) -> Verdict:
        """Whether the checks failed: a fault that was not refuted, or a sound case that was."""
        return Verdict.REFUTED if self.missed or self.alarmed else Verdict.NOT_REFUTED
