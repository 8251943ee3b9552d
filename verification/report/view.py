"""What the templates print: the rows of a report as text, the same for each of its files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from genbounds.bounds.bibliography import author_year, entries, field
from genbounds.bounds.lookup import get
from genbounds.bounds.special.rounding import decimal_nearest
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report.cards import anchor, cards
from genbounds.verification.report.first_screen import answer, made_with, shown_tightest
from genbounds.verification.report.headline import certificate_rows, headline, vacuous_rows, violated_rows
from genbounds.verification.report.telling_apart import distinctions
from genbounds.verification.report.trials import family_of_subjects, subjects
from genbounds.verification.report.wording import (
    FAMILY_SENTENCES,
    FAMILY_TITLES,
    NONE,
    SCALE_TITLES,
    canary_sentence,
    confidence,
    count,
    ended,
    exact,
    held_out_points,
    name_of,
    number,
    percentage,
    probability,
    risk,
    setting,
    supremum,
    verdict,
)
from genbounds.verification.rows.bound_row import SCALES, BoundRow
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.canary_row import CanaryRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.fault_row import FaultRow, KillLine, kill_matrices
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.rows.report import Report

SOFTWARE = "genbounds"
_AS_CLAIMED = (Outcome.REPRODUCED, Verdict.NOT_REFUTED, Verdict.PROVED_BY_ENUMERATION)
BASELINE = "clopper1934use"


def view(report: Report) -> dict[str, Any]:
    """The variables of the templates."""
    return {
        "report": report,
        "asked": asked(report),
        "headline": headline(report),
        "answer": answer(report),
        "tightest": shown_tightest(report),
        "made_with": made_with(report),
        "cards": cards(report),
        "canaries": [_canary(row) for row in report.canaries],
        "tally": SimpleNamespace(
            certificates=len(certificate_rows(report)),
            refuted=len(report.refuted),
            vacuous=len(vacuous_rows(report)),
            violated=len(violated_rows(report)),
            coverages=len(report.coverages),
            enumerations=len(report.enumerations),
            subjects=len(subjects(report)),
        ),
        "families": [_family(report, family) for family in report.families if any(row.family == family for row in report.bounds)],
        "matrix": [part for family in report.families if (part := _matrix(report, family)).subjects],
        "phenomena": [_phenomenon(report, row) for row in report.curves],
        "coverages": [_coverage(row) for row in report.coverages],
        "enumerations": [_enumeration(row) for row in report.enumerations],
        "brackets": [_bracket(row) for row in report.brackets],
        "mutants": [_mutant(row) for row in report.mutants],
        "kills": [
            SimpleNamespace(by=words, label=words.replace(", ", "-"), lines=[_kill_line(line) for line in lines])
            for words, lines in kill_matrices(report.faults)
        ],
        "faults": [_faults(row) for row in report.faults],
        "references": [_reference(key) for key in keys(report)],
        "run": [(str(name), _in_words(value)) for name, value in report.run.items()],
    }


def keys(report: Report) -> list[str]:
    """The BibTeX keys that the report rests on, in the order of the alphabet, and this software's."""
    found = {key for row in report.rows if (key := source_key(row))}
    if any(row.baseline is not None for row in report.bounds):
        found.add(BASELINE)
    return [*sorted(found - {SOFTWARE}), SOFTWARE]


def source_key(row: Row) -> str | None:
    """The BibTeX key of the theorem that a row is about; None for a bound that is in no catalogue."""
    return row.certificate.source.key if isinstance(row, BoundRow) else _key_of(row.bound)


@cache
def _key_of(bound: str) -> str | None:
    try:
        return get(bound).source.key
    except ValueError:
        return None


def asked(report: Report) -> str:
    """What was asked for, in one line; details (revisions) stand in report.json alone."""
    return "; ".join(f"{name}: {_in_words(value)}" for name, value in report.asked.items() if not isinstance(value, Mapping)).capitalize()


def _family(report: Report, family: str) -> SimpleNamespace:
    rows = [row for row in report.bounds if row.family == family]
    apart = distinctions(rows)
    parts = [
        SimpleNamespace(title=SCALE_TITLES[scale], label=scale, rows=[_bound(row, apart[row.id]) for row in rows if row.scale == scale])
        for scale in SCALES
        if any(row.scale == scale for row in rows)
    ]
    return SimpleNamespace(
        name=family,
        label=family.replace("_", "-"),
        title=FAMILY_TITLES.get(family, family),
        sentence=FAMILY_SENTENCES.get(family, ""),
        tally=f"{len(rows)} row{'s' if len(rows) != 1 else ''}",
        parts=parts,
    )


def _bound(row: BoundRow, apart: str) -> SimpleNamespace:
    certificate = row.certificate
    vacuous, estimate = certificate.vacuous, certificate.kind == "estimate"
    flags = [("violated", row.violated), ("vacuous", vacuous), ("refuted", row.verdict.is_failure), ("estimate", estimate)]
    return SimpleNamespace(
        id=row.id,
        classes=" ".join(["row", *(name for name, holds in flags if holds)]),
        bound=name_of(certificate),
        short=name_of(certificate).split(".", 1)[-1],
        network=row.network,
        setting=f"{setting(row)}; {apart}" if apart else setting(row),
        training=row.training,
        value=number(certificate.value, "up"),
        vacuous=vacuous,
        void=row.violated or estimate,
        risk=risk(row.risk),
        risk_method=row.risk.method if isinstance(row.risk, Interval) else "",
        risk_label="True value" if isinstance(row.risk, Interval) else "Exact value",
        risk_what=row.risk_what,
        empirical=exact(row.empirical),
        baseline=NONE if row.baseline is None else number(row.baseline, "up"),
        worth=held_out_points(row),
        points=NONE if row.held_out_equivalent is None or row.violated else count(row.held_out_equivalent),
        slack=_slack(row),
        verdict=verdict(row),
        bounds_on=certificate.bounds_on,
        holds_for=certificate.holds_for,
        confidence=confidence(certificate),
        assumptions=[
            SimpleNamespace(name=entry.assumption.name, status=entry.status, kind=entry.status.split()[0], how=entry.how)
            for entry in certificate.assumptions
        ],
        source=f"{author_year(certificate.source.key)}, {certificate.source.place}",
        provenance=certificate.provenance,
        key=certificate.source.key,
        note=ended(row.note),
    )


def _slack(row: BoundRow) -> str:
    if row.bits_of_slack is None or not math.isfinite(row.bits_of_slack) or row.violated:
        return ""
    return f"{decimal_nearest(row.bits_of_slack, 3)} bits (the bound is {number(2**row.bits_of_slack, 'nearest', 3)} times the risk)"


def _matrix(report: Report, family: str) -> SimpleNamespace:
    found = family_of_subjects(report, family)
    for one in found.subjects:
        one.key, one.card = source_key(one.source), anchor(one.source.bound)
    return found


def _phenomenon(report: Report, row: CurvesRow) -> SimpleNamespace:
    """One study of a phenomenon: its figure, and its claims with what became of them."""
    findings = [
        SimpleNamespace(
            id=one.id,
            classes="row refuted" if one.verdict.is_failure else "row",
            kind="bad" if one.verdict.is_failure else "good" if one.outcome in _AS_CLAIMED else "open",
            claim=ended(one.claim),
            source=one.source,
            outcome=one.outcome,
            said=ended(one.said),
            sizes=one.sizes,
            printed=one.printed,
        )
        for one in report.findings
        if one.study == row.study
    ]
    return SimpleNamespace(name=row.study, label=f"phenomenon-{row.study}", title=row.title, id=row.id, findings=findings)


def _canary(row: CanaryRow) -> SimpleNamespace:
    return SimpleNamespace(id=row.id, said=canary_sentence(row), dead=row.verdict.is_failure, verdict=str(row.verdict))


def _coverage(row: CoverageRow) -> SimpleNamespace:
    evidence = number(math.exp(min(row.log_evidence, 700)), "nearest", 3)
    return SimpleNamespace(
        id=row.id,
        classes="row refuted" if row.verdict.is_failure else "row",
        bound=row.bound,
        population=row.population,
        violations=count(row.violations),
        draws=count(row.draws),
        limit=number(row.upper_limit, "up", 3),
        delta=probability(row.delta),
        evidence=f"{evidence} of {number(1 / row.alpha, 'nearest', 3)}",
        power=row.power,
        critical_scale=NONE if row.critical_scale is None else number(row.critical_scale, "nearest", 3),
        verdict=verdict(row),
        note=ended(row.note),
    )


def _enumeration(row: EnumerationRow) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        classes="row refuted" if row.verdict.is_failure else "row",
        bound=row.bound,
        n=count(row.n),
        delta=probability(row.delta),
        supremum=supremum(row),
        at_risk=NONE if row.at_risk is None else number(row.at_risk, "nearest"),
        verdict=verdict(row),
        note=ended(row.note),
    )


def _bracket(row: BracketRow) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        classes="row refuted" if row.verdict.is_failure else "row",
        network=row.network,
        population=row.population,
        training=row.training,
        parameters=count(row.parameters),
        lower=number(row.lower, "down"),
        upper=number(row.upper, "up"),
        looseness=number(row.looseness, "up", 2),
        verdict=verdict(row),
        note=ended(row.note),
    )


def _mutant(row: MutantRow) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        bound=row.bound,
        mutant=row.mutant,
        caught_by=row.caught_by or NONE,
        missed_by=row.missed_by or NONE,
        verdict="caught" if row.caught_by else "not caught",
        note=ended(row.note),
    )


def _kill_line(line: KillLine) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(line), "share": percentage(line.share)})


def _faults(row: FaultRow) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        bound=row.bound,
        operator=row.operator,
        planted=count(row.planted),
        caught=count(row.caught),
        true=count(row.true),
        same=count(row.same),
        survived=count(row.survived),
        survivors=list(row.survivors),
    )


def _reference(key: str) -> SimpleNamespace:
    known = key in entries()
    where = [field(key, name) for name in ("journal", "booktitle", "publisher")] if known else []
    return SimpleNamespace(
        key=key,
        who=author_year(key) if known else key,
        title=field(key, "title") if known else "",
        where=" ".join([next((text for text in where if text), ""), field(key, "volume") if known else ""]).strip(),
    )


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_in_words(entry)}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_in_words(entry) for entry in value)
    return str(value)
