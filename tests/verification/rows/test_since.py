"""A report of an older catalogue is read and cited for what it says, and is never taken for a certificate of today's theorem."""

from __future__ import annotations

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
from genbounds.verification.report.read import read_report
from genbounds.verification.rows.consistency import changed_since
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.since import tolerated
from genbounds.verification.runs.identifiers import row_id

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
    assert call("show", "holdout.clopper_pearson", "--report", str(path)).exit_code == 2  # it takes verdicts from the report


@pytest.mark.parametrize("version", ["0.1}, note={x", "\x1b[31m0.1", "", 7])
def test_a_version_that_is_none_is_not_printed(handmade_report: Report, version: Any) -> None:
    assert Report("t", {}, (), {"versions": {"genbounds": version}}).version is None
    assert Report("t", {}, (), {"versions": None}).version is None
