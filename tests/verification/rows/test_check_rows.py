"""The rows of coverage checks and of enumerations."""

from __future__ import annotations

from fractions import Fraction

from genbounds.verification.checks.coverage import coverage
from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.enumeration_row import EnumerationRow


def test_rows_of_the_checks() -> None:
    found = coverage([False] * 300, delta=0.05)
    row = CoverageRow.of(found, study="s", cell="c", bound="vc.sauer", population="digits")
    assert (row.draws, row.violations, row.verdict, row.family) == (300, 0, Verdict.NOT_REFUTED, "vc")
    assert "0.1" in row.power
    enumerated = EnumerationRow.of(enumerate_failures([0.96, 1.0], Fraction(1, 20)), study="s", cell="c", bound="holdout.hoeffding")
    assert enumerated.verdict is Verdict.PROVED_BY_ENUMERATION
    assert 0.04 <= enumerated.supremum <= 0.0400001
