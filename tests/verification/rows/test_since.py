"""A report of an older catalogue is read and cited for what it says, and is never taken for a certificate of today's theorem."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.verification.rows.test_consistency import EDITS, changed, inner
from typer.testing import CliRunner

from genbounds.bounds import Certificate, __version__
from genbounds.verification.checks.tightness import tightness
from genbounds.verification.cli import app
from genbounds.verification.commands.cite import citation_of_row
from genbounds.verification.report.read import read_of_today, read_report
from genbounds.verification.rows.consistency import changed_since
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.since import tolerated
from genbounds.verification.runs.identifiers import row_id

ROOT = Path(__file__).parents[3]
OLD = "0.0.7"
GAINED = "the theorem has gained an assumption since: iid sample; the certificate does not say whether it holds"
CATALOGUE = {
    "smaller value": "the number has changed since: today's catalogue gives 0.0714",
    "larger value": "where the report has 0.2",
    "term": "the terms have changed since",
    "confidence": "the probability of failure has changed since: it is 1/20 today, where the report has 1/1000",
    "mode": "the theorem says something else since: mode is 'HP' today, where the report has 'DET'",
    "what is bounded": "bounds_on is 'risk' today, where the report has 'Gibbs risk'",
    "form": "today's catalogue gives no such certificate: form of holdout.clopper_pearson",
    "unknown input": "today's catalogue gives no such certificate: inputs of holdout.clopper_pearson",
    "an assumption left out": GAINED,
}
"""Edits of a report that another catalogue would have written, and what is said of them."""


def without(rows: list[dict[str, Any]], *positions: int) -> None:
    for position in sorted(positions, reverse=True):
        inner(rows)["assumptions"].pop(position)


def compared(rows: list[dict[str, Any]]) -> None:
    """The first row as another catalogue would have compared its certificate, so that nothing but the certificate is another one."""
    certificate = Certificate.from_dict(inner(rows))
    found = tightness(certificate.value, Fraction(92, 1797), 500, float(certificate.delta or Fraction(1, 20)))
    rows[0].update(baseline=found.baseline, held_out_equivalent=found.held_out_equivalent)


def rename(rows: list[dict[str, Any]]) -> None:
    """The first row as one of a bound that the catalogue no longer has."""
    inner(rows)["bound"] = "holdout.gone"
    rows[0]["id"] = row_id(rows[0]["cell"], "holdout.gone", rows[0]["quantity"])


def write(report: Report, folder: Path, change: Callable[[list[dict[str, Any]]], Any], version: str | None) -> Path:
    data = changed(report, change)
    data["run"] = {} if version is None else {"versions": {"genbounds": version}}
    path = folder / "report.json"
    path.write_text(json.dumps(data))
    return path


def named(rows: list[dict[str, Any]]) -> None:
    """Rows of a study whose certificates docs/measured.json keeps."""
    for row in rows:
        if row["kind"] == "bound":
            row["study"] = "mnist"


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("version", [None, __version__, OLD])
def test_a_gained_assumption_is_said_and_the_report_is_read(handmade_report: Report, tmp_path: Path, version: str | None) -> None:
    path = write(handmade_report, tmp_path, EDITS["an assumption left out"][0], version)
    with pytest.raises(ValueError, match="assumptions of"):
        read_report(path)  # whoever does not ask for older reports gets none
    report = read_report(path, older=True)
    assert changed_since(report.rows[0]) == (GAINED,)
    assert not any(changed_since(row) for row in report.rows[1:])


def test_two_gained_assumptions_and_one_with_other_words(handmade_report: Report, tmp_path: Path) -> None:
    path = write(handmade_report, tmp_path, lambda rows: without(rows, 0, 1), OLD)
    (said,) = changed_since(read_report(path, older=True).rows[0])
    assert said == "the theorem has gained assumptions since: iid sample, zero-one loss; the certificate does not say whether they hold"
    path = write(handmade_report, tmp_path, lambda rows: inner(rows)["assumptions"][0].update(statement="Any."), None)
    (said,) = changed_since(read_report(path, older=True).rows[0])
    assert said.startswith("the assumption 'iid sample' says something else since: 'The n examples")
    assert said.endswith("where the report has 'Any.'; the certificate does not say whether that holds")


@pytest.mark.parametrize("name", CATALOGUE)
def test_of_an_older_version_each_difference_is_said(handmade_report: Report, tmp_path: Path, name: str) -> None:
    path = write(handmade_report, tmp_path, lambda rows: (EDITS[name][0](rows), compared(rows)), OLD)
    report = read_report(path, older=True)
    (said,) = [changed_since(row) for row in report.rows if changed_since(row)]
    assert any(CATALOGUE[name] in sentence for sentence in said)
    (row,) = [row for row in report.rows if changed_since(row)]
    found = citation_of_row(report, row.id)
    assert CATALOGUE[name] in found["sentence"]
    assert f"It is not a certificate of today's {row.bound}" in found["sentence"]
    assert f"version = {{{OLD}}}" in found["bibtex"]
    assert r"\\" not in found["latex"]  # no row for a table


def test_a_bound_that_is_gone_is_cited_for_what_the_report_says(handmade_report: Report, tmp_path: Path) -> None:
    report = read_report(write(handmade_report, tmp_path, rename, OLD), older=True)
    (said,) = changed_since(report.rows[0])
    assert said.startswith("today's catalogue gives no such certificate: name must be one of the catalogue, got 'holdout.gone'")
    found = citation_of_row(report, report.rows[0].id)
    assert "holdout.gone" in found["sentence"]
    assert said in found["sentence"]
    assert "clopper1934use" in found["bibtex"]
    assert "@software{genbounds," in found["bibtex"]


@pytest.mark.parametrize("version", [None, __version__, "999.0"])
@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "an assumption left out"])
def test_within_a_version_and_of_a_newer_one_a_changed_number_is_refused(
    handmade_report: Report, tmp_path: Path, name: str, version: str | None
) -> None:
    path = write(handmade_report, tmp_path, EDITS[name][0], version)
    with pytest.raises(ValueError, match=EDITS[name][1]):
        read_report(path, older=True)


@pytest.mark.parametrize("name", [name for name in EDITS if name not in CATALOGUE])
def test_what_no_catalogue_explains_is_refused_of_an_older_version_too(handmade_report: Report, tmp_path: Path, name: str) -> None:
    """A value that was changed alone is among it: what the row says it is worth is that of another value."""
    explained = ("last digit", "input", "no delta", "trivial")
    path = write(handmade_report, tmp_path, EDITS[name][0], OLD)
    if name in explained:
        assert any(changed_since(row) for row in read_report(path, older=True).rows)
        return
    with pytest.raises(ValueError, match="held-out equivalent must be" if name == "value and its only term" else EDITS[name][1]):
        read_report(path, older=True)


def test_what_is_tolerated() -> None:
    assert tolerated("0.0.9") > tolerated(__version__) == tolerated(None) == {"assumption"}
    assert tolerated("10.0") == frozenset()
    assert tolerated("0.1.0rc1") != tolerated("0.0.99")


def test_the_commands_say_what_changed(handmade_report: Report, tmp_path: Path) -> None:
    path = write(handmade_report, tmp_path, EDITS["an assumption left out"][0], OLD)
    row, sound, verdict = handmade_report.rows[0], handmade_report.rows[1], handmade_report.rows[5]
    cited = call("cite", row.id, "--report", str(path), "--json")
    assert cited.exit_code == 0
    assert GAINED in json.loads(cited.stdout)["sentence"]
    assert json.loads(cited.stdout)["changed"] == GAINED
    proof = call("cite", row.id, "--report", str(path), "--proof")
    assert (proof.exit_code, proof.stdout) == (2, "")
    assert GAINED in " ".join(proof.stderr.split())
    again = call("recheck", row.id, "--report", str(path))
    assert again.exit_code == 1
    assert f"changed: {GAINED}" in again.stdout
    assert "not a certificate of today's holdout.clopper_pearson" in again.stdout
    assert json.loads(call("recheck", row.id, "--report", str(path), "--json").stdout)["written_by"] == OLD
    fine = call("recheck", sound.id.upper(), "--report", str(path))
    assert fine.exit_code == 0
    assert fine.stdout.startswith("arithmetic: vc.sauer is 0.")
    assert call("recheck", verdict.id, "--report", str(path)).exit_code == 2
    shown = call("cite", sound.id, "--report", str(path))
    assert "not a certificate of today" not in shown.stdout
    assert f"version = {{{OLD}}}" in shown.stdout


def test_show_says_what_changed_and_counts_no_such_row(handmade_report: Report, tmp_path: Path) -> None:
    path = write(handmade_report, tmp_path, EDITS["an assumption left out"][0], OLD)
    row, name = handmade_report.rows[0], "holdout.clopper_pearson"
    shown = call("show", name, "--report", str(path))
    assert shown.exit_code == 0
    said = " ".join(shown.stdout.split())
    assert f"written by genbounds {OLD}, not by this version ({__version__})" in said
    assert f"{row.id}: not a certificate of today's {name}: {GAINED}" in said
    found = json.loads(call("show", name, "--report", str(path), "--json").stdout)["verification"]
    assert found["written_by"] == OLD
    assert found["changed"] == {row.id: [GAINED]}
    assert not any(row.id in ids for ids in found["verdicts"].values())
    sound = write(handmade_report, tmp_path, lambda rows: None, __version__)
    found = json.loads(call("show", name, "--report", str(sound), "--json").stdout)["verification"]
    assert "changed" not in found
    assert any(row.id in ids for ids in found["verdicts"].values())
    assert "written by" not in call("show", name, "--report", str(sound)).stdout
    wrong = write(handmade_report, tmp_path, EDITS["last digit"][0], __version__)  # changed by hand: no catalogue explains it
    assert call("show", name, "--report", str(wrong)).exit_code == 2


def test_what_computes_with_certificates_leaves_out_those_of_an_older_catalogue(handmade_report: Report, tmp_path: Path) -> None:
    row = handmade_report.rows[0]
    path = write(handmade_report, tmp_path, EDITS["an assumption left out"][0], OLD)
    report, left_out = read_of_today(path)
    assert left_out == (f"{row.id} is left out: it is not a certificate of today's {row.bound}: {GAINED}",)
    assert [one.id for one in report.rows] == [one.id for one in handmade_report.rows[1:]]
    assert read_of_today(write(handmade_report, tmp_path, lambda rows: None, OLD))[1] == ()


@pytest.mark.parametrize("name", ["gallery", "measured", "plots_figure", "prove_report", "suite"])
def test_every_script_of_the_docs_reads_reports_in_one_way(name: str) -> None:
    text = (ROOT / "docs" / f"{name}.py").read_text(encoding="utf-8")
    assert "read_of_today(" in text
    assert "read_report(" not in text


def test_no_other_script_of_the_docs_reads_a_report() -> None:
    readers = {path.stem for path in (ROOT / "docs").rglob("*.py") if "verification.report.read" in path.read_text(encoding="utf-8")}
    assert readers == {"gallery", "measured", "plots_figure", "prove_report", "suite"}


def test_the_script_of_the_measured_rows_says_what_it_leaves_out(
    handmade_report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = importlib.util.spec_from_file_location("measured_rows", ROOT / "docs" / "measured.py")
    assert script is not None
    assert script.loader is not None
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    path = write(handmade_report, tmp_path, lambda rows: (EDITS["an assumption left out"][0](rows), named(rows)), OLD)
    module.main([str(path)])
    said = capsys.readouterr()
    assert GAINED in said.err
    bounds = [row.bound for row in handmade_report.bounds]
    assert [row["bound"] for row in json.loads(said.out)] == bounds[1:]


@pytest.mark.parametrize("version", ["0.1}, note={x", "\x1b[31m0.1", "", 7])
def test_a_version_that_is_none_is_not_printed(handmade_report: Report, version: Any) -> None:
    assert Report("t", {}, (), {"versions": {"genbounds": version}}).version is None
    assert Report("t", {}, (), {"versions": None}).version is None
