"""The examples of the documentation and of the README are run, and what they name exists."""

import doctest
import re
from pathlib import Path

import pytest

from genbounds.bounds import FAMILIES, catalogue

ROOT = Path(__file__).parents[1]
CHOOSING = (ROOT / "docs" / "choosing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["docs/choosing.md", "docs/measuring.md", "README.md"])
def test_examples_of_the_page_hold(page: str) -> None:
    result = doctest.testfile(str(ROOT / page), module_relative=False, encoding="utf-8")
    assert result.attempted > 0
    assert result.failed == 0


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
