"""The matrix as a report shows it: one line for each form of a bound, with all its trials below it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from genbounds.bounds.lookup import catalogue
from genbounds.verification.checks.needless import PROVED
from genbounds.verification.checks.saying import best_of, sentence
from genbounds.verification.report.wording import FAMILY_TITLES, NONE, count, ended, in_form, number, probability, resolution_of
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.trial_row import TrialRow


def subjects(report: Report) -> dict[tuple[str, str], list[TrialRow]]:
    """The trials by bound and form."""
    found: dict[tuple[str, str], list[TrialRow]] = {}
    for row in report.trials:
        found.setdefault((row.bound, row.form), []).append(row)
    return found


def said_of(rows: Sequence[TrialRow]) -> str:
    """What the trials of one bound say together, in one sentence."""
    judged = [row for row in rows if row.judged]
    missing = next((row.evidence for row in rows if not row.scenario), "")
    vacuous = judged and not any(row.informative for row in judged)
    return f"{sentence(judged, rows[0].mode, missing)}{'; vacuous in every world here' if vacuous else ''}"


def family_of_subjects(report: Report, family: str) -> SimpleNamespace:
    """The bounds of a family, each with its trials."""
    found = [_subject(rows) for rows in subjects(report).values() if rows[0].family == family]
    return SimpleNamespace(name=family, label=family.replace("_", "-"), title=FAMILY_TITLES.get(family, family), subjects=found)


def what_matters(rows: Sequence[TrialRow]) -> str:
    """Which assumptions of a bound are needed: those without which a hostile world refutes it, those that no world shows to matter."""
    if not rows:
        return ""
    looked_at: dict[str, bool] = {}
    for row in rows:
        if row.fails_there is not None and "; " not in row.violated:
            looked_at[row.violated] = looked_at.get(row.violated, False) or row.fails_there
    needed = [name for name, fails in looked_at.items() if fails]
    harmless = [name for name, fails in looked_at.items() if not fails]
    every = [entry.name for bound in catalogue() if bound.name == rows[0].bound for entry in _form(bound, rows[0].form).assumes]
    proved = [name for name in every if (rows[0].bound, rows[0].form, name) in PROVED and name not in needed]
    harmless = [name for name in harmless if name not in proved]
    alone = [name for name in every if name not in looked_at and name not in proved]
    parts = [
        f"False in a world where one of these alone does not hold: {', '.join(needed)}." if needed else "",
        f"True in every world here where one of these alone does not hold: {', '.join(harmless)}." if harmless else "",
        f"Proved to be true without: {', '.join(proved)} (docs/suite.md)." if proved and looked_at else "",
        f"Violated alone in no world here: {', '.join(alone)}." if alone and looked_at else "",
    ]
    return " ".join(part for part in parts if part)


def _form(bound: Any, named: str) -> Any:
    """The form of that name, as a row has it."""
    return next(form for key, form in bound.forms.items() if str(key) == named)


def _subject(rows: Sequence[TrialRow]) -> SimpleNamespace:
    judged = [row for row in rows if row.judged]
    best = best_of(judged)
    refuted = best is not None and best.verdict.is_failure
    name = in_form(rows[0].bound, rows[0].form)
    return SimpleNamespace(
        bound=name,
        short=name.split(".", 1)[-1],
        source=rows[0],
        id=(best or rows[0]).id,
        anchor="" if rows[0].scenario else rows[0].id,
        classes="row refuted" if refuted else "row violated" if best is None else "row",
        verdict=f"not judged: {rows[0].verdict}" if best is None else str(best.verdict),
        resolution=NONE if best is None else number(best.resolution or 0.0, "down", 3),
        factor=-1.0 if best is None else best.resolution or 0.0,
        scenario=f"{best.scenario}, {best.rung}" if best is not None and (best.resolution or refuted) else NONE,
        world=_world(best) if best is not None and (best.resolution or refuted) else "",
        where=_where(best) if best is not None and (best.resolution or refuted) else NONE,
        sentence=ended(said_of(rows)),
        tally=_tally(rows, judged),
        assumptions=what_matters(rows),
        trials=[_trial(row) for row in rows if row.scenario],
    )


def _where(row: TrialRow) -> str:
    """Scenario, rung, world and delta."""
    return f"{row.scenario}, {row.rung}: {_world(row)}"


def _world(row: TrialRow) -> str:
    return f"{row.world}{'' if row.delta is None else f', delta = {probability(row.delta)}'}"


def _tally(rows: Sequence[TrialRow], judged: Sequence[TrialRow]) -> str:
    parts = [f"{_things(len(judged), 'trial')} in {_things(len({row.scenario for row in judged}), 'scenario')}"]
    apart = sum(bool(row.scenario) for row in rows) - len(judged)
    return ", ".join([*parts, f"{_things(apart, 'scenario')} where it is not judged"] if apart else parts)


def _things(n: int, what: str) -> str:
    return f"{count(n)} {what}{'' if n == 1 else 's'}"


def _trial(row: TrialRow) -> SimpleNamespace:
    evidence = row.evidence.removeprefix(f"{row.verdict}: ")
    return SimpleNamespace(
        id=row.id,
        classes="refuted" if row.verdict.is_failure else "" if row.judged else "unjudged",
        scenario=row.scenario + (f" ({row.hostile} looks at the sample)" if row.hostile else ""),
        rung=row.rung or "not judged",
        verdict=str(row.verdict),
        said=ended(f"{evidence}{'' if row.verdict.is_failure or not row.judged else f'; {resolution_of(row)}'}"),
    )
