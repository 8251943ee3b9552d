"""What a report says must follow from the numbers that are stored beside it: rows are computed again when they are read.

A certificate comes from its stored exact inputs alone, equal to the last bit on every machine, so a value that was changed in the file is
found. What no stored number determines (a measured risk, a status of an assumption, words) is taken as it stands.
"""

from __future__ import annotations

import math
from fractions import Fraction

from genbounds.verification.checks.coverage import log_evidence, upper_limit
from genbounds.verification.checks.tightness import tightness
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.bound_row import RISKS, BoundRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.since import Kind, differences
from genbounds.verification.rows.trial_row import TrialRow

ROUNDING = 1e-9
"""Relative difference of two float64 computations of one number (another library, another processor)."""


def check_row(row: Row, but: frozenset[Kind] = frozenset()) -> None:
    """Compute again what follows from the numbers of a row; ``ValueError`` if the row says something else.

    Of a certificate: value, terms, delta and statement, from its inputs. Of its row: the held-out baseline and equivalent where the risk is
    exact, and the verdict where one number decides it. Of a coverage check: the limit and the verdict.
    Of an enumeration and of a trial: the verdict.

    Args:
        row: as it was read.
        but: what may differ from today's catalogue, where an older report is read (``since.tolerated``); ``changed_since`` says what does.

    Raises:
        ValueError: the row contradicts its own numbers.

    >>> from genbounds.bounds.holdout import clopper_pearson
    >>> certificate = clopper_pearson(errors=5, n=100, delta=Fraction(1, 20))
    >>> words = {"study": "s", "cell": "c", "population": "p", "network": "a", "training": "t", "risk_what": "risk", "scale": "realistic"}
    >>> row = BoundRow.compared(certificate, Fraction(1, 20), 100, **words)
    >>> check_row(row)
    >>> from dataclasses import replace
    >>> try:
    ...     check_row(replace(row, certificate=replace(certificate, value=0.05)))
    ... except ValueError as error:
    ...     print(str(error).split(":")[0])
    value of holdout.clopper_pearson must be 0.10225337764327451, as its inputs give, got 0.05
    """
    try:
        if isinstance(row, BoundRow):
            _check_bound(row, but)
        elif isinstance(row, CoverageRow):
            _check_coverage(row)
        elif isinstance(row, EnumerationRow):
            _check_enumeration(row)
        elif isinstance(row, TrialRow):
            _check_trial(row)
    except ValueError as error:
        remedy = "the file was changed by hand, or another version of genbounds wrote it; make the report again with genbounds verify"
        raise ValueError(f"{error}: row {row.id}: {remedy}") from error


def changed_since(row: Row) -> tuple[str, ...]:
    """What today's catalogue says differently of the certificate of a row, a sentence each; nothing for a row that is not a certificate.

    A row with any is not presented as a certificate of today's theorem.
    """
    return tuple(found.since for found in differences(row.certificate)) if isinstance(row, BoundRow) else ()


def _check_bound(row: BoundRow, but: frozenset[Kind]) -> None:
    certificate = row.certificate
    for found in differences(certificate):
        if found.kind not in but:
            raise ValueError(found.refusal)
    below = not isinstance(row.risk, Interval) and Fraction(row.risk) > _exact(certificate.value)
    if isinstance(row.risk, Interval) and certificate.mode == "EXP":
        below = row.risk.lower > certificate.value
    if row.verdict is Verdict.PROVED_BY_ENUMERATION:
        raise ValueError("verdict of a certificate must not be that of an enumeration, got 'proved by enumeration'")
    if certificate.violated and row.verdict is not Verdict.ASSUMPTION_VIOLATED:
        names = ", ".join(entry.assumption.name for entry in certificate.violated)
        raise ValueError(f"verdict must be 'assumption violated', as {names} is, got '{row.verdict}'")
    if below and certificate.delta is None and row.verdict is Verdict.NOT_REFUTED:
        raise ValueError(f"verdict must be 'refuted' where {certificate.bound}, which cannot fail, is below the risk, got '{row.verdict}'")
    if row.held_out_equivalent is not None and certificate.bounds_on not in RISKS:
        raise ValueError(
            f"held-out equivalent must be missing, as no test set bounds the {certificate.bounds_on}, got {row.held_out_equivalent}"
        )
    if row.baseline is not None and certificate.bounds_on in RISKS and certificate.trivial == 1 and not isinstance(row.risk, Interval):
        _check_tightness(row, Fraction(row.risk))


def _check_tightness(row: BoundRow, risk: Fraction) -> None:
    found = tightness(row.certificate.value, risk, row.n, float(row.certificate.delta or Fraction(1, 20)))
    if row.baseline is None or not math.isclose(row.baseline, found.baseline, rel_tol=ROUNDING):
        raise ValueError(f"held-out baseline must be {found.baseline}, as the risk and n give, got {row.baseline}")
    given, wanted = row.held_out_equivalent, found.held_out_equivalent
    same = given == wanted or (given is not None and wanted is not None and math.isclose(given, wanted, rel_tol=ROUNDING, abs_tol=1))
    if not (same or row.violated):
        raise ValueError(f"held-out equivalent must be {wanted}, as the bound and the risk give, got {given}")


def _check_coverage(row: CoverageRow) -> None:
    limit = upper_limit(row.violations, row.draws)
    if not math.isclose(row.upper_limit, limit, rel_tol=ROUNDING):
        raise ValueError(f"upper limit must be {limit}, as {row.violations} of {row.draws} draws give, got {row.upper_limit}")
    last = float(log_evidence(row.violations, row.draws, row.delta))
    if row.log_evidence < last - ROUNDING * (1 + abs(last)):
        raise ValueError(f"evidence must be at least exp({last}), that of all draws together, got exp({row.log_evidence})")
    _check_verdict(row, refuted=row.log_evidence >= -math.log(row.alpha))


def _check_enumeration(row: EnumerationRow) -> None:
    above = _exact(row.supremum) > row.delta and row.supremum > float(row.delta)  # the double nearest to delta may lie above it
    if row.verdict is Verdict.PROVED_BY_ENUMERATION and above:
        raise ValueError(f"verdict must not be 'proved by enumeration' with a supremum of {row.supremum} above delta = {row.delta}")
    if row.verdict is Verdict.REFUTED and _exact(row.supremum) <= row.delta:
        raise ValueError(f"verdict must not be 'refuted' with a supremum of {row.supremum}, at most delta = {row.delta}")


def _check_trial(row: TrialRow) -> None:
    if not row.judged:
        if row.verdict not in (Verdict.ASSUMPTION_VIOLATED, Verdict.NOT_APPLICABLE):
            raise ValueError(f"verdict must be 'not applicable' or 'assumption violated' where no rung judged, got '{row.verdict}'")
        return
    if row.measured is None or row.allowed is None:
        return
    room = ROUNDING * (abs(row.measured) + abs(row.allowed)) if math.isfinite(row.measured) else 0.0  # which of two equal doubles is larger
    if row.measured > row.allowed + room and row.verdict is not Verdict.REFUTED:
        raise ValueError(f"verdict must be 'refuted', as {row.measured} is above the {row.allowed} that is allowed, got '{row.verdict}'")
    if row.measured < row.allowed - room and row.verdict is Verdict.REFUTED:
        raise ValueError(f"verdict must not be 'refuted', as {row.measured} is below the {row.allowed} that is allowed")


def _check_verdict(row: CoverageRow, *, refuted: bool) -> None:
    if refuted != (row.verdict is Verdict.REFUTED):
        raise ValueError(
            f"verdict must be '{Verdict.REFUTED if refuted else Verdict.NOT_REFUTED}', as the evidence says, got '{row.verdict}'"
        )


def _exact(value: float) -> Fraction | float:
    return Fraction(value) if math.isfinite(value) else value
