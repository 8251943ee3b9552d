"""The session of docs/certifying.md, in an empty folder: its file is written, its Python and its commands run, in order."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genbounds.verification.cli import app

PAGE = (Path(__file__).parents[1] / "docs" / "certifying.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(python|console)\n(.*?)```", flags=re.DOTALL)


@pytest.mark.slow
def test_the_session_says_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen seconds of processor time: three small networks are trained."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    names: dict[str, Any] = {}
    runner, parser = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS), doctest.DocTestParser()
    commands = 0
    try:
        for kind, body in BLOCK.findall(PAGE):
            if kind == "console":
                _command(body)
                commands += 1
            elif ">>>" not in body:
                Path("mynets.py").write_text(body, encoding="utf-8")
            else:
                test = parser.get_doctest(body, {}, "certifying.md", None, None)
                test.globs = names
                runner.run(test, clear_globs=False)
        assert runner.summarize(verbose=False).failed == 0
    finally:
        sys.modules.pop("mynets", None)
    assert commands == PAGE.count("$ genbounds")
    numbers = [1.19, float(names["gibbs"]), 0.0519, 0.0348]  # as they are improved: the page prints each, checked above
    assert numbers == sorted(numbers, reverse=True)


def _command(block: str) -> None:
    command, said = block.split("\n", 1)
    found = CliRunner().invoke(app, command.removeprefix("$ genbounds ").split())
    assert found.exit_code == 0, found.output
    assert doctest.OutputChecker().check_output(said, found.output, doctest.ELLIPSIS), found.output


def test_a_wrong_number_on_the_page_is_noticed() -> None:
    """The planted fault: the check compares what is printed, wherever lines are left out."""
    checker = doctest.OutputChecker()
    assert checker.check_output("a\n...\nrisk <= 0.0347851\n...\n", "a\nb\nrisk <= 0.0347851\nc\n", doctest.ELLIPSIS)
    assert not checker.check_output("a\n...\nrisk <= 0.0347852\n...\n", "a\nb\nrisk <= 0.0347851\nc\n", doctest.ELLIPSIS)


def test_options_on_the_page_exist() -> None:
    command = (Path(__file__).parents[1] / "verification" / "commands" / "certify.py").read_text(encoding="utf-8")
    named = {word[2:].replace("-", "_") for word in re.findall(r"--[a-z][a-z-]+", PAGE)}
    assert named
    assert named <= set(re.findall(r"^    (\w+): (?:Annotated|AsJson)", command, flags=re.MULTILINE))
