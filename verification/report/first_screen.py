"""The answer that a report begins with: what was checked, what was refuted, how small a mistake would have been noticed."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from genbounds.bounds.registry import FAMILIES
from genbounds.verification.report.headline import certificate_rows, violated_rows
from genbounds.verification.report.trials import subjects
from genbounds.verification.report.wording import FAMILY_TITLES, confidence, count, listed, name_of, number, setting
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.report import Report


def answer(report: Report) -> list[tuple[str, str]]:
    """The first words of a report, each with what it says."""
    return [*_checked(report), *_refuted(report), *_noticed(report)]


def tightest(rows: Sequence[BoundRow]) -> list[BoundRow]:
    """The certificate of each family that is least compared with its trivial value, in the order of the catalogue."""
    best: dict[str, BoundRow] = {}
    for row in rows:
        if row.certificate.trivial and not row.violated and row.certificate.kind == "certificate" and not row.certificate.vacuous:
            present = best.get(row.family)
            if present is None or _relative(row) < _relative(present):
                best[row.family] = row
    return [best[family] for family in FAMILIES if family in best]


def shown_tightest(report: Report) -> list[SimpleNamespace]:
    """The same as text."""
    return [
        SimpleNamespace(
            family=FAMILY_TITLES.get(row.family, row.family),
            bound=name_of(row.certificate).split(".", 1)[-1],
            value=number(row.certificate.value, "up"),
            where=f"{row.certificate.bounds_on}, {setting(row)}, {confidence(row.certificate)}",
            id=row.id,
        )
        for row in tightest(report.bounds)
    ]


def made_with(report: Report) -> str:
    """Software, version and date, with what the report was asked for."""
    versions: Any = report.run.get("versions", {})
    parts = [f"genbounds {versions['genbounds']}"] if "genbounds" in versions else []
    finished = str(report.run.get("finished", ""))
    parts += [finished[:10]] if finished else []
    if "full" in report.asked:
        parts.append("full report" if report.asked["full"] else "report at its usual size")
    if "seed" in report.asked:
        parts.append(f"seed {report.asked['seed']}")
    return " · ".join(parts)


def _checked(report: Report) -> Iterator[tuple[str, str]]:
    found = subjects(report)
    judged = sum(any(row.judged for row in rows) for rows in found.values())
    certificates = certificate_rows(report)
    parts = []
    if found:
        scenarios = len({row.scenario for row in report.trials if row.judged})
        parts.append(f"{count(judged)} of {_things(len(found), 'bound')} in {_things(scenarios, 'scenario')} whose truth is known")
    if certificates:
        parts.append(f"{_things(len(certificates), 'certificate')} of trained predictors")
    if report.findings:
        parts.append(f"{_things(len(report.findings), 'claim')} of the literature")
    if parts:
        yield "Checked", f"{listed(parts)}."


def _refuted(report: Report) -> Iterator[tuple[str, str]]:
    if report.refuted:
        yield "Refuted", f"{listed(f'{row.bound} ({row.id})' for row in report.refuted)}."
    else:
        violated = len(violated_rows(report))
        grey = f" {_things(violated, 'number')} with a violated assumption certify nothing." if violated else ""
        yield "Refuted", f"None. This is evidence and not a proof.{grey}"


def _noticed(report: Report) -> Iterator[tuple[str, str]]:
    judged = [[row.resolution or 0.0 for row in rows if row.judged] for rows in subjects(report).values()]
    best = sorted(max(values) for values in judged if values)
    if not best:
        return
    middle = statistics.median_low(best)
    half, none = sum(value >= 0.5 for value in best), sum(value == 0 for value in best)
    text = (
        f"For half of the bounds, a deviation {number(middle, 'down', 2)} times as large as the theorem's would have been refuted; "
        f"for {count(half)} of {count(len(best))}, half of the deviation would have been refuted."
    )
    yield "Noticed", text + (f" For {count(none)} of them no mistake could have been noticed." if none else "")


def _relative(row: BoundRow) -> float:
    return row.certificate.value / float(row.certificate.trivial or 1)


def _things(n: int, one: str) -> str:
    return f"{count(n)} {one}{'' if n == 1 else 's'}"
