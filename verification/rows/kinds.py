"""The kinds of rows, by the names under which a report file has them."""

from __future__ import annotations

from typing import TypeAlias

from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.canary_row import CanaryRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.fault_row import FaultRow
from genbounds.verification.rows.finding_row import FindingRow
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.rows.trial_row import TrialRow

Row: TypeAlias = TrialRow | BoundRow | CoverageRow | EnumerationRow | BracketRow | MutantRow | FaultRow | FindingRow | CurvesRow | CanaryRow
KINDS: dict[str, type[Row]] = {
    "trial": TrialRow,
    "bound": BoundRow,
    "coverage": CoverageRow,
    "enumeration": EnumerationRow,
    "bracket": BracketRow,
    "mutant": MutantRow,
    "faults": FaultRow,
    "finding": FindingRow,
    "curves": CurvesRow,
    "canary": CanaryRow,
}
