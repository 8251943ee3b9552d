"""The command line: what it prints, its exit statuses, and that bad input gives a message and no number."""

from __future__ import annotations

import ast
import dataclasses
import doctest
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.bounds.strategies.table import CASES, READINGS, TESTED, with_form
from typer.testing import CliRunner

from genbounds.bounds import FAMILIES, catalogue, get
from genbounds.bounds.certificate import Certificate
from genbounds.bounds.exact import read_decimal
from genbounds.verification import studies
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.cli import app
from genbounds.verification.commands.wrapping import wrapped_examples
from genbounds.verification.report.write import write_report
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.cells import Cell, Result, Study
from genbounds.verification.runs.plan import named_cells
from genbounds.verification.runs.store import Store

RUNNER = CliRunner()


def call(*arguments: str, status: int = 0) -> str:
    """Run a command in this process; its standard output."""
    result = RUNNER.invoke(app, list(arguments))
    assert result.exit_code == status, (result.output, result.exception)
    return result.stdout


def refused(*arguments: str) -> str:
    """The message of a refused command: one on stderr, nothing on stdout, status 2."""
    result = RUNNER.invoke(app, list(arguments))
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr
    return result.stderr


# --- list and show ------------------------------------------------------------------------------------------------------------------


def test_list_prints_every_name() -> None:
    text = call("list")
    assert all(formula.name in text for formula in catalogue())
    listed = json.loads(call("list", "--json"))
    assert [entry["name"] for entry in listed] == [formula.name for formula in catalogue()]
    assert {entry["family"] for entry in listed} == set(FAMILIES)


def test_list_of_one_family() -> None:
    names = [entry["name"] for entry in json.loads(call("list", "--family", "vc", "--json"))]
    assert names
    assert all(name.startswith("vc.") for name in names)
    assert "family must be one of" in refused("list", "--family", "astrology")


@pytest.mark.parametrize("name", [formula.name for formula in catalogue()])
def test_show_says_what_a_bound_needs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = json.loads(call("show", name, "--json"))
    formula = get(name)
    assert {entry["name"] for entry in shown["inputs"]} == set(formula.inputs)
    assert all(entry["meaning"] and entry["rule"] for entry in shown["inputs"])
    assert [entry["name"] for entry in shown["assumptions"]] == [entry.name for entry in formula.assumes]
    assert shown["latex"]
    assert shown["example"].startswith(">>>")
    assert formula.source.key in shown["bibtex"]
    text = call("show", name)
    assert all(part in text for part in (name, "formula (LaTeX)", "assumes", "source", "example", "verification"))
    assert max(map(len, text.splitlines())) <= 80
    monkeypatch.setenv("COLUMNS", "60")  # the example is broken into shorter lines, and stays the same code
    code = [line[6:] for line in wrapped_examples(formula.__doc__ or "").splitlines() if line[2:5] in (">>>", "...")]
    whole = "".join(example.source for example in doctest.DocTestParser().get_examples(formula.__doc__ or ""))
    assert ast.dump(ast.parse("\n".join(code))) == ast.dump(ast.parse(whole))


def test_show_suggests_what_was_meant() -> None:
    assert "did you mean vc.sauer" in refused("show", "vc.saur")


@pytest.mark.slow
def test_show_reads_the_verdicts_of_a_report(handmade_report: Report, tmp_path: Path) -> None:
    path = write_report(handmade_report, tmp_path)["report.json"]
    text = call("show", "holdout.hoeffding", "--report", str(path))
    assert "not refuted: 2 rows" in text
    assert "on trial: not refuted; a deviation 0.75 times as large would have been" in " ".join(text.split())
    assert "refuted: 1 row (3409ef4bee)" in text
    assert "existing report.json" in refused("show", "holdout.hoeffding", "--report", str(tmp_path / "none.json"))


@pytest.mark.parametrize(("count", "shown"), [(4, "a0, a1, a2, a3"), (7, "a0, a1, a2, a3 and 3 more, listed by --json")])
def test_show_lists_few_rows_of_one_verdict(count: int, shown: str) -> None:
    from genbounds.verification.commands.catalogue import first_ids

    assert first_ids([f"a{i}" for i in range(count)]) == shown


def test_show_says_once_why_rows_are_not_of_today() -> None:
    from genbounds.verification.commands.catalogue import by_reason

    changed = {**{f"a{i}": ["it has gained an assumption"] for i in range(6)}, "b": ["another value", "and another delta"]}
    assert by_reason(changed) == {
        "it has gained an assumption": "a0, a1, a2, a3 and 2 more, listed by --json",
        "another value; and another delta": "b",
    }


# --- compute ------------------------------------------------------------------------------------------------------------------------


def test_compute_reads_decimals_exactly() -> None:
    found = Certificate.from_dict(json.loads(call("compute", "hoeffding", "empirical_risk=0.05", "n=1e3", "delta=1/20", "--json")))
    assert found == get("holdout.hoeffding")(empirical_risk=Fraction(1, 20), n=1000, delta=Fraction(1, 20))
    # sqrt(ln 20 / 2000) = 0.038702..., by hand
    assert found.value == pytest.approx(0.0887022756, abs=1e-9)


@pytest.mark.slow
def test_compute_prints_a_summary_and_a_latex_row() -> None:
    arguments = ["compute", "holdout.hoeffding", "empirical_risk=0.05", "n=1000", "delta=0.05"]
    assert "risk <= 0.0887023" in call(*arguments)
    assert call(*arguments, "--latex").rstrip().endswith(r"\\")
    assert "ESTIMATE" in call(*arguments, "--estimate")


def test_compute_takes_vectors_flags_and_forms() -> None:
    assert json.loads(call("compute", "vc.dimension_relu_network", "widths=2,3,1", "--json"))["value"] == 169
    closed = call("compute", "vc.dimension_relu_network", "widths=2,3,1", "--form", "closed")
    assert "178.373675" in closed
    assert closed == call("compute", "vc.dimension_relu_network", "widths=2,3,1", "form=closed")
    layers = "margin=1 spectral_norms=1,1 distances_2_1=1,1 lipschitz=1,1 widths=10,10,2 outputs=2"
    spectral = f"margin_risk=0 {layers} data_norm=100 n=10000 delta=0.05"
    forms = {json.loads(call("compute", "spectral", *spectral.split(), f"homogeneous={flag}", "--json"))["form"] for flag in ("true", "no")}
    assert forms == {"True", "False"}


def _written(value: Any) -> str:
    """A number as people write it; a vector with commas."""
    return ",".join(map(_written, value)) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("key", TESTED)
def test_compute_reads_every_bound_in_every_form(key: str) -> None:
    formula, form = READINGS[key]
    written = {name: _written(value) for name, value in CASES[key].example.items()}
    exact = {
        name: tuple(map(read_decimal, text.split(","))) if name in formula.vectors else read_decimal(text) for name, text in written.items()
    }
    selected = [] if form == formula.declaration.form else [f"{formula.form_argument}={form}"]
    answer = json.loads(call("compute", formula.name, *(f"{name}={text}" for name, text in written.items()), *selected, "--json"))
    expected = formula(**with_form(key, exact)).to_dict()
    assert {name: answer[name] for name in ("value", "delta", "inputs") if name in expected} == {
        name: expected[name] for name in ("value", "delta", "inputs") if name in expected
    }


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["hoeffding", "empirical_risk=nan", "n=10", "delta=0.05"], "empirical_risk must be a number, got 'nan': write it like 0.05"),
        (["hoeffding", "empirical_risk=inf", "n=10", "delta=0.05"], "empirical_risk must be a number"),
        (["hoeffding", "empirical_risk=5", "n=10", "delta=0.05"], "empirical_risk must lie in [0, 1]"),
        (["hoeffding", "empirical_risk=-0.1", "n=10", "delta=0.05"], "empirical_risk must lie in [0, 1]"),
        (["hoeffding", "empirical_risk=0", "n=0", "delta=0.05"], "n must be"),
        (["hoeffding", "empirical_risk=0", "n=1.5", "delta=0.05"], "n must be"),
        (["hoeffding", "empirical_risk=0", "n=10", "delta=0"], "delta must lie in (0, 1)"),
        (["hoeffding", "empirical_risk=0", "n=10", "delta=5"], "delta must lie in (0, 1)"),
        (["hoeffding", "empirical_risk=0", "n=10"], "missing input 'delta'"),
        (["hoeffding", "empirical_risk=0", "n=10", "delta=0.05", "m=3"], "no input 'm'"),
        (["hoeffding", "empirical_risk", "n=10", "delta=0.05"], "input=value"),
        (["hoeffding", "empirical_risk=", "n=10", "delta=0.05"], "input=value"),
        (["hoeffding", "n=10", "n=11", "empirical_risk=0", "delta=0.05"], "given once"),
        (["hoeffding", "empirical_risk=0", "n=1,2", "delta=0.05"], "n must be a number"),
        (["hoeffding", "empirical_risk=0", "n=10", "delta=0.05", "--form", "printed"], "form must be"),
        (["clopper_pearson", "errors=11", "n=10", "delta=0.05"], "errors"),
        (["vc.dimension_relu_network", "widths="], "input=value"),
        (["vc.dimension_relu_network", "widths=2,0,1"], "widths must"),
        (["vc.dimension_relu_network", "widths=2,x,1"], "widths[1] must be a number, got 'x'"),
        (["vc.dimension_relu_network", "widths=2,3,1", "--estimate"], "--estimate"),
        (["nothing_like_it", "n=1"], "name must be one of the catalogue"),
        (["margin.spectral", "homogeneous=perhaps"], "must be true or false"),
    ],
)
def test_bad_input_gives_a_message_and_no_number(arguments: list[str], part: str) -> None:
    assert part in refused("compute", *arguments)


def test_wrong_usage_is_status_2() -> None:
    for arguments in (["compute"], ["explode"], ["list", "--no-such-option"], ["verify", "--workers", "-1"]):
        result = RUNNER.invoke(app, arguments)
        assert result.exit_code == 2, arguments


# --- cite ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_cite_by_id(handmade_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_report(handmade_report, tmp_path / "report")
    monkeypatch.chdir(tmp_path)
    for row in handmade_report.rows:
        found = json.loads(call("cite", row.id, "--json"))
        assert row.id in found["sentence"]
        assert str(row.verdict) in found["sentence"]
        assert r"\cite{" in found["latex"]
        assert "@software{genbounds" in found["bibtex"]
    tight = handmade_report.rows[0].id
    text = call("cite", tight, "--report", str(tmp_path / "report" / "report.json"))
    assert "0.07143" in text
    assert r"50 \% ''wide'' \&" in text
    assert "@article{clopper1934use" in text
    assert "id must be one of this report" in refused("cite", "0123456789")


@pytest.mark.slow
def test_cite_with_a_proof(handmade_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_report(handmade_report, tmp_path / "report")
    monkeypatch.chdir(tmp_path)
    row = handmade_report.bounds[0]
    proof = json.loads(call("cite", row.id, "--proof"))
    assert proof["bound"] == row.bound
    assert row.certificate.value * (1 - 1e-12) <= float.fromhex(proof["claim"]) <= row.certificate.value
    verdict = next(row for row in handmade_report.rows if not isinstance(row, BoundRow))
    assert "--proof needs the id of a certificate" in refused("cite", verdict.id, "--proof")
    assert "--proof needs the id of a certificate of a report" in refused("cite", "hoeffding", "--proof")


def test_cite_without_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "genbounds verify" in refused("cite", "0123456789")


def test_cite_by_name() -> None:
    found = json.loads(call("cite", "hoeffding", "--json"))
    assert "Hoeffding (1963), Theorem 2" in found["sentence"]
    assert "@article{hoeffding1963probability" in found["bibtex"]
    assert r"\le" in found["latex"]
    assert "did you mean" in refused("cite", "hoefding")


# --- verify -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draw:
    """A cell that counts."""

    seed: int


class Counting(Study):
    """Counts how often it ran; the row is refuted if asked to be."""

    name = "counting"
    revision = 1
    description = "A study that trains nothing."
    ran: list[int] = []  # noqa: RUF012  (shared on purpose)

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def cells(self) -> Sequence[Draw]:
        return [Draw(seed) for seed in range(3)]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        self.ran.extend(cell.seed for cell in cells)
        return [{"seed": cell.seed} for cell in cells]

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        return [
            CoverageRow(
                study=self.name, cell="c", bound="vc.sauer", population="none", draws=len(cells), violations=0, delta=0.05, alpha=1e-3,
                log_evidence=0.0, upper_limit=1.0, power="none", verdict=self.verdict, note=str([result["seed"] + 0 for result in results]),
            )
        ]  # fmt: skip


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the suite consist of one study with the given verdict."""

    def install(verdict: Verdict) -> None:
        Counting.ran.clear()
        monkeypatch.setattr(studies, "names", lambda: ("counting",))
        monkeypatch.setattr(studies, "default_studies", lambda full: [Counting(verdict)])
        monkeypatch.setattr(studies, "get", lambda name, full=False: Counting(verdict))

    return install


@pytest.mark.slow
def test_verify_writes_the_report_and_resumes(counting: Any, tmp_path: Path) -> None:
    counting(Verdict.NOT_REFUTED)
    out = tmp_path / "deep" / "out"
    text = call("verify", "--out", str(out))
    assert "No bound was refuted" in text
    first = json.loads((out / "report.json").read_text())
    assert sorted(Counting.ran) == [0, 1, 2]
    again = json.loads(call("verify", "counting", "--out", str(out), "--json"))
    second = json.loads((out / "report.json").read_text())
    assert sorted(Counting.ran) == [0, 1, 2]  # nothing ran twice
    assert first.pop("run")
    assert second.pop("run")
    assert first == second
    assert again["refuted"] == []
    assert set(again["rows"]) == {
        "trials",
        "bounds",
        "coverage",
        "enumeration",
        "brackets",
        "mutants",
        "faults",
        "findings",
        "figures",
        "canaries",
    }  # every kind of row is counted
    assert sum(again["rows"].values()) == len(second["rows"])
    assert set(again["files"]) == {"report.html", "report.md", "tables.tex", "report.json", "references.bib"}


@pytest.mark.slow
def test_another_seed_is_another_set_of_draws(counting: Any, tmp_path: Path) -> None:
    counting(Verdict.NOT_REFUTED)
    call("verify", "--out", str(tmp_path))
    call("verify", "--seed", "2", "--out", str(tmp_path))
    assert sorted(Counting.ran) == [0, 1, 2, 2_000_000, 2_000_001, 2_000_002]
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["asked"]["seed"] == 2
    assert report["rows"][0]["note"] == "[2000000, 2000001, 2000002]"


@pytest.mark.slow
def test_a_refuted_bound_is_status_1(counting: Any, tmp_path: Path) -> None:
    counting(Verdict.REFUTED)
    assert "1 check refuted a bound: vc.sauer" in call("verify", "--out", str(tmp_path), status=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"sead": 1}, "must hold 'seed' in its result"),
        ({}, "must hold 'seed' in its result"),
        ({"seed": "1"}, "no rows can be made of (TypeError"),
        ({"seed": None}, "no rows can be made of (TypeError"),
    ],
)
def test_stored_results_without_what_the_study_needs_are_named(result: dict[str, Any], words: str, counting: Any, tmp_path: Path) -> None:
    """A sound checksum says that a line is whole, and not that this version of the study wrote it; no fault of the program, status 2."""
    counting(Verdict.NOT_REFUTED)
    call("verify", "--out", str(tmp_path))
    (file,) = (tmp_path / "runs").glob("*.jsonl")
    records = [Store(tmp_path).read()[key] for key in named_cells(Counting(Verdict.NOT_REFUTED))]
    records[1] = dataclasses.replace(records[1], result=result)
    file.write_bytes(b"".join(one.line() for one in records))
    message = refused("verify", "--out", str(tmp_path))
    assert words in message
    assert (f"{file.name}, line 2," if "must hold 'seed'" in words else str(file.parent)) in message
    file.write_bytes(b"".join(one.line() for one in (records[0], records[2])))  # the remedy
    call("verify", "--out", str(tmp_path))
    assert sorted(Counting.ran) == [0, 1, 1, 2]


def test_an_unknown_study_is_named(tmp_path: Path) -> None:
    assert "did you mean coverage" in refused("verify", "covrage", "--out", str(tmp_path))


def test_an_output_folder_that_cannot_be_written_is_named_before_any_work(counting: Any, tmp_path: Path) -> None:
    counting(Verdict.NOT_REFUTED)
    (tmp_path / "file").write_text("")
    assert "output folder must be writable" in refused("verify", "--out", str(tmp_path / "file" / "out"))
    assert Counting.ran == []


# --- as a program -------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_program_prints_its_version_and_keeps_errors_clean() -> None:
    program = [sys.executable, "-m", "genbounds.verification.cli"]
    environment = {**os.environ, "PYTHONWARNINGS": "error::RuntimeWarning"}
    version = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True, env=environment)
    assert version.stdout.startswith("genbounds 0.")
    bad = subprocess.run([*program, "compute", "hoeffding", "n=ten"], capture_output=True, text=True, check=False, env=environment)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.count("\n") == 1


@pytest.mark.slow
def test_the_catalogue_commands_import_no_torch() -> None:
    code = (
        "import sys, genbounds.verification.cli as c\n"
        "heavy = {'torch', 'matplotlib', 'sklearn', 'jinja2', 'scipy.special', 'scipy.stats', 'scipy.optimize', 'sympy', 'rich'}\n"
        "heavy &= set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
