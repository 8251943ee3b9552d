"""The commands that need no torch: without it, in the width of a terminal, found by what is at hand and by what a shell completes."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.bounds.strategies.table import CASES, READINGS, TESTED
from typer.testing import CliRunner

from genbounds.bounds import catalogue, get
from genbounds.verification.cli import app
from genbounds.verification.commands.output import complete_name
from genbounds.verification.rows.report import Report

RUNNER = CliRunner()
PYPROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
WITHOUT_EXTRAS = """
import importlib.abc, json, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

BLOCKED = set(json.loads(sys.argv[1]))
sys.meta_path.insert(0, Blocked())
from typer.testing import CliRunner
from genbounds.verification.cli import app
answers = [CliRunner().invoke(app, arguments) for arguments in json.loads(sys.argv[2])]
print(json.dumps([[answer.exit_code, answer.stdout, answer.stderr] for answer in answers]))
"""


def without_extras(commands: list[list[str]], folder: Path) -> list[tuple[int, str, str]]:
    """Status, stdout and stderr of the commands in a process in which no library of any extra can be imported."""
    extras = [name.partition(">")[0] for extra in PYPROJECT["project"]["optional-dependencies"].values() for name in extra]
    modules = {"scikit-learn": "sklearn", "curvlinops-for-pytorch": "curvlinops"}
    blocked = json.dumps(sorted({modules.get(name, name) for name in extras} - {"mpmath"}))  # which sympy brings
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS, blocked, json.dumps(commands)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return [tuple(answer) for answer in json.loads(finished.stdout)]


def written(report: Report, folder: Path) -> None:
    """Its report.json alone."""
    folder.mkdir(exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report.to_dict()))


def call(*arguments: str, status: int = 0, columns: int = 80) -> str:
    result = RUNNER.invoke(app, list(arguments), env={"COLUMNS": str(columns)})
    assert result.exit_code == status, (result.output, result.exception)
    return result.stdout if status == 0 else result.stderr


@pytest.mark.slow
def test_the_light_commands_run_where_no_extra_is_installed(handmade_report: Report, tmp_path: Path) -> None:
    written(handmade_report, tmp_path)
    identifier = handmade_report.rows[0].id
    light = [
        ["list", "--have", "errors,n"],
        ["show", "vc.sauer"],
        ["show", "holdout.hoeffding"],
        ["compute", "hoeffding", "empirical_risk=0.05", "n=1000", "delta=0.05"],
        ["cite", "hoeffding"],
        ["cite", identifier],
        ["recheck", "0.161", "empirical_risk=0.028", "kl=5144", "n=55000", "delta=0.025"],
    ]
    heavy = [
        ["certify", "w.pt", "--data", "digits", "--constructor", "a:b"],
        ["certify", "--predictions", "p.npz"],
        ["verify", "--dry-run"],
    ]
    answers = without_extras([*light, *heavy], tmp_path)
    for arguments, (status, out, err) in zip(light, answers, strict=False):
        assert (status, err) == (0, ""), (arguments, err)
        assert out
    assert "holdout.clopper_pearson" in answers[0][1]
    assert "risk <= 0.0887023" in answers[3][1]
    assert identifier in answers[5][1]
    for status, out, err in answers[len(light) :]:
        assert (status, out) == (2, "")
        assert err == "genbounds: this command needs torch, which is not installed: pip install 'genbounds[verify]' brings it\n"


def test_an_install_without_extras_brings_the_command_line_and_no_torch() -> None:
    names = {requirement.partition(">")[0] for requirement in PYPROJECT["project"]["dependencies"]}
    assert names == {"numpy", "scipy", "sympy", "python-flint", "typer", "rich"}
    assert any(requirement.startswith("torch>") for requirement in PYPROJECT["project"]["optional-dependencies"]["verify"])


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_list_fits_the_terminal(columns: int) -> None:
    lines = call("list", columns=columns).splitlines()
    assert max(map(len, lines)) <= columns
    assert len(lines) > len(catalogue())


def test_what_is_at_hand_is_what_a_bound_takes() -> None:
    """Each listed bound gives a number from these inputs and delta alone; each other one says which input is missing."""
    have = {"empirical_risk", "n", "kl", "errors"}
    listed = {entry["name"] for entry in json.loads(call("list", "--have", ",".join(sorted(have)), "--json"))}
    assert {"holdout.hoeffding", "holdout.clopper_pearson", "pac_bayes.seeger2002"} <= listed
    for key in TESTED:
        formula, form = READINGS[key]
        if form == formula.declaration.form:
            inputs = {name: value for name, value in CASES[key].example.items() if name in have | {"delta"}}
            if formula.name in listed:
                formula(**inputs)
            else:
                with pytest.raises(TypeError, match="missing input"):
                    formula(**inputs)


def test_list_says_what_is_missing_and_what_was_meant() -> None:
    assert "did you mean errors?" in call("list", "--have", "error,n", status=2)
    assert "write --have errors,n" in call("list", "--have", " , ", status=2)
    nothing = RUNNER.invoke(app, ["list", "--have", "n"])
    assert nothing.stdout == ""
    assert "holdout.betting needs losses too" in nothing.stderr
    assert json.loads(call("list", "--have", "n", "--json")) == []


def test_list_searches_in_everything_that_is_said_of_a_bound() -> None:
    found = [entry["name"] for entry in json.loads(call("list", "BARTLETT", "spectral", "--json"))]
    assert "margin.spectral" in found
    assert 1 < len(found) < 15
    wanted = [formula.name for formula in catalogue() if formula.source.key == get("vc.sauer").source.key]
    assert wanted == [entry["name"] for entry in json.loads(call("list", get("vc.sauer").source.key, "--json"))]
    assert "nothing in the catalogue" in RUNNER.invoke(app, ["list", "xyzzy"]).stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("typed", "offered"),
    [("comp", "compute"), ("show vc.sau", "vc.sauer"), ("compute clopp", "clopper_pearson"), ("cite pac_bayes.see", "seeger2002")],
)
def test_the_shell_completes_commands_and_names(shell: str, typed: str, offered: str) -> None:
    asked = {
        "_GENBOUNDS_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": f"genbounds {typed}",
        "COMP_CWORD": str(1 + typed.count(" ")),
        "_TYPER_COMPLETE_ARGS": f"genbounds {typed}",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    result = RUNNER.invoke(app, [], env=asked, prog_name="genbounds")
    assert offered in result.stdout
    assert "vc.dudley" not in result.stdout


def test_bare_names_are_offered_where_they_are_unique() -> None:
    offered = [name for name in complete_name("s") if "." not in name]
    assert offered
    for name in offered:
        assert get(name).name.endswith(f".{name}")
    assert complete_name("") == [formula.name for formula in catalogue()]


# --- cite -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [".", "report"])
def test_a_report_is_found_here_and_in_the_folder_report(
    handmade_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    written(handmade_report, tmp_path / place)
    monkeypatch.chdir(tmp_path)
    identifier = handmade_report.rows[0].id
    assert identifier in call("cite", identifier)
    assert "not refuted: 2 rows" in call("show", "holdout.hoeffding")


@pytest.mark.slow
def test_an_id_that_is_not_there_is_said_with_close_ones(handmade_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(handmade_report, tmp_path)
    monkeypatch.chdir(tmp_path)
    identifier = handmade_report.rows[0].id
    other = "0" if identifier[4] != "0" else "1"
    for typed in (identifier[:4] + other + identifier[5:], identifier[:-1], identifier + "a", identifier[:6]):
        assert f"did you mean {identifier}" in call("cite", typed, status=2)
        assert "id must be one of this report" in call("cite", typed, status=2)
    assert "stand beside the numbers in report.html" in call("cite", "0123456789", status=2)


def test_a_file_of_that_name_that_is_no_report_is_said_and_spoils_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.json").write_text('{"tests": 3}')
    assert "no report here that can be read" in call("show", "holdout.hoeffding")
    assert "must be what genbounds verify wrote" in call("cite", "0123456789", status=2)
    assert "must be what genbounds verify wrote" in call("show", "holdout.hoeffding", "--report", "report.json", status=2)
