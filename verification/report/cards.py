"""The details of a report: one card for each bound, with its theorem once, and below it every number that rests on it."""

from __future__ import annotations

import re
from types import SimpleNamespace

from genbounds.bounds.bibliography import author_year
from genbounds.bounds.certificate import show
from genbounds.bounds.lookup import get
from genbounds.verification.report.trials import said_of, subjects, what_matters
from genbounds.verification.report.wording import NONE, confidence, ended, in_form, number, sentence
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.trial_row import TrialRow


def anchor(bound: str) -> str:
    """The id of a bound's card.

    >>> anchor("vc.sauer")
    'bound-vc-sauer'
    """
    return "bound-" + re.sub(r"[^A-Za-z0-9]+", "-", bound)


def cards(report: Report) -> list[SimpleNamespace]:
    """The cards of all bounds that have a trial or a certificate, by name."""
    trials: dict[str, list[list[TrialRow]]] = {}
    for (bound, _), rows in subjects(report).items():
        trials.setdefault(bound, []).append(rows)
    numbers: dict[str, list[BoundRow]] = {}
    for row in report.bounds:
        numbers.setdefault(row.bound, []).append(row)
    return [_card(bound, trials.get(bound, []), numbers.get(bound, [])) for bound in sorted({*trials, *numbers})]


def _card(bound: str, trials: list[list[TrialRow]], numbers: list[BoundRow]) -> SimpleNamespace:
    return SimpleNamespace(
        anchor=anchor(bound),
        bound=bound,
        theorem=_theorem(bound),
        tally=_tally(sum(bool(row.scenario) for rows in trials for row in rows), len(numbers)),
        forms=[_form(rows) for rows in trials],
        numbers=[_number(row) for row in numbers],
    )


def _tally(trials: int, numbers: int) -> str:
    parts = [f"{n} {what}{'' if n == 1 else 's'}" for n, what in ((numbers, "number"), (trials, "trial")) if n]
    return ", ".join(parts) or "no trial"


def _theorem(bound: str) -> SimpleNamespace | None:
    """What the catalogue says of a bound; None for one that is not in it."""
    try:
        formula = get(bound)
    except ValueError:
        return None
    return SimpleNamespace(
        statement=formula.statement,
        latex=formula.latex(),
        source=f"{author_year(formula.source.key)}, {formula.source.place}",
        key=formula.source.key,
        provenance=formula.provenance,
        assumptions=[SimpleNamespace(name=entry.name, statement=entry.statement) for entry in formula.assumes],
    )


def _form(rows: list[TrialRow]) -> SimpleNamespace:
    return SimpleNamespace(
        bound=in_form(rows[0].bound, rows[0].form),
        anchor="" if rows[0].scenario else rows[0].id,
        said=ended(said_of(rows)),
        assumptions=what_matters(rows),
        trials=[_trial(row) for row in rows if row.scenario],
    )


def _trial(row: TrialRow) -> SimpleNamespace:
    evidence = row.evidence.removeprefix(f"{row.verdict}: ")
    return SimpleNamespace(
        id=row.id,
        failed=row.verdict.is_failure,
        scenario=row.scenario,
        hostile=row.hostile,
        rung=row.rung or NONE,
        verdict=str(row.verdict),
        resolution=NONE if row.resolution is None else number(row.resolution, "down", 3),
        evidence=ended(evidence),
    )


def _number(row: BoundRow) -> SimpleNamespace:
    certificate = row.certificate
    return SimpleNamespace(
        id=row.id,
        study=row.study,
        sentence=sentence(row),
        claim=f"The {certificate.bounds_on}, for {certificate.holds_for}; confidence: {confidence(certificate)}",
        truth=f"{row.risk_what}{f' ({row.risk.method})' if isinstance(row.risk, Interval) else ''}",
        inputs=", ".join(f"{name} = {show(value)}" for name, value in certificate.inputs.items()),
        terms=" + ".join(f"{number(value, 'nearest')} ({name})" for name, value in certificate.terms.items()),
        latex=certificate.latex(),
        assumptions=[
            SimpleNamespace(name=entry.assumption.name, status=entry.status, kind=entry.status.split()[0], how=entry.how)
            for entry in certificate.assumptions
        ],
        note=ended(row.note),
    )
