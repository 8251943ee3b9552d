"""The gallery of docs/gallery.md, from a report: ``python docs/gallery.py gallery/report.json`` writes the page and its figures.

The report is one of ``genbounds verify`` with the names of the studies of phenomena, which ``python docs/gallery.py --names`` prints.
Figures are drawn from what the report keeps, so that whoever has the file has the figures.
"""

from __future__ import annotations

import sys
from pathlib import Path

from genbounds.verification.report.phenomena import phenomenon_picture
from genbounds.verification.report.read import read_of_today
from genbounds.verification.report.wording import ended
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.rows.report import Report
from genbounds.verification.studies import PHENOMENA

PAGE = Path(__file__).with_name("gallery.md")
FIGURES = Path(__file__).with_name("_static") / "gallery"
BEGIN, END = "<!-- gallery: begin -->\n", "<!-- gallery: end -->\n"


def section(report: Report, row: CurvesRow) -> str:
    """One study: its figure, its caption, and each claim with what became of it."""
    lines = [
        f"## {row.title}\n",
        f"`genbounds verify {row.study}`\n",
        f"![{row.alt}](_static/gallery/{row.study}.svg)\n",
        f"*{row.caption}*\n",
    ]
    for one in report.findings:
        if one.study == row.study:
            printed = f" In the source: {one.printed}." if one.printed else ""
            found = f"**{one.outcome.capitalize()}**: {ended(one.said)}{printed} Sizes: {one.sizes}."
            lines.append(f"- {ended(one.claim)} ({one.source}) {found}")
    return "\n".join(lines) + "\n"


def gallery(report: Report) -> str:
    """All sections, in the order of the registry."""
    rows = {row.study: row for row in report.curves}
    return "\n".join(section(report, rows[name]) for name in PHENOMENA if name in rows)


def main(path: str) -> None:
    """Write the sections between the marks of the page, and the figures in their folder."""
    report, left_out = read_of_today(Path(path))
    sys.stderr.writelines(f"{line}\n" for line in left_out)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}{gallery(report)}{END}{after}", encoding="utf-8")
    FIGURES.mkdir(parents=True, exist_ok=True)
    for row in report.curves:
        picture = phenomenon_picture(row)
        if picture is not None:
            (FIGURES / f"{row.study}.svg").write_bytes(picture.svg)


if __name__ == "__main__":
    if sys.argv[1:] == ["--names"]:
        print(*PHENOMENA)
    else:
        main(*sys.argv[1:])
