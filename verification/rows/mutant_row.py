"""The row of a fault that was planted on purpose: which rungs of the ladder catch it."""

from __future__ import annotations

from dataclasses import dataclass

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import row_id


@dataclass(frozen=True, kw_only=True)
class MutantRow:
    """One line of the kill matrix: a broken copy of a bound or a procedure, and the checks that refute it.

    ``caught_by`` names the rungs that do, separated by commas, ``missed_by`` those that were tried and do not; ``note`` is the evidence.
    The verdict is about the broken copy: ``refuted`` is as it should be, and no failure of the report.

    >>> row = MutantRow(study="s", cell="c", bound="pac_bayes.seeger2002", mutant="n doubled", caught_by="audit", missed_by="coverage")
    >>> str(row.verdict), row.quantity
    ('refuted', 'n doubled')
    """

    study: str
    cell: str
    bound: str
    mutant: str
    caught_by: str
    missed_by: str = ""
    note: str = ""

    @property
    def quantity(self) -> str:
        """What tells two mutants of one bound apart."""
        return self.mutant

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, f"mutant: {self.mutant}")

    @property
    def verdict(self) -> Verdict:
        """Whether some rung catches it."""
        return Verdict.REFUTED if self.caught_by else Verdict.NOT_REFUTED
