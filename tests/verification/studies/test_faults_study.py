"""The study of the kill matrix: what its rows say, and that the sound bound is not a fault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genbounds.bounds.lookup import catalogue
from genbounds.bounds.theorem import Bound, Capacity
from genbounds.verification.checks.faults import generated, killing, listed
from genbounds.verification.checks.faults.fates import UNCHANGED
from genbounds.verification.checks.faults.listed import Listed
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.cli import app
from genbounds.verification.rows.canary_row import CanaryRow
from genbounds.verification.rows.fault_row import FaultRow, kill_matrix
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies.faults import Faults, FaultsOf, ListedFaults


def rows_of(*formulas: str) -> Sequence[Row]:
    study = Faults()
    cells = [cell for cell in study.cells() if isinstance(cell, FaultsOf) and cell.formula in formulas]
    return study.rows(cells, [parse_json(canonical_json(result)) for result in study.run_tile(cells)])


def test_there_is_a_cell_for_every_bound_and_every_capacity() -> None:
    formulas = {formula.name for formula in catalogue() if isinstance(formula, Bound | Capacity)}
    assert {cell.formula for cell in Faults().cells() if isinstance(cell, FaultsOf)} == formulas


@pytest.mark.slow
def test_the_rows_count_what_was_caught() -> None:
    rows = [row for row in rows_of("holdout.hoeffding") if isinstance(row, FaultRow)]
    found = {row.operator: row for row in rows}
    assert found["n for 2n"].caught == found["n for 4n"].caught == found["log10 for ln"].caught == 1
    assert found["delta for delta/2"].true == 1
    whole = kill_matrix(rows, "family")[-1]
    assert (whole.caught, whole.survived) == (10, 0)
    assert whole.planted == sum(row.planted for row in rows if row.operator != UNCHANGED) == 13
    assert (found[UNCHANGED].same, found[UNCHANGED].verdict) == (1, Verdict.NOT_APPLICABLE)


@pytest.mark.slow
def test_a_formula_that_is_caught_as_it_is_fails_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A bound that is false itself: all of its faults are booked as caught, and so is the bound, which is not a success."""
    true = generated.unchanged

    def false(theorem: Bound) -> generated.Fault:
        same = true(theorem)
        return next(
            generated.Fault(UNCHANGED, same.where, fault.whole, fault.part, fault.tree)
            for fault in generated.faults(theorem)
            if fault.operator == "n for 4n"
        )

    monkeypatch.setattr(killing, "unchanged", false)
    monkeypatch.setattr(Faults, "cells", lambda study: [FaultsOf("holdout.hoeffding", "thumbnail", "false")])
    found = CliRunner().invoke(app, ["verify", "faults", "--out", str(tmp_path)])
    assert found.exit_code == 1, found.output
    assert "1 formula went through the same trials with nothing changed: 1 of them was caught" in " ".join(found.output.split())


@pytest.mark.parametrize(
    ("alarm", "finds", "missed", "alarmed"),
    [
        ("sees what is not there", lambda planted: "something", "", "identity (something)"),
        ("sees nothing", lambda planted: None, "identity", ""),
    ],
)
def test_a_check_that_is_not_to_be_trusted_is_a_dead_canary(
    alarm: str, finds: object, missed: str, alarmed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed, "LISTED", (Listed("pipeline", alarm, "identity", finds),))  # type: ignore[arg-type]
    study, cells = Faults(full=True), [ListedFaults("pipeline", "")]
    rows = study.rows(cells, [parse_json(canonical_json(result)) for result in study.run_tile(cells)])
    (dead,) = [row for row in rows if isinstance(row, CanaryRow)]
    assert (dead.planted, dead.missed, dead.alarmed, dead.verdict) == (alarm, missed, alarmed, Verdict.REFUTED)
    assert Report("t", {}, tuple(rows)).refuted == (dead,)


@pytest.mark.slow
def test_the_faults_of_a_capacity_are_caught_by_the_bound_that_it_feeds_and_counted_apart() -> None:
    rows = [row for row in rows_of("rademacher.massart") if isinstance(row, FaultRow)]
    assert all(row.of_capacity for row in rows)
    assert kill_matrix(rows, "operator") == []
    whole = kill_matrix(rows, "operator", capacities=True)[-1]
    assert whole.caught > 0
    assert whole.planted == sum(row.planted for row in rows if row.operator != UNCHANGED)
