"""The gallery page: a section, a figure and every claim of every study of a phenomenon, as the registry has them today."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from genbounds.verification.report.wording import ended
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.rows.finding_row import FindingRow
from genbounds.verification.rows.report import Report
from genbounds.verification.studies import PHENOMENA, sized

DOCS = Path(__file__).parents[1] / "docs"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery_script", DOCS / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PHENOMENA)
def test_the_page_has_every_study_with_its_figure_and_its_claims(name: str) -> None:
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    remedy = "make the page again: the commands stand on it"
    assert f"genbounds verify {name}`" in page, remedy
    assert (DOCS / "_static" / "gallery" / f"{name}.svg").read_bytes().startswith(b"<?xml"), remedy
    study = sized(name, "quick")
    assert f"## {study.title}" in page, remedy
    for claim in study.claims:
        assert f"- {ended(claim.sentence)} ({claim.source}) **" in page, remedy


def test_the_script_writes_a_section_for_each_study_of_a_report() -> None:
    words = {"study": "linear_residual", "cell": "c"}
    curves = CurvesRow(**words, title="T", caption="C.", alt="A.", curves={})
    told = {"claim": "It grows", "source": "S 2020", "outcome": "reversed", "said": "1 [0, 2]", "sizes": "n = 3", "printed": "7"}
    finding = FindingRow(**words, name="f", **told)
    text = script().gallery(Report("t", {}, (finding, curves)))
    assert "- It grows. (S 2020) **Reversed**: 1 [0, 2]. In the source: 7. Sizes: n = 3." in text
    assert "![A.](_static/gallery/linear_residual.svg)" in text
