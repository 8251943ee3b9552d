"""The examples of the documentation and of the README are run, and what they name exists."""

import doctest
import importlib
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from genbounds.bounds import FAMILIES, catalogue, registry
from genbounds.verification.cli import app
from genbounds.verification.report.read import read_report

ROOT = Path(__file__).parents[1]
CHOOSING = (ROOT / "docs" / "choosing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page",
    [
        "docs/first.md",
        "docs/citing.md",
        "docs/choosing.md",
        "docs/plots.md",
        "docs/proofs.md",
        "docs/report.md",
        pytest.param("docs/measuring.md", marks=pytest.mark.slow),
        "README.md",
    ],
)
def test_examples_of_the_page_hold(page: str) -> None:
    result = doctest.testfile(str(ROOT / page), module_relative=False, encoding="utf-8")
    assert result.attempted > 0
    assert result.failed == 0


QUICK = re.compile(r"genbounds (?:list|show|compute|recheck|cite)\b[^`#]*")
"""A command that needs no network, no torch and no time, where a page has it as code."""


def quick_commands() -> list[str]:
    """Each such command of the README and the pages, inline or in a block; what has a name to fill in or an id of a report is left out."""
    found = set()
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        lines = [line.removeprefix("$ ") for kind, block in blocks if kind in ("", "sh", "console") for line in block.splitlines()]
        inline = re.findall(r"`(genbounds [^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
        found |= {" ".join(match[0].split()) for one in (*lines, *inline) if (match := QUICK.match(one.replace("\n", " ")))}
    unsaid = re.compile(r"\b(ID|NAME|WORDS|[0-9a-f]{10})\b|--proof|\.\.\.|[;|,]\s|^genbounds (?!list)\w+$")
    return sorted(one for one in found if not unsaid.search(one))


def test_the_pages_have_quick_commands() -> None:
    assert len(quick_commands()) >= 8


@pytest.mark.parametrize("command", quick_commands())
def test_a_quick_command_of_the_pages_does_what_it_says(command: str) -> None:
    """No error: status 1 is the answer of ``recheck`` that a printed number does not hold."""
    done = CliRunner().invoke(app, shlex.split(command)[1:])
    assert done.exit_code in ((0, 1) if " recheck " in command else (0,)), done.output


FILE = re.compile(r"`((?:bounds|models|verification|tests|docs)/[\w/]+\.(?:py|md|json|bib|svg|png))\b|python ((?:tests|docs)/[\w/]+\.py)")
"""A file of the tree that a text names as code, or runs."""


def files_that_are_missing(text: str) -> list[str]:
    """The files of the tree that a text names and that are not there; what a diff adds is left out."""
    text = re.sub(r"^```diff\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [name for pair in FILE.findall(text) if (name := pair[0] or pair[1]) and not (ROOT / name).is_file()]


def test_files_that_the_pages_name_are_there() -> None:
    pages = {
        page.name: files_that_are_missing(page.read_text(encoding="utf-8")) for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    }
    assert {name: missing for name, missing in pages.items() if missing} == {}


def test_a_file_that_is_missing_is_seen() -> None:
    assert files_that_are_missing("see `tests/verification/test_planner.py`, and run python docs/gallery.py") == [
        "tests/verification/test_planner.py"
    ]
    assert files_that_are_missing("`bounds/holdout/_hoeffding.py` and `python docs/nothing.py`") == ["docs/nothing.py"]


def _anchor(heading: str) -> str:
    """The target that Sphinx and GitHub give a heading."""
    return re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")


def test_the_table_at_the_top_leads_to_every_section() -> None:
    headings = {_anchor(heading) for heading in re.findall(r"^## (.+)$", CHOOSING, flags=re.MULTILINE)}
    links = re.findall(r"^\| \[[^\]]+\]\(#([^)]+)\)", CHOOSING, flags=re.MULTILINE)
    assert set(links) == headings
    assert len(links) == len(headings)


def test_every_section_has_an_example_and_a_trap() -> None:
    for section in re.split(r"^## ", CHOOSING, flags=re.MULTILINE)[1:]:
        assert section.count(">>> ") > 0, section.splitlines()[0]
        assert section.count("**Trap.**") == 1, section.splitlines()[0]


def test_bounds_that_the_page_names_are_in_the_catalogue() -> None:
    names = {formula.name for formula in catalogue()}
    named = set(re.findall(rf"`((?:{'|'.join(FAMILIES)})\.\w+)`", CHOOSING))
    assert named <= names
    assert len(named) > 10


def test_the_page_on_measuring_names_real_options() -> None:
    page = (ROOT / "docs" / "measuring.md").read_text(encoding="utf-8")
    command = (ROOT / "verification" / "commands" / "certify.py").read_text(encoding="utf-8")
    named = {word[2:].replace("-", "_") for word in re.findall(r"--[a-z][a-z-]+", page)}
    known = set(re.findall(r"^    (\w+): (?:Annotated|AsJson)", command, flags=re.MULTILINE)) | {"json"}
    assert named <= known
    assert len(named) >= 8


def test_the_page_on_assumptions_speaks_of_every_formula() -> None:
    from genbounds.bounds import catalogue

    text = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")
    assert [formula.name for formula in catalogue() if f"{formula.name.split('.')[1]}`" not in text] == []


# --- checking.md: its files are written, its commands run ------------------------------------------------------------------------------

CHECKING = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")


@pytest.fixture
def own_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A folder with mybounds.py, in a catalogue of its own; and the other Python blocks of the page."""
    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))
    blocks = re.findall(r"```python\n(.*?)```", CHECKING, flags=re.DOTALL)
    others = [block for block in blocks if "from mybounds" in block]
    (tmp_path / "mybounds.py").write_text("\n\n".join(block for block in blocks if block not in others), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return others


@pytest.mark.slow
def test_the_commands_of_the_page_on_checking_say_what_it_shows(own_bounds: list[str]) -> None:
    blocks = re.findall(r"```console\n\$ genbounds (.*?)\n(.*?)\n```", CHECKING, flags=re.DOTALL)
    statuses = []
    for command, said in blocks:
        found = CliRunner().invoke(app, command.split())
        assert " ".join(found.output.split()).startswith(said), (command, found.output)
        statuses.append(found.exit_code)
    assert statuses == [0, 1, 2, 0, 1, 2]


@pytest.mark.slow
def test_the_python_of_the_page_on_checking_runs(own_bounds: list[str]) -> None:
    assert own_bounds
    for block in own_bounds:
        exec(block, {})
    sys.modules.pop("mybounds", None)


def test_the_wrong_bound_of_the_page_is_true_at_fifty_examples(own_bounds: list[str]) -> None:
    """Its largest failure probability is what the page says at one delta, and above delta at the other."""
    text = " ".join(CHECKING.split())
    said = re.search(r"With (\d+) examples at delta = (\S+), .*?probability of at most (\S+), .*?At delta = (\S+) it is false", text)
    assert said is not None
    n, delta, most = int(said[1]), float(said[2]), float(said[3])
    wrong = importlib.import_module("mybounds").wrong
    sys.modules.pop("mybounds")

    def largest(delta: float) -> float:
        bounds = np.array([float(wrong.value(empirical_risk=k / n, n=n, delta=delta)) for k in range(n + 1)])
        below_one = bounds[bounds < 1]
        return float(stats.binom.cdf(np.arange(len(below_one)), n, below_one).max())

    assert most - 0.001 < largest(delta) <= most < delta
    assert largest(float(said[4])) > float(said[4])


@pytest.mark.slow
def test_a_bound_of_ones_own_has_a_report(own_bounds: list[str]) -> None:
    found = CliRunner().invoke(app, ["check", "mybounds.py:wrong", "--report", "own", "--rung", "every sample"])
    assert found.exit_code == 1, found.output
    report = read_report("own/report.json")
    assert {row.bound for row in report.refuted} == {"mybounds.wrong"}
    assert "Doe 2026" in Path("own/references.bib").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_stranger_rechecks_the_enumeration(tmp_path: Path) -> None:
    script, file = ROOT / "docs" / "recheck_enumeration.py", tmp_path / "found.json"
    assert "import genbounds" not in script.read_text(encoding="utf-8")
    made = CliRunner().invoke(app, ["check", "clopper_pearson", "--rung", "all risks", "--export", str(file)])
    assert made.exit_code == 0, made.output
    said = subprocess.run([sys.executable, str(script), str(file)], check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    exported = json.loads(file.read_text(encoding="utf-8"))
    exported["certificates"] = [value * 0.9 for value in exported["certificates"]]
    file.write_text(json.dumps(exported), encoding="utf-8")
    assert subprocess.run([sys.executable, str(script), str(file)], check=False, capture_output=True).returncode == 1
