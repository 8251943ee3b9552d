"""The five files of a report."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pybtex.database import parse_string

from genbounds.bounds import get
from genbounds.verification.report.read import read_report
from genbounds.verification.report.write import FILES, write_report
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.workers import Workers

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Checker(HTMLParser):
    """Tags must close in order; collects ids, links, sources and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.sources: list[str] = []
        self.words: list[str] = []
        self.plots = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"]] if values.get("id") else []  # type: ignore[list-item]
        self.targets += [values["href"]] if values.get("href") else []  # type: ignore[list-item]
        self.sources += [values["src"]] if values.get("src") else []  # type: ignore[list-item]
        if tag == "svg":
            assert values.get("aria-label")
            self.plots += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def folder(handmade_report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report")
    write_report(handmade_report, place)
    return place


@pytest.fixture(scope="module")
def page(folder: Path) -> Checker:
    checker = Checker()
    checker.feed((folder / "report.html").read_text(encoding="utf-8"))
    checker.close()
    assert not checker.open
    return checker


@pytest.mark.slow
def test_the_style_is_in_the_page_as_it_is(folder: Path) -> None:
    """The one text that is not escaped: it has quotation marks and signs that mean something."""
    style = (Path(__file__).parents[3] / "verification" / "report" / "style.css").read_text(encoding="utf-8").strip()
    assert set(style) & set("<>&\"'")
    assert style in (folder / "report.html").read_text(encoding="utf-8")


def test_all_five_files_are_there(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(FILES)


def test_the_page_is_whole_and_stands_alone(page: Checker, folder: Path) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert all(target.startswith("#") and target[1:] in page.ids for target in page.targets)
    assert not page.sources
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "url(http" not in text
    plots = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(plots) == page.plots > 3
    for plot in plots:
        assert ET.fromstring(plot).tag == "svg"
        for reference in re.findall(r"url\(#([^)]*)\)|href=\"#([^\"]*)\"", plot):
            assert f'id="{"".join(reference)}"' in plot


def test_the_page_says_everything_of_every_row(page: Checker, handmade_report: Report) -> None:
    text = " ".join(" ".join(page.words).split())
    assert "<deep>" in text  # what a study says is shown, never parsed
    assert "violated" in text
    assert "468 held-out points" in text
    assert "55 648 × the pool" in text  # splitting at white space turned the narrow space into a plain one
    for row in handmade_report.rows:
        assert row.id in page.ids
        assert row.bound in text
        assert str(row.verdict) in text
    for row in handmade_report.bounds:
        for entry in row.certificate.assumptions:
            assert re.search(rf"{re.escape(entry.assumption.name)} {entry.status}", text)
            assert entry.assumption.statement in text
        assert f"genbounds cite {row.id} genbounds reproduce {row.id}" in text
        assert f"#{row.id}" in page.targets  # the number links to its details
        assert all(name in text for name in row.certificate.terms)
        assert row.certificate.bounds_on in text
        assert row.risk_what in text


def test_violated_rows_are_marked(folder: Path, handmade_report: Report) -> None:
    html = (folder / "report.html").read_text(encoding="utf-8")
    for row in handmade_report.bounds:
        classes = re.search(rf'<tr class="([^"]*)">(?:(?!</tr>).)*<a href="#{row.id}">', html)
        assert classes
        assert ("violated" in classes.group(1).split()) == row.violated


def test_the_data_read_back_to_the_same_report(folder: Path, handmade_report: Report) -> None:
    assert read_report(folder / "report.json") == handmade_report


@pytest.mark.slow
def test_equal_reports_give_equal_bytes_and_only_the_run_block_differs(folder: Path, tmp_path: Path, handmade_report: Report) -> None:
    again = write_report(Report.from_dict(handmade_report.to_dict()), tmp_path / "again")
    for name, path in again.items():
        assert path.read_bytes() == (folder / name).read_bytes(), name
    later = write_report(dataclasses.replace(handmade_report, run={"finished": "later"}), tmp_path / "later")
    left, right = json.loads((folder / "report.json").read_text()), json.loads(later["report.json"].read_text())
    assert left.pop("run") != right.pop("run")
    assert left == right


def test_the_markdown_tables_have_equal_columns(folder: Path, handmade_report: Report) -> None:
    text = (folder / "report.md").read_text(encoding="utf-8")
    columns = 0
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not (columns and cells) or cells == columns, line
        columns = cells
    assert all(row.id in text for row in handmade_report.rows)
    assert r"\<deep\>" in text


def test_latex_is_escaped_and_balanced(folder: Path) -> None:
    text = (folder / "tables.tex").read_text(encoding="utf-8")
    assert r"50 \% ''wide'' \& \textless{}deep\textgreater{} \$x\_1\$ \{a\textbar{}b\}" in text
    assert r"\input" not in text.replace(r"\textbackslash{}input", "")
    assert text.isascii()
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert text.count(r"\begin{") == text.count(r"\end{")
    for line in text.splitlines():
        if line.endswith(r"\\") and not line.startswith("Bound &"):
            assert len(re.findall(r"(?<!\\)&", line)) in (4, 5, 6), line


def test_the_bibliography_holds_what_is_cited_and_the_software(folder: Path, handmade_report: Report) -> None:
    keys = set(parse_string((folder / "references.bib").read_text(encoding="utf-8"), "bibtex").entries)
    cited = {key for group in re.findall(r"\\cite\{([^}]*)\}", (folder / "tables.tex").read_text()) for key in group.split(",")}
    assert cited <= keys
    assert keys == {row.certificate.source.key for row in handmade_report.bounds} | {
        get(row.bound).source.key for row in handmade_report.trials
    } | {
        "genbounds",
        "clopper1934use",
        "hoeffding1963probability",
    }


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_named(handmade_report: Report, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="must be writable"):
        write_report(handmade_report, tmp_path / "file" / "report")


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="genbounds verify"):
        read_report(tmp_path / "none.json")
    for text in ("", "[]", "{}", '{"schema": 1, "rows": [{"kind": "bound"}]}', '{"schema": 1, "rows": 5}'):
        (tmp_path / "report.json").write_text(text)
        with pytest.raises(ValueError, match="report"):
            read_report(tmp_path / "report.json")


def test_an_empty_report_can_be_written(tmp_path: Path) -> None:
    write_report(Report("Nothing", {}, ()), tmp_path)
    checker = Checker()
    checker.feed((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert not checker.open


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_the_tables_compile_with_booktabs_alone(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "tables.tex", tmp_path)
    (tmp_path / "page.tex").write_text(r"\documentclass{article}\usepackage{booktabs}\begin{document}\input{tables}\end{document}")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"], cwd=tmp_path, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "page.pdf").exists()


@pytest.mark.slow
def test_figures_that_workers_draw_are_the_same_bytes(folder: Path, handmade_report: Report, tmp_path: Path) -> None:
    with Workers(1) as workers:
        files = write_report(handmade_report, tmp_path, workers)
    assert files["report.html"].read_bytes() == (folder / "report.html").read_bytes()
