"""Every study of a phenomenon, as a thumbnail: a finding for each claim, no theorem refuted, a figure that draws, a canary that sees."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genbounds.verification import studies
from genbounds.verification.checks.shares import MOST_PHENOMENA
from genbounds.verification.cli import app
from genbounds.verification.commands.verify import canary_row, make_report
from genbounds.verification.report.phenomena import phenomenon_picture
from genbounds.verification.report.wording import sentence
from genbounds.verification.report.write import write_report
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.rows.finding_row import FindingRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.plan import named_cells
from genbounds.verification.runs.run import results, run
from genbounds.verification.studies import PHENOMENA, default_studies, get, known, sized
from genbounds.verification.studies.listing import described, listed

pytestmark = pytest.mark.slow


@cache
def rows_of(name: str) -> tuple[Row, ...]:
    """The rows of a thumbnail, run through the store as a user's are.

    Tests of one study stand side by side (``scope="module"``), so that two processes that share the tests do not both make its rows.
    """
    import tempfile

    study = sized(name, "thumbnail")
    with tempfile.TemporaryDirectory() as folder:
        found = results([study], run([study], folder))[name]
    return tuple(study.rows([cell for cell, _ in found], [result for _, result in found]))


@pytest.mark.parametrize("name", PHENOMENA, scope="module")
def test_a_thumbnail_has_a_finding_for_each_claim_and_refutes_no_theorem(name: str) -> None:
    rows, study = rows_of(name), sized(name, "thumbnail")
    findings = [row for row in rows if isinstance(row, FindingRow)]
    assert [row.name for row in findings] == [claim.name for claim in study.claims]
    assert not [row for row in findings if row.verdict.is_failure]
    assert all(row.said and row.sizes and row.source and any(map(str.isdigit, row.said)) for row in findings)
    assert all(row.id in sentence(row) for row in rows)


@pytest.mark.parametrize("name", PHENOMENA, scope="module")
def test_the_figure_is_drawn_from_what_a_report_keeps(name: str) -> None:
    report = Report("t", {}, rows_of(name))
    again = Report.from_dict(report.to_dict())
    assert again == report
    (row,) = again.curves
    assert isinstance(row, CurvesRow)
    picture = phenomenon_picture(row)
    assert picture is not None
    assert picture.svg.startswith(b"<?xml")
    assert row.alt
    assert picture.caption


def test_a_figure_is_the_same_whenever_it_is_drawn() -> None:
    (row,) = Report("t", {}, rows_of(next(iter(PHENOMENA)))).curves
    assert isinstance(row, CurvesRow)
    assert phenomenon_picture(row) == phenomenon_picture(row)


@pytest.mark.parametrize("name", PHENOMENA, scope="module")
def test_the_trap_of_each_study_is_seen_and_its_sound_case_is_not(name: str) -> None:
    row = canary_row(sized(name, "thumbnail"))
    assert row is not None
    assert (row.missed, row.alarmed) == ("", "")


@pytest.mark.parametrize("name", PHENOMENA, scope="module")
def test_findings_that_never_fail_fail_the_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = sized(name, "thumbnail")
    trap = study.trap()
    monkeypatch.setattr(study, "findings", lambda cells, _: type(study).findings(study, cells, trap.sound))
    row = canary_row(study)
    assert row is not None
    assert row.missed == "findings"
    assert Report("t", {}, (row,)).refuted == (row,)


@pytest.mark.parametrize("name", PHENOMENA, scope="module")
def test_a_study_is_small_in_the_default_report_and_states_what_it_costs(name: str) -> None:
    small, quick, full = (sized(name, extent) for extent in ("thumbnail", "quick", "full"))
    assert small.seconds["thumbnail"] <= 4
    assert small.seconds["quick"] <= 120
    assert small.seconds["thumbnail"] < quick.seconds["quick"] < full.seconds["full"]
    assert len({frozenset(named_cells(study)) for study in (small, quick, full)}) == 3
    assert abs(sum(quick.cost(cell).seconds for cell in quick.cells()) - quick.seconds["quick"]) < 1e-6
    assert len({claim.name for claim in small.claims}) == len(small.claims)
    assert all(claim.sentence.endswith(".") and claim.source for claim in small.claims)


def test_they_are_in_every_report_as_thumbnails_and_listed_with_their_sources() -> None:
    default = {study.name: study for study in default_studies()}
    assert set(PHENOMENA) <= set(default)
    assert all(default[name].extent == "thumbnail" for name in PHENOMENA)  # type: ignore[attr-defined]
    assert all(get(name).extent == "quick" and get(name, full=True).extent == "full" for name in PHENOMENA)  # type: ignore[attr-defined]
    text = "\n".join(described(listed(known())))
    assert all(name in text for name in known())
    for name in PHENOMENA:
        assert all(claim.source.split()[0] in text for claim in sized(name, "quick").claims)
    assert len(PHENOMENA) <= MOST_PHENOMENA


def test_a_finding_of_a_thumbnail_is_reproduced_at_its_own_size_and_seed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(studies, "default_studies", lambda full: [sized("linear_residual", "thumbnail")])
    report = make_report([], full=False, out=tmp_path, seed=3)
    write_report(report, tmp_path)
    assert report.asked["extents"] == {"linear_residual": "thumbnail"}
    finding = next(row for row in report.findings if row.name == "training")
    found = CliRunner().invoke(app, ["reproduce", finding.id, "--report", str(tmp_path / "report.json")])
    assert found.exit_code == 0, found.output
    assert "every number is the same to the last bit" in found.output
