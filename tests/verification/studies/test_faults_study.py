"""The study of the kill matrix: what its rows say, and that the sound bound is no fault."""

from __future__ import annotations

from genbounds.bounds.lookup import catalogue
from genbounds.bounds.theorem import Bound
from genbounds.verification.rows.fault_row import FaultRow, kill_matrix
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies.faults import Faults, FaultsOf


def test_there_is_a_cell_for_every_bound() -> None:
    bounds = {formula.name for formula in catalogue() if isinstance(formula, Bound)}
    assert {cell.bound for cell in Faults().cells() if isinstance(cell, FaultsOf)} == bounds


def test_the_rows_count_what_was_caught() -> None:
    study = Faults()
    cells = [cell for cell in study.cells() if isinstance(cell, FaultsOf) and cell.bound == "holdout.hoeffding"]
    results = [parse_json(canonical_json(result)) for result in study.run_tile(cells)]
    rows = [row for row in study.rows(cells, results) if isinstance(row, FaultRow)]
    found = {row.operator: row for row in rows}
    assert found["n for 2n"].caught == found["n for 4n"].caught == found["log10 for ln"].caught == 1
    assert found["delta for delta/2"].true == 1
    whole = kill_matrix(rows, "family")[-1]
    assert (whole.caught, whole.survived) == (9, 0)
    assert whole.planted == sum(row.planted for row in rows) == 12
