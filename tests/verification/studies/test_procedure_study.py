"""The coverage study of the whole PAC-Bayes procedure, small: what a draw gives, and what its row says of the planted faults."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genbounds.verification.checks.coverage import sequential_power
from genbounds.verification.checks.planted import FAULTS
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import population
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies.procedure import DELTA, FITTED_ON_BOUND, RISK_DELTA, Procedure, ProcedureCell, draw, judged, kill

SOUND, FAULTY = ProcedureCell(draws=3, risk_pairs=3000), ProcedureCell("bound", draws=3, risk_pairs=3000)


def test_the_plan_has_the_power_that_is_promised() -> None:
    cells = Procedure().cells()
    draws = sum(cell.draws for cell in cells if cell.prior == "prior")
    rate = float(DELTA + RISK_DELTA / 2)
    assert draws >= 300
    assert sequential_power(draws, 2 * rate, rate, share("procedure")) >= 0.95
    assert {cell.prior for cell in cells} == {"prior", "bound"}
    keys = [key for cell in cells if cell.prior == "prior" for key in cell.keys]
    assert len(set(keys)) == len(keys)


@pytest.mark.slow
def test_a_draw_depends_on_its_key_alone_and_the_faults_only_make_numbers_smaller() -> None:
    pool = population("digits")
    first, again, other = (draw(SOUND, pool, key) for key in (0, 0, 1))
    assert first == again != other
    assert first["n doubled"] < first["none"]
    assert first["KL without the biases"] < first["none"]
    assert 0 <= first["lower"] <= first["upper"] <= 1


@pytest.mark.slow
def test_the_row_says_which_rung_catches_what() -> None:
    study = Procedure()
    cells = [SOUND, FAULTY]
    results = [parse_json(canonical_json(result)) for result in study.run_tile(cells)]
    row, *mutants = study.rows(cells, results)
    assert isinstance(row, CoverageRow)
    assert (row.draws, row.bound) == (3, "pac_bayes.seeger2002")
    # Three networks that interpolate the bound's sample: their certificates are far below their risk. Three draws are too few to say so.
    assert [row.mutant for row in mutants if isinstance(row, MutantRow)] == list(FAULTS[1:])
    assert [row.caught_by for row in mutants if isinstance(row, MutantRow)] == [
        "audit",
        "enumeration, audit",
        "identity",
        "enumeration, audit",
    ]
    assert all(isinstance(row, MutantRow) and "coverage" in row.missed_by for row in mutants)
    assert all(value < lower for value, lower in zip(results[1]["none"], results[1]["lower"], strict=True))


@pytest.mark.slow
def test_without_faulty_cells_the_fault_of_the_prior_has_no_row() -> None:
    study, cell = Procedure(), replace(SOUND, draws=1)
    rows = study.rows([cell], study.run_tile([cell]))
    assert [row.mutant for row in rows if isinstance(row, MutantRow)] == list(FAULTS[2:])
    assert study.rows([FAULTY], [{}]) == []


def test_an_interpolating_prior_is_refuted_by_coverage() -> None:
    """The draws of the fault with the risk far above the number: the e-process stops, and ``kill`` says where."""
    found = judged([0.2] * 20, [0.3] * 20)
    assert found.verdict is Verdict.REFUTED
    row = kill("cell", FITTED_ON_BOUND, found)
    assert (row.caught_by, row.missed_by) == ("audit, coverage", "enumeration, identity")
    assert "20 of 20 draws below the risk, refuted at draw 5" in row.note
    report = Report(title="mutants", asked={}, rows=(row,))
    assert report.refuted == ()
    assert report.mutants == (row,)
    assert Report.from_dict(parse_json(canonical_json(report.to_dict()))) == report


@pytest.mark.slow
def test_thirty_draws_do_not_refute_the_procedure() -> None:
    """False-alarm probability at most .001 / 8, whatever the procedure's rate up to delta."""
    (result,) = Procedure().run_tile([ProcedureCell(draws=30)])
    assert judged(result["none"], result["lower"]).verdict is Verdict.NOT_REFUTED
