"""The studies of single networks: rows, resume, and the scale at which bounds say something."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from genbounds.verification.checks import shares
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.cells import Cell, Result, canonical_json
from genbounds.verification.runs.run import results, run
from genbounds.verification.studies.network_study import NetworkStudy
from genbounds.verification.studies.networks import Networks
from genbounds.verification.studies.scale import Scale
from genbounds.verification.studies.trained_network import NetworkCell

CELL = NetworkCell("breast_cancer", (30, 4, 1), 300, ("holdout.hoeffding", "vc.growth_function"), steps=40, held_out=100)


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The studies of this file have a share of the report's false alarms."""
    monkeypatch.setitem(shares.SHARES, "small", Fraction(1, 32))  # type: ignore[arg-type]


class Small(NetworkStudy):
    """Two networks, three seeds each, in tiles of two."""

    name = "small"
    revision = 1
    description = "A small study."
    scale = "realistic"
    seeds = (3, 3)
    tile_size = 2
    networks = (CELL, replace(CELL, widths=(30, 1), bias=False, radius=1.0, held_out=0, bounds=("rademacher.uniform_deviation",)))


class Interrupted(Small):
    """Fails in its third tile."""

    tiles = 0

    def run_tile(self, cells: list[Cell]) -> list[Result]:
        type(self).tiles += 1
        if type(self).tiles == 3:
            raise RuntimeError("the power fails")
        return super().run_tile(cells)


def rows(study: NetworkStudy, folder: Path) -> list[Row]:
    pairs = results([study], run([study], folder))[study.name]
    return list(study.rows([cell for cell, _ in pairs], [result for _, result in pairs]))


def report(found: list[Row]) -> str:
    return canonical_json(Report("t", {}, tuple(found)).to_dict())


@pytest.mark.slow
def test_an_interrupted_run_resumes_to_the_same_report(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the power fails"):
        run([Interrupted()], tmp_path / "cut")
    assert report(rows(Small(), tmp_path / "cut")) == report(rows(Small(), tmp_path / "whole"))


@pytest.mark.slow
def test_rows_say_what_they_are_of(tmp_path: Path) -> None:
    found = rows(Small(), tmp_path)
    assert len(found) == 3 * 2 + 3
    assert len({row.id for row in found}) == len(found)
    row = found[0]
    assert isinstance(row, BoundRow)
    assert (row.population, row.network, row.n) == ("breast_cancer", "30-4-1 ReLU, with biases", 100)
    assert row.n_over_pool is not None
    assert float(row.n_over_pool) == pytest.approx(100 / 569)
    assert "seed 0" in row.training


@pytest.fixture(scope="module")
def large_samples(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return rows(Scale(), tmp_path_factory.mktemp("scale"))


@pytest.mark.slow
def test_every_capacity_bound_has_a_scale_at_which_it_is_below_one_half(large_samples: list[Row]) -> None:
    for row in large_samples:
        assert isinstance(row, BoundRow)
        assert row.risk <= row.certificate.value < 0.5, row.certificate.summary()
        assert row.held_out_equivalent
    assert {row.family for row in large_samples} == {"holdout", "vc", "rademacher", "margin"}
    forms = {(row.bound, row.quantity) for row in large_samples}
    assert {bound for bound, _ in forms} == {
        "holdout.clopper_pearson",
        "vc.growth_function",
        "vc.sauer",
        "rademacher.uniform_deviation",
        "margin.norm_product",
        "margin.spectral",
        "margin.bartlett2017spectral",
    }
    assert ("margin.spectral", "risk, homogeneous form") in forms


@pytest.mark.slow
def test_at_realistic_scale_capacity_bounds_are_vacuous_and_held_out_ones_are_not(tmp_path: Path) -> None:
    found = rows(Networks(), tmp_path)
    assert {row.verdict for row in found} == {Verdict.NOT_REFUTED}
    for row in found:
        assert isinstance(row, BoundRow)
        assert not row.certificate.violated
        assert row.risk <= row.certificate.value
        assert row.certificate.vacuous == (row.family in ("vc", "margin")) or row.family == "rademacher"
        assert "informative from n" in row.note or not row.certificate.vacuous
