"""A number of a report is computed again: the same bits, a number within the seeds' spread, or not reproduced."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genbounds.bounds.holdout import clopper_pearson
from genbounds.verification import studies
from genbounds.verification.checks.coverage import coverage
from genbounds.verification.cli import app
from genbounds.verification.report.write import write_report
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.cells import Cell, Result, Study, cell_name
from genbounds.verification.runs.reproduction import reproduce
from genbounds.verification.runs.run import results, run

N = 1000


@dataclass(frozen=True)
class Draw:
    """One count of errors."""

    seed: int
    network: str = "a"


class Counts(Study):
    """A held-out bound for each cell, of 50 + 10 seed errors, and ``more`` where another machine or version counts otherwise."""

    name = "counts"
    revision = 1
    description = "Counted errors."
    tile_size = 2

    def __init__(self, seeds: int, more: int = 0) -> None:
        self.seeds, self.more = seeds, more
        self.ran: list[int] = []

    def cells(self) -> Sequence[Draw]:
        return [*(Draw(seed) for seed in range(self.seeds)), Draw(0, "alone")]

    def run_tile(self, cells: Sequence[Any]) -> list[Result]:
        self.ran += [cell.seed for cell in cells]
        return [{"errors": 50 + 10 * cell.seed + self.more} for cell in cells]

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        words = {"study": self.name, "population": "none", "risk_what": "risk", "scale": "realistic"}
        return [
            BoundRow.compared(
                clopper_pearson(errors=result["errors"], n=N, delta=Fraction(1, 20)),
                Fraction(1, 20),
                N,
                cell=cell_name(self, cell),
                network=cell.network,  # type: ignore[attr-defined]
                training=f"10 steps, seed {cell.seed}",  # type: ignore[attr-defined]
                **words,
            )
            for cell, result in zip(cells, results, strict=True)
        ]


def reported(study: Counts, folder: Path) -> Report:
    pairs = results([study], run([study], folder))[study.name]
    rows = study.rows([cell for cell, _ in pairs], [result for _, result in pairs])
    report = Report("counts", {"studies": [study.name], "revisions": {study.name: study.revision}}, tuple(rows))
    write_report(report, folder)
    return report


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "more", "level", "words"),
    [
        (1, 0, "training", "2 cells of study counts computed again, and every number is the same to the last bit"),
        (1, 10, "statistical", "no further apart than the 4 seeds of the report"),
        (1, 40, "none", "further apart than the 4 seeds of the report"),
        (4, 0, "training", "1 cell of study counts computed again"),
        (4, 1, "none", "no other seed"),
    ],
)
def test_how_nearly_a_number_comes_out(row: int, more: int, level: str, words: str, tmp_path: Path) -> None:
    """Four seeds of one network, 50 to 80 errors, and one seed of another; cells 0 and 1 share a tile."""
    report = reported(Counts(4), tmp_path)
    study = Counts(4, more)
    found = reproduce(report, report.rows[row].id, study, tmp_path)
    assert (found.level, found.to_dict()["level"]) == (level, level)
    assert words in found.summary()
    assert study.ran == ([0, 1] if row == 1 else [0])
    assert found.summary().startswith("arithmetic: holdout.clopper_pearson is 0.0")


class Pooled(Counts):
    """Counts with a row more, named after the first cell and made of all: how many of them have more than 65 errors."""

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        many = sum(result["errors"] > 65 for result in results)
        found = coverage([True] * many + [False] * (len(results) - many), 0.5)
        pooled = CoverageRow.of(found, study=self.name, cell=cell_name(self, cells[0]), bound="holdout.hoeffding", population="none")
        return [*super().rows(cells, results), pooled]


@pytest.mark.slow
def test_a_row_of_several_cells_is_made_of_all_of_them_again(tmp_path: Path) -> None:
    report = reported(Pooled(4), tmp_path)
    for more, level in ((0, "training"), (6, "none")):  # six more: one of 60 errors is above 65 as well
        study = Pooled(4, more)
        found = reproduce(report, report.rows[5].id, study, tmp_path)
        assert (found.level, found.cells, study.ran) == (level, 5, [0, 1, 2, 3, 0])
    assert found.differences["violations"] == (2, 3)
    assert "violations: 3, where the report has 2" in found.summary()
    study = Pooled(4)
    assert reproduce(report, report.rows[0].id, study, tmp_path).level == "training"
    assert study.ran == [0, 1]


@pytest.mark.slow
def test_rows_of_one_seed_say_nothing_of_other_seeds(tmp_path: Path) -> None:
    """Two quantities of one network are no two seeds."""
    report = reported(Counts(1), tmp_path)
    row = report.bounds[0]
    twice = replace(report, rows=(*report.rows, replace(row, quantity="risk, from another reference")))
    found = reproduce(twice, row.id, Counts(1, 1), tmp_path)
    assert (found.level, len(found.seeds)) == ("none", 1)


@pytest.mark.slow
def test_without_the_results_the_whole_study_runs(tmp_path: Path) -> None:
    report = reported(Counts(4), tmp_path / "made")
    study = Counts(4)
    found = reproduce(report, report.rows[0].id, study, tmp_path / "elsewhere")
    assert (found.level, found.cells, study.ran) == ("training", 5, [0, 1, 2, 3, 0])


@pytest.mark.slow
def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    report = reported(Counts(2), tmp_path)
    later = Counts(2)
    later.revision = 2
    with pytest.raises(ValueError, match="made with, 1, got 2"):
        reproduce(report, report.rows[0].id, later, tmp_path)
    with pytest.raises(ValueError, match="one of this report"):
        reproduce(report, "0123456789", Counts(2), tmp_path)
    row = report.bounds[0]
    edited = replace(report, rows=(replace(row, certificate=replace(row.certificate, value=0.01)),))
    with pytest.raises(ValueError, match="as its inputs give"):
        reproduce(edited, row.id, Counts(2), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("more", "status", "level"), [(0, 0, "training"), (10, 0, "statistical"), (40, 1, "none")])
def test_the_command(more: int, status: int, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studies, "default_studies", lambda full: [Counts(4)])
    monkeypatch.setattr(studies, "get", lambda name, full=False: Counts(4))
    assert CliRunner().invoke(app, ["verify", "--out", str(tmp_path)]).exit_code == 0
    path = tmp_path / "report.json"
    identifier = json.loads(path.read_text())["rows"][1]["id"]
    monkeypatch.setattr(studies, "get", lambda name, full=False: Counts(4, more))
    result = CliRunner().invoke(app, ["reproduce", identifier.upper(), "--report", str(path), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["level"]) == (status, level)
    assert json.loads(result.stdout)["cells"] == 2


@pytest.mark.slow
def test_bad_ids_are_refused(tmp_path: Path) -> None:
    reported(Counts(2), tmp_path)
    for arguments, words in (
        (["0123456789", "--report", str(tmp_path / "report.json")], "id must be one of this report"),
        (["0123456789", "--report", str(tmp_path / "none.json")], "must be an existing report.json"),
    ):
        result = CliRunner().invoke(app, ["reproduce", *arguments])
        assert result.exit_code == 2
        assert words in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("more", [0, 10])
def test_a_theorem_that_gained_an_assumption_reproduces_nothing_of_today(more: int, tmp_path: Path) -> None:
    """The numbers may come out again; the certificate is none of today's theorem all the same."""
    report = reported(Counts(4), tmp_path)
    row = report.bounds[1]
    older = replace(row, certificate=replace(row.certificate, assumptions=row.certificate.assumptions[1:]))
    edited = replace(report, rows=tuple(older if one is row else one for one in report.rows))
    study = Counts(4, more)
    found = reproduce(edited, row.id, study, tmp_path)
    assert (found.level, found.to_dict()["level"]) == ("changed", "changed")
    text = found.summary()
    assert "changed: the theorem has gained an assumption since: iid sample; the certificate does not say whether it holds" in text
    assert ("every number is the same to the last bit" in text) == (more == 0)
    assert "not a certificate of today's holdout.clopper_pearson" in text
    assert "arithmetic" not in text
    assert study.ran == [0, 1]  # its tile alone, though its row reads otherwise today


@pytest.mark.slow
def test_the_command_has_status_1_for_an_older_theorem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reported(Counts(2), tmp_path)
    path = tmp_path / "report.json"
    data = json.loads(path.read_text())
    data["rows"][0]["certificate"]["certificate"]["assumptions"].pop(0)
    data["run"] = {"versions": {"genbounds": "0.0.7"}}
    path.write_text(json.dumps(data))
    monkeypatch.setattr(studies, "get", lambda name, full=False: Counts(2))
    result = CliRunner().invoke(app, ["reproduce", data["rows"][0]["id"], "--report", str(path), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["level"]) == (1, "changed")
    assert "gained an assumption since: iid sample" in json.loads(result.stdout)["changes"][0]
    other = CliRunner().invoke(app, ["reproduce", data["rows"][1]["id"], "--report", str(path)])
    assert other.exit_code == 0
