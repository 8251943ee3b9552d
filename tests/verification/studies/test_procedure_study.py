"""The coverage study of the whole PAC-Bayes procedure, small: what a draw gives, and what its row says of the planted faults."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genbounds.verification.cells import canonical_json, parse_json
from genbounds.verification.checks.coverage import ALPHA, sequential_power
from genbounds.verification.checks.planted import FAULTS
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import population
from genbounds.verification.rows import CoverageRow
from genbounds.verification.studies.procedure import DELTA, RISK_DELTA, Procedure, ProcedureCell, draw, judged, kill

SOUND, FAULTY = ProcedureCell(draws=3, risk_pairs=3000), ProcedureCell("bound", draws=3, risk_pairs=3000)


def test_the_plan_has_the_power_that_is_promised() -> None:
    cells = Procedure().cells()
    draws = sum(cell.draws for cell in cells if cell.prior == "prior")
    rate = float(DELTA + RISK_DELTA / 2)
    assert draws >= 300
    assert sequential_power(draws, 2 * rate, rate, ALPHA) >= 0.95
    assert {cell.prior for cell in cells} == {"prior", "bound"}
    keys = [key for cell in cells if cell.prior == "prior" for key in cell.keys]
    assert len(set(keys)) == len(keys)


def test_a_draw_depends_on_its_key_alone_and_the_faults_only_make_numbers_smaller() -> None:
    pool = population("digits")
    first, again, other = (draw(SOUND, pool, key) for key in (0, 0, 1))
    assert first == again != other
    assert first["n doubled"] < first["none"]
    assert first["KL without the biases"] < first["none"]
    assert 0 <= first["lower"] <= first["upper"] <= 1


def test_the_row_says_which_rung_catches_what() -> None:
    study = Procedure()
    cells = [SOUND, FAULTY]
    results = [parse_json(canonical_json(result)) for result in study.run_tile(cells)]
    (row,) = study.rows(cells, results)
    assert isinstance(row, CoverageRow)
    assert (row.draws, row.bound) == (3, "pac_bayes.seeger2002")
    assert all(f"{fault}: " in row.note for fault in FAULTS[1:])
    # Three networks that interpolate the bound's sample: their certificates are far below their risk.
    assert "coverage" in kill("prior fitted on the bound's sample", judged(results[1]["none"], results[1]["lower"]))
    assert all(value < lower for value, lower in zip(results[1]["none"], results[1]["lower"], strict=True))


def test_without_faulty_cells_the_row_is_of_the_procedure_alone() -> None:
    study, cell = Procedure(), replace(SOUND, draws=1)
    (row,) = study.rows([cell], study.run_tile([cell]))
    assert "prior fitted" not in row.note
    assert study.rows([FAULTY], [{}]) == []


def test_an_interpolating_prior_is_refuted_by_coverage() -> None:
    """The draws of the fault with the risk far above the number: the e-process stops, and `kill` says where."""
    found = judged([0.2] * 20, [0.3] * 20)
    assert found.verdict is Verdict.REFUTED
    assert "refuted at draw" in kill("prior fitted on the bound's sample", found)


@pytest.mark.slow
def test_thirty_draws_do_not_refute_the_procedure() -> None:
    """False-alarm probability at most ALPHA = .001, whatever the procedure's rate up to delta."""
    (result,) = Procedure().run_tile([ProcedureCell(draws=30)])
    assert judged(result["none"], result["lower"]).verdict is Verdict.NOT_REFUTED
