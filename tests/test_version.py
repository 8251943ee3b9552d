"""The version stands in pyproject.toml; what repeats it agrees."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

import genbounds.bounds
from genbounds.bounds.bibliography import bibtex

ROOT = Path(__file__).parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_the_package_says_its_version() -> None:
    assert genbounds.bounds.__version__ == VERSION
    with pytest.raises(AttributeError, match="no attribute 'version'"):
        genbounds.bounds.version  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(genbounds, "__version__")  # a namespace of three packages, with no file of its own to say it


def test_what_is_cited_has_the_same_version() -> None:
    assert re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)[1] == VERSION  # type: ignore[index]
    assert f"version = {{{VERSION}}}" in bibtex("genbounds")


def test_the_documentation_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec = importlib.util.spec_from_file_location("docs_conf", ROOT / "docs" / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.release == VERSION
    assert VERSION not in (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")


def test_the_changelog_has_it() -> None:
    assert f"## [{VERSION}] - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_module_repeats_it() -> None:
    modules = [path for folder in ("bounds", "models", "verification") for path in (ROOT / folder).rglob("*.py")]
    assert not [path for path in modules if f'"{VERSION}"' in path.read_text(encoding="utf-8")]
