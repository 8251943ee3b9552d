"""The first screen of a report: what was checked and what was found, in a few plain sentences that claim no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from genbounds.verification.checks.faults.fates import UNCHANGED
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.saying import UNREFUTABLE
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report.trials import subjects
from genbounds.verification.report.wording import canary_sentence, count, listed
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.fault_row import kill_matrix
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.report import Report


def headline(report: Report) -> list[str]:
    """What was checked and what was found, in a few plain sentences."""
    lines = [_matrix(report)] if report.trials else []
    if report.bounds or not (report.trials or report.findings):
        lines.append(_certificates(report))
    if report.refuted:
        names = listed(f"{row.bound} ({row.id})" for row in report.refuted)
        lines.append(f"{_things(len(report.refuted), 'check')} refuted a bound: {names}.")
    else:
        coverage = " Each coverage check states the power with which it found nothing." if report.coverages else ""
        single = " Where comparing a certificate with one risk could not have refuted it, its note says so." if report.bounds else ""
        lines.append(f"No bound was refuted. That is not a proof.{coverage}{single}")
    vacuous, violated = len(vacuous_rows(report)), len(violated_rows(report))
    if vacuous:
        lines.append(
            f"{vacuous} of the certificates {_agree(vacuous, 'is', 'are')} vacuous: true, but no better than what is known anyway."
        )
    if violated:
        lines.append(
            f"{_things(violated, 'further number')} {_agree(violated, 'rests', 'rest')} on an assumption that does not hold here; "
            f"{_agree(violated, 'it certifies', 'they certify')} nothing and {_agree(violated, 'is', 'are')} shown in grey."
        )
    if report.coverages:
        draws = sum(row.draws for row in report.coverages)
        broken = sum(row.violations for row in report.coverages)
        checks = _things(len(report.coverages), "coverage check")
        lines.append(f"{checks} over {count(draws)} repeated draws saw {_things(broken, 'violation')}.")
    if report.brackets:
        lines.append(
            f"The Lipschitz {_agree(len(report.brackets), 'constant', 'constants')} of {_things(len(report.brackets), 'network')} "
            f"{_agree(len(report.brackets), 'is', 'are')} enclosed between two certified bounds."
        )
    if report.canaries:
        dead = [row for row in report.canaries if row.verdict.is_failure]
        studies = {row.study for row in report.canaries}
        what = f"In {_each(len(studies))} a fault was planted to test the checks"
        lines.append(f"{what}: " + (" ".join(map(canary_sentence, dead)) if dead else "every fault was refuted, and no sound case was."))
    if report.findings:
        lines.append(_phenomena(report))
    if report.mutants:
        caught = sum(bool(row.caught_by) for row in report.mutants)
        lines.append(f"Of {_things(len(report.mutants), 'fault')} planted on purpose, the checks caught {count(caught)}.")
    lines += _kills(report)
    proved = sum(row.verdict is Verdict.PROVED_BY_ENUMERATION for row in report.enumerations)
    if proved:
        lines.append(
            f"For {_things(proved, 'bound')} every outcome was enumerated: it is proved that the failure probability is at most delta."
        )
    return lines


def _phenomena(report: Report) -> str:
    """How many claims of the literature there are, and what became of them."""
    theorems = [row for row in report.findings if row.theorem]
    outcomes = Counter(row.outcome for row in report.findings if not row.theorem)
    told = listed(f"{count(outcomes[one])} {_agree(outcomes[one], 'was', 'were')} {one}" for one in map(str, Outcome) if outcomes[one])
    refuted = sum(row.verdict.is_failure for row in theorems)
    parts = [
        f"{_things(len(report.findings), 'claim')} of the literature {_agree(len(report.findings), 'was', 'were')} examined "
        "at the sizes of this report"
    ]
    if theorems:
        parts.append(
            f"of {_things(len(theorems), 'theorem')} {count(refuted) if refuted else 'none'} {_agree(refuted or 1, 'was', 'were')} refuted"
        )
    if outcomes:
        parts.append(f"of {_things(sum(outcomes.values()), 'effect', 'effects')} that no theorem promises, {told}")
    return "; ".join(parts) + "."


def _kills(report: Report) -> Iterator[str]:
    """What became of the faults planted in formulas, those of capacities apart, and of the formulas with nothing changed."""
    for what, capacities in (("formulas", False), ("capacities, judged by what they bound and by the bounds that use them", True)):
        for every in kill_matrix(report.faults, "operator", capacities)[-1:]:
            yield (
                f"Of {_things(every.planted, 'fault')} planted in {what}, {count(every.caught)} were caught and {count(every.survived)} "
                f"survived; {count(every.true)} leave the statement true and {count(every.same)} do not change it."
            )
    unchanged = [row for row in report.faults if row.operator == UNCHANGED]
    if unchanged:
        caught = sum(row.caught for row in unchanged)
        said = (
            f"{count(caught)} of them {_agree(caught, 'was', 'were')} caught, so that the other catches mean nothing"
            if caught
            else "none was caught"
        )
        yield f"{_things(len(unchanged), 'formula')} went through the same trials with nothing changed: {said}."


def _matrix(report: Report) -> str:
    """How many bounds were on trial, how many of them judged, and how small a mistake would have been noticed."""
    found = {key: [row for row in rows if row.judged] for key, rows in subjects(report).items()}
    judged = [max((row.resolution or 0.0) for row in rows) for rows in found.values() if rows]
    scenarios = {row.scenario for row in report.trials if row.judged}
    noticed = sum(resolution > 0 for resolution in judged)
    half = sum(resolution >= 0.5 for resolution in judged)
    lines = [
        f"{_things(len(found), 'bound')} on trial (forms of a theorem counted apart), {count(len(judged))} of them judged, in "
        f"{_things(len(scenarios), 'scenario')} where their assumptions hold; {count(noticed)} would have been refuted if "
        f"their deviation were smaller, {count(half)} of them if it were halved."
    ]
    if len(judged) > noticed:
        lines.append(f"Of {count(len(judged) - noticed)} it must be said that {UNREFUTABLE}.")
    if len(found) > len(judged):
        lines.append(f"{count(len(found) - len(judged))} {_agree(len(found) - len(judged), 'is', 'are')} judged by nothing here.")
    return " ".join(lines)


def _certificates(report: Report) -> str:
    """How many certificates there are, and with what they are compared."""
    certificates = certificate_rows(report)
    if not certificates:
        return "This report has no certificate."
    populations = sorted({row.population for row in certificates})
    families = {row.family for row in certificates}
    enclosed = sum(isinstance(row.risk, Interval) for row in certificates)
    known = len(certificates) - enclosed
    beside = "known exactly" if not enclosed else "measured as an interval"
    if known and enclosed:
        beside = f"known exactly for {count(known)} of them, and as an interval for {count(enclosed)}"
    return (
        f"{_things(len(certificates), 'certificate')} from {_things(len(families), 'family', 'families')} of bounds, each rounded up and "
        f"compared with what it bounds, which is {beside} ({listed(populations)})."
    )


def certificate_rows(report: Report) -> tuple[BoundRow, ...]:
    """The numbers that certify something: no violated assumption, no estimate."""
    return tuple(row for row in report.bounds if not row.violated and row.certificate.kind == "certificate")


def vacuous_rows(report: Report) -> tuple[BoundRow, ...]:
    """The certificates that say no more than is known anyway."""
    return tuple(row for row in certificate_rows(report) if row.certificate.vacuous)


def violated_rows(report: Report) -> tuple[BoundRow, ...]:
    """The rows with a violated assumption."""
    return tuple(row for row in report.bounds if row.violated)


def _each(studies: int) -> str:
    return "the study" if studies == 1 else f"each of {count(studies)} studies"


def _things(n: int, one: str, many: str = "") -> str:
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def _agree(n: int, one: str, many: str) -> str:
    return one if n == 1 else many
