"""The tables of docs/suite.md, from a report: ``python docs/suite.py report/report.json`` writes them between the marks of the page.
Without a report it writes the tables of assumptions and of faults alone, which ``checks/needless.py`` and ``checks/faults`` make.

The report is one of ``genbounds verify matrix`` (or of a whole ``genbounds verify``). A test compares lines of the table with what the
suite says today, so that a page that has become stale fails there.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from genbounds.bounds.lookup import get
from genbounds.bounds.special.rounding import decimal_down
from genbounds.bounds.theorem import Capacity
from genbounds.verification.checks.faults.listed import LISTED
from genbounds.verification.checks.faults.of_formulas import LINES, Line
from genbounds.verification.checks.needless import OPEN, PROVED
from genbounds.verification.checks.rungs import EverySample, Metamorphic, RepeatedDraws
from genbounds.verification.checks.rungs.brute_force import NAME as BRUTE_FORCE
from genbounds.verification.checks.saying import best_of
from genbounds.verification.report.read import read_of_today
from genbounds.verification.report.trials import subjects
from genbounds.verification.report.wording import in_form
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.trial_row import TrialRow

PAGE = Path(__file__).with_name("suite.md")
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
BEGIN_CAPACITIES, END_CAPACITIES = "<!-- capacities: begin -->\n", "<!-- capacities: end -->\n"
BEGIN_ASSUMPTIONS, END_ASSUMPTIONS = "<!-- assumptions: begin -->\n", "<!-- assumptions: end -->\n"
BEGIN_FAULTS, END_FAULTS = "<!-- faults: begin -->\n", "<!-- faults: end -->\n"
HEAD_FAULTS = "| kind | fault | caught by | where nothing catches it, and why |\n|---|---|---|---|\n"
HEAD_ASSUMPTIONS = "| bound | assumption | without it |\n|---|---|---|\n"
HEAD_CAPACITIES = "| capacity | small world | verdict | resolution | where |\n|---|---|---|---|---|\n"
HEAD = "| bound | scenario | rung | verdict | resolution | where | metamorphic | on a pool |\n|---|---|---|---|---|---|---|---|\n"


def table(report: Report) -> str:
    """One line for each form of each bound: the trial in which the smallest mistake would have been noticed, and in how many scenarios the
    bound was compared with itself.
    """
    lines = []
    for (bound, form), rows in subjects(report).items():
        best = best_of([row for row in rows if row.judged])
        if isinstance(get(bound), Capacity):
            continue
        if best is None:
            lines.append(f"| `{in_form(bound, form)}` | | | not judged | | | | |\n")
            continue
        level = "" if best.delta is None else f", delta = {float(best.delta):g}"
        shown = decimal_down(best.resolution or 0.0, 3)
        found = (best.scenario, best.rung, best.verdict, shown, f"{best.world}{level}")
        cells = (f"`{in_form(bound, form)}`", *found, moved(rows), on_a_pool(rows))
        lines.append(f"| {' | '.join(cells)} |\n")
    return HEAD + "".join(lines)


def capacities(report: Report) -> str:
    """One line for each form of each capacity: the small world of which a smaller part would have been refuted than anywhere else."""
    lines = []
    for (name, form), rows in subjects(report).items():
        best = best_of([row for row in rows if row.judged])
        if isinstance(get(name), Capacity) and best is not None:
            cells = (f"`{in_form(name, form)}`", best.scenario, best.verdict, decimal_down(best.resolution or 0.0, 3), best.world)
            lines.append(f"| {' | '.join(cells)} |\n")
    return HEAD_CAPACITIES + "".join(lines)


def assumptions() -> str:
    """One line for each assumption without which a bound is proved to be true, and for each of which nothing is known."""
    found = [(pair, "true: " + proof) for pair, proof in PROVED.items()] + [(pair, "open: " + reason) for pair, reason in OPEN.items()]
    lines = [f"| `{in_form(bound, form)}` | {name} | {said.replace('|', '&#124;')} |\n" for (bound, form, name), said in sorted(found)]
    return HEAD_ASSUMPTIONS + "".join(lines)


def faults() -> str:
    """One line for each fault of the lists: what catches it, or why nothing does. That each is caught so is a test of its own."""
    found = [("formula", line.name, caught_by(line), not_caught(line)) for line in LINES]
    found += [(one.kind, one.name, one.rung, one.reason) for one in LISTED if one.name not in {line.listed for line in LINES}]
    return HEAD_FAULTS + "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n" for cells in found)


def caught_by(line: Line) -> str:
    """The rung, and where."""
    if line.listed:
        return next(one.rung for one in LISTED if one.name == line.listed)
    if line.caught is None:
        return ""
    rung = BRUTE_FORCE if isinstance(get(line.caught.theorem), Capacity) else EverySample.name
    return f"{rung}: `{line.caught.theorem}` in *{line.caught.world}*"


def not_caught(line: Line) -> str:
    """The place, and why it is caught by nothing there."""
    return f"`{line.elsewhere.theorem}`: {line.reason}" if line.elsewhere else line.reason


def between(page: str, begin: str, end: str, lines: str) -> str:
    """The page with these lines between two marks."""
    before, rest = page.split(begin)
    return f"{before}{begin}{lines}{end}{rest.split(end)[1]}"


def moved(rows: Sequence[TrialRow]) -> str:
    """What the rung that compares a bound with itself says of it: the comparisons that agree, over all scenarios, or the verdict."""
    looks = [row for row in rows if row.rung == Metamorphic.name]
    if any(row.verdict.is_failure for row in looks):
        return "refuted"
    return f"{sum(row.looked_at for row in looks)} comparisons in {len(looks)}" if looks else ""


def on_a_pool(rows: Sequence[TrialRow]) -> str:
    """What independent draws say of it: the scenario with the largest resolution, and that number."""
    best = best_of([row for row in rows if row.rung == RepeatedDraws.name and row.judged])
    return "" if best is None else f"{best.scenario}: {decimal_down(best.resolution or 0.0, 3)}"


def main(path: str = "") -> None:
    """Write the tables into the page: those of a report, and those of assumptions and of faults, which need none."""
    page = between(PAGE.read_text(encoding="utf-8"), BEGIN_ASSUMPTIONS, END_ASSUMPTIONS, assumptions())
    page = between(page, BEGIN_FAULTS, END_FAULTS, faults())
    if path:
        report, left_out = read_of_today(Path(path))
        sys.stderr.writelines(f"{line}\n" for line in left_out)
        page = between(page, BEGIN, END, table(report))
        page = between(page, BEGIN_CAPACITIES, END_CAPACITIES, capacities(report))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
