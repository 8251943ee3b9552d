"""The report in a browser: no error, no overflow, no word broken, figures that can be read, controls that work, few pages in print."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.verification.report.browser import BROWSER, MISSING, look, printed_pages

from genbounds.verification.report.write import write_report
from genbounds.verification.rows.report import Report

pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason=MISSING)]
MOST_PAGES = 15
LARGEST = 2_500_000
"""Bytes of the page of the default report."""
SMALLEST = 8.0
"""Pixels of the letters of a figure, superscripts apart."""


@pytest.fixture(scope="module")
def page(handmade_report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(handmade_report, tmp_path_factory.mktemp("page"))["report.html"]


def shipped_page() -> Path:
    """The page of the default report, next to the data that the environment names."""
    where = os.environ.get("GENBOUNDS_REPORT")
    if not where:
        pytest.skip("needs the default report: GENBOUNDS_REPORT names its report.json")
    return Path(where).with_name("report.html")


def check(page: Path, width: int, scratch: Path) -> None:
    facts = look(page, width, scratch)
    assert facts["width"] == width
    assert facts["problems"] == []
    assert facts["wide"] <= width
    assert facts["broken"] == []
    assert facts["smallest"] >= SMALLEST
    assert facts["reachable"]
    assert facts["focused"]
    assert facts["folded"]
    assert facts["unfolded"]
    assert facts["said"] == "ascending"
    assert sorted(facts["ascending"]) == sorted(facts["rows"]) == sorted(facts["back"])
    assert facts["back"] == facts["rows"]
    assert facts["filtered"]
    assert all("hoeffding" in name for name in facts["filtered"])
    assert len(facts["filtered"]) < len(facts["rows"])


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_the_page_at_three_widths(page: Path, width: int, tmp_path: Path) -> None:
    check(page, width, tmp_path)


def test_the_look_sees_what_is_wrong(page: Path, tmp_path: Path) -> None:
    """A table too wide, a verdict in a cell too narrow for its words, small letters and an error of a script."""
    broken = tmp_path / "broken.html"
    faults = (
        "<div style='width:900px'>wide</div><table style='table-layout:fixed;width:20px'><tr>"
        "<td class='verdict' style='min-width:0;overflow-wrap:anywhere;display:table-cell'>refuted</td></tr></table>"
        "<div style='width:40px'><svg class='plot' viewBox='0 0 100 10'><text style='font-size:8px'>a</text></svg></div>"
        "<script>throw new Error('planted')</script></main>"
    )
    broken.write_text(page.read_text(encoding="utf-8").replace("</main>", faults), encoding="utf-8")
    facts = look(broken, 768, tmp_path)
    assert facts["wide"] > 768
    assert "refuted" in facts["broken"]
    assert facts["smallest"] < SMALLEST
    assert "planted" in facts["problems"][0]


def test_the_page_in_print(page: Path, tmp_path: Path) -> None:
    assert 1 <= printed_pages(page, tmp_path) <= 4


@pytest.mark.shipped
@pytest.mark.parametrize("width", [1280, 768, 360])
def test_the_default_report_at_three_widths(width: int, tmp_path: Path) -> None:
    check(shipped_page(), width, tmp_path)


@pytest.mark.shipped
def test_the_default_report_is_small_on_disk_and_in_print(tmp_path: Path) -> None:
    page = shipped_page()
    assert page.stat().st_size <= LARGEST
    assert printed_pages(page, tmp_path) <= MOST_PAGES
