"""The generated pages of the families: every bound and capacity is there, with everything that is known about it."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from genbounds.bounds import catalogue

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    sys.path.insert(0, str(DOCS))
    module = importlib.import_module("generate_families")
    module.POINTS, module.LAYOUT = 3, "none"  # the figures of the test need neither smooth curves nor fitting margins
    return module


@pytest.fixture(scope="module")
def pages(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("families")
    generator.generate(folder)
    return folder


def test_every_name_of_the_catalogue_has_its_case(generator: ModuleType) -> None:
    names = {formula.name for formula in catalogue()}
    assert names - set(generator.CASES) == set(), "add a line to docs/cases/"
    assert set(generator.CASES) - names == set(), "docs/cases/ names what the catalogue has not"


@pytest.mark.slow
def test_every_page_holds_its_bounds(generator: ModuleType, pages: Path) -> None:
    """All pages in one test, so that one process draws them and not each of two."""
    overview = (pages / "index.md").read_text(encoding="utf-8")
    for formula in catalogue():
        text = (pages / f"{formula.family}.md").read_text(encoding="utf-8")
        (section,) = re.findall(rf"^## `{re.escape(formula.name)}`$.*?(?=^\([a-z0-9-]+\)=$|^## |\Z)", text, flags=re.DOTALL | re.MULTILINE)
        assert f"`{formula.name}`" in overview
        assert section.count("$$") >= 2 * len(formula.forms)
        for name in formula.inputs:
            assert f"`{name}`" in section
        for assumption in formula.assumes:
            assert assumption.name.replace("[", r"\[").replace("]", r"\]") in section
        assert formula.provenance in section
        assert ">>> " in section
        assert ("figures/" in section) == (generator.CASES[formula.name].size is not None)


@pytest.mark.slow
def test_figures_and_links_lead_somewhere(pages: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in pages.glob("*.md")}
    labels = set(re.findall(r"^\((.+)\)=$", "\n".join(texts.values()), flags=re.MULTILINE))
    for text in texts.values():
        for figure in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
            assert (pages / figure).stat().st_size > 1000
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= labels


def test_prose_of_a_docstring_survives_markdown(generator: ModuleType) -> None:
    assert generator.to_myst("|H| <= 2 *and* ``hoeffding`` of x_i\n+ y") == (
        r"\|H\| \<= 2 *and* [`hoeffding`](#holdout-hoeffding) of x\_i" + "\n" + r"\+ y"
    )
