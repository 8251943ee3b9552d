"""The documentation as a site: built by Sphinx without a warning, with a page for every bound and for every public name."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from genbounds.bounds import Formula, catalogue

ROOT = Path(__file__).parents[1]
GENERATED = ("families", "reference", "_build")

pytestmark = pytest.mark.slow


sys.path.insert(0, str(ROOT / "docs"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sources with what was generated, and the site."""
    pytest.importorskip("sphinx", reason="the extra 'docs' brings Sphinx")
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns(*GENERATED, "__pycache__"))
    for name in ("pyproject.toml", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, folder / name)
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "-q", str(folder / "docs"), str(folder / "site")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "docs", folder / "site"


def test_every_bound_has_its_page(built: tuple[Path, Path]) -> None:
    from bound_pages import CASES, anchor

    pages = built[0] / "families"
    overview = (pages / "index.md").read_text(encoding="utf-8")
    for formula in catalogue():
        name = formula.name.split(".")[1]
        text = (pages / formula.family / f"{name}.md").read_text(encoding="utf-8")
        family = (pages / f"{formula.family}.md").read_text(encoding="utf-8")
        assert text.startswith(f"({anchor(formula)})=\n# `{formula.name}`\n")
        assert f"\n{name} <{formula.family}/{name}>\n" in family
        assert f"`{formula.name}`" in overview
        assert f"`{formula.name}`" in family
        assert text.count("$$") >= 2 * len(formula.forms)
        for argument in formula.inputs:
            assert f"`{argument}`" in text
        for assumption in formula.assumes:
            assert assumption.name.replace("[", r"\[").replace("]", r"\]") in text
        assert formula.provenance in text
        assert ">>> " in text
        assert "```bibtex\n@" in text
        assert ("figures/" in text) == (CASES[formula.name].size is not None)


def test_every_public_name_has_its_section(built: tuple[Path, Path]) -> None:
    from generate_reference import homes, label

    pages = {path.stem: path.read_text(encoding="utf-8") for path in (built[0] / "reference").glob("*.md")}
    found = homes()
    assert len(found) > 200
    for path, home in found.items():
        package, name = path.rpartition(".")[::2]
        text = pages[package]
        assert f"({label(home)})=\n" in text or f"(#{label(home)})" in text or re.search(rf"`\w+\.{name}`\]\(#", text), path


def test_every_public_name_has_an_example() -> None:
    """Its own, or one in the docstring of a public name that its own docstring mentions, as what makes it or what takes it."""
    import inspect

    from generate_reference import public

    docs: dict[str, str] = {}
    for package, names in public().items():
        for name in names:
            value = getattr(importlib.import_module(package), name)
            if inspect.isclass(value) or inspect.isroutine(value) or isinstance(value, Formula):
                docs.setdefault(name, inspect.getdoc(value) or "")
    shown = {name for name, doc in docs.items() if ">>> " in doc}
    bare = {name: doc for name, doc in docs.items() if name not in shown}
    mentioned = {name: set(re.findall(r"``(?:\w+\.)*(\w+)(?:\(.*?\))?``", doc)) & shown for name, doc in bare.items()}
    assert [name for name, others in mentioned.items() if not others] == []
    assert len(shown) > 5 * len(bare)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        self.targets += [given[key] or "" for key in ("href", "src") if given.get(key)]


def test_every_link_and_picture_leads_somewhere_on_the_site(built: tuple[Path, Path]) -> None:
    pages: dict[Path, _Links] = {}
    for path in built[1].rglob("*.html"):
        pages[path] = _Links()
        pages[path].feed(path.read_text(encoding="utf-8"))
    assert len(pages) > 150
    for path, page in pages.items():
        for target in page.targets:
            place, _, fragment = target.partition("#")
            if re.match(r"[a-z]+:", target) or target in ("#", ""):
                assert not target.startswith(("http:", "https:")) or "script" not in target, (path, target)
                continue
            there = (path.parent / place.partition("?")[0]).resolve() if place else path
            assert there.is_file(), (path, target)
            if fragment and there in pages:
                assert fragment in pages[there].ids, (path, target)


def test_no_page_needs_the_network_to_be_read(built: tuple[Path, Path]) -> None:
    """No script, style or font comes from elsewhere: formulas are MathML in the page."""
    for path in built[1].rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//[^\"]*\"", text) == [], path
    assert "<math" in (built[1] / "families" / "margin" / "spectral.html").read_text(encoding="utf-8")
