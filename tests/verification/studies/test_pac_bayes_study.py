"""The PAC-Bayes study: certificates of the Gibbs risk, and the interval beside them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Literal

import pytest
from tests.reference import pac_bayes as reference

from genbounds.verification.cells import canonical_json, parse_json
from genbounds.verification.rows import Interval
from genbounds.verification.studies.pac_bayes import DATA_FREE, DELTA, HALF, PacBayes, certify

SMALL = {
    "data-free": replace(DATA_FREE, steps=60, n=300, widths=(64, 8, 10), pairs=4000),
    "half": replace(HALF, steps=40, n=300, widths=(64, 8, 10), pairs=4000),
}


@pytest.mark.parametrize("prior", ["data-free", "half"])
def test_both_certificates_hold_at_the_whole_delta_with_every_assumption_audited(prior: Literal["data-free", "half"]) -> None:
    seeger, mcallester = certify(SMALL[prior])
    for entry in (seeger, mcallester):
        certificate = entry.certificate
        assert certificate.delta == DELTA
        assert {found.status for found in certificate.assumptions} == {"by construction"}
        assert entry.n == certificate.inputs["n"] == (300 if prior == "data-free" else 150)
        assert entry.violated is False
    assert seeger.certificate.value <= mcallester.certificate.value
    inputs = seeger.certificate.inputs
    risk, kl = (Fraction(inputs[name].value) for name in ("empirical_risk", "kl"))
    assert inputs["delta"] == DELTA * Fraction(4, 5)
    expected = reference.seeger2002(empirical_risk=risk, kl=kl, n=seeger.n, delta=inputs["delta"])
    assert seeger.certificate.value == pytest.approx(float(expected), rel=1e-9)
    expected = reference.mcallester(empirical_risk=risk, kl=kl, n=seeger.n, delta=inputs["delta"])
    assert mcallester.certificate.value == pytest.approx(float(expected), rel=1e-9)


def test_a_cell_gives_the_same_result_twice_and_another_seed_another() -> None:
    cell = SMALL["half"]
    first, second, other = (canonical_json([e.to_dict() for e in certify(c)]) for c in (cell, cell, replace(cell, seed=1)))
    assert first == second != other


def test_rows_stand_beside_an_interval() -> None:
    study, cell = PacBayes(), SMALL["half"]
    (result,) = study.run_tile([cell])
    rows = study.rows([cell], [parse_json(canonical_json(result))])
    assert [row.bound for row in rows] == ["pac_bayes.seeger2002", "pac_bayes.mcallester"]
    for row in rows:
        assert isinstance(row.risk, Interval)
        assert "8000 independent" in row.risk.method


@pytest.mark.slow
def test_the_shipped_cells_are_far_from_vacuous() -> None:
    study = PacBayes()
    cells = study.cells()
    rows = study.rows(cells, [parse_json(canonical_json(result)) for result in study.run_tile(cells)])
    for row in rows:
        limit = 0.2 if "half" in row.training or row.scale == "non-vacuous" else 0.7
        assert row.risk.upper < row.certificate.value < limit
