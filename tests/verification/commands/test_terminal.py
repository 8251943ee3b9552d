"""What reaches a terminal: nothing that it would obey, nothing endless; exit statuses that are no verdict."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import genbounds.verification.commands
from genbounds.verification.cli import app
from genbounds.verification.commands.output import clean_errors, print_json
from genbounds.verification.commands.terminal import escaped, shortened
from genbounds.verification.runs.workers import WorkersLostError

EVIL = "\x1b[2J\x1b]0;title\x07\x9b31m\r\u202e\u2028\udc9b\x7f"


def harmless(text: str) -> bool:
    return all(one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in text)


def test_everything_that_a_terminal_may_obey_is_written_out() -> None:
    assert harmless(escaped("".join(map(chr, range(0x3000))) + EVIL))
    assert escaped("naïve λ ≤ 1\n\tend") == "naïve λ ≤ 1\n\tend"


def test_no_command_prints_by_itself() -> None:
    """``say`` and ``print_json`` alone do."""
    for path in Path(genbounds.verification.commands.__path__[0]).glob("*.py"):
        calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
        allowed = {"typer.echo"} if path.name == "terminal.py" else set()
        assert calls & {"print", "typer.echo", "typer.secho", "sys.stdout.write", "sys.stderr.write", "traceback.print_exc"} == allowed


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", f"x{EVIL}"],
        ["compute", f"x{EVIL}"],
        ["compute", "holdout.hoeffding", f"n{EVIL}=3"],
        ["compute", "holdout.hoeffding", f"n={EVIL}"],
        ["recheck", f"0.1{EVIL}"],
        ["recheck", "0.1", f"kl{EVIL}"],
        ["cite", f"a{EVIL}"],
        ["cite", "0123456789", "--report", f"a{EVIL}"],
        ["reproduce", "0123456789", "--report", f"a{EVIL}"],
        ["verify", f"a{EVIL}"],
        ["certify", f"a{EVIL}", "--data", f"b{EVIL}", "--constructor", f"c{EVIL}"],
        ["certify", "a", "--data", "digits", "--constructor", f"c{EVIL}"],
        [f"command{EVIL}"],
        ["list", f"--option{EVIL}"],
        ["verify", "--workers", f"x{EVIL}"],
    ],
)
def test_usage_errors_echo_nothing_that_is_obeyed(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert harmless(result.output)
    assert any(escape in result.output for escape in ("x1b", "x9b", "u202e")) or arguments[0] in ("certify", "verify")


def test_json_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    value = {EVIL.replace("\udc9b", ""): [EVIL.replace("\udc9b", ""), "λ\n"]}
    print_json(value)
    printed = capsys.readouterr().out
    assert harmless(printed)
    assert "λ" in printed
    assert json.loads(printed) == value


@pytest.mark.parametrize(
    "arguments",
    [
        ["compute", "holdout.hoeffding", "n=" + "9" * 5000, "empirical_risk=0.1", "delta=0.05"],
        ["compute", "holdout.hoeffding", "n=10", "empirical_risk=0." + "9" * 5000 + "x", "delta=0.05"],
        ["compute", "holdout.hoeffding", "n=10", "empirical_risk=" + "9" * 4000, "delta=0.05"],
        ["compute", "x" * 5000],
        ["recheck", "9" * 5000 + "x"],
        ["cite", "9" * 5000],
        ["verify", "9" * 5000],
        ["verify", "--workers", "9" * 5000],
        ["9" * 5000],
    ],
)
def test_endless_input_is_not_echoed_whole(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert 20 < len(result.output) < 1500


def test_shortened_keeps_what_is_not_endless() -> None:
    text = "n must be a number, got '" + "9" * 150 + "': write it like 1000"
    assert shortened(text) == text
    assert len(shortened("a " * 10**6)) < 6000


@pytest.mark.parametrize(("error", "status"), [(WorkersLostError("gone"), 69), (KeyboardInterrupt(), 130), (KeyError("x"), 70)])
def test_exit_statuses_that_are_no_verdict(error: BaseException, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(typer.Exit) as caught:
        clean_errors(fail)()
    assert caught.value.exit_code == status
    assert "genbounds: " in capsys.readouterr().err


@pytest.mark.slow
def test_warnings_that_name_a_file_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "a\x1b[31m.jsonl").write_text("torn\n")
    code = "from genbounds.verification.cli import main; main()"
    command = [sys.executable, "-c", code, "verify", "enumeration", "--dry-run", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert r"a\x1b[31m.jsonl" in done.stderr
    assert harmless(done.stdout + done.stderr)


INFINITE = ["stability.hardt2016nonconvex", "lipschitz=1", "smoothness=1", "step_scale=400", "steps=100000000", "n=3"]


@pytest.mark.parametrize("options", [[], ["--json"], ["--latex"], ["--estimate"]])
def test_an_infinite_bound_is_no_certificate(options: list[str]) -> None:
    result = CliRunner().invoke(app, ["compute", *INFINITE, *options])
    assert result.exit_code == 1
    assert "is infinite at these inputs" in result.stderr
    assert "<=" not in result.stdout
    assert r"\le" not in result.stdout
    finite = CliRunner().invoke(app, ["compute", *INFINITE[:3], "step_scale=1", "steps=10", "n=30", *options])
    assert finite.exit_code == 0
    assert not finite.stderr
