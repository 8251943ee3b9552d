"""The rows of the matrix: what they hold, and that a verdict follows from the numbers beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.checks.check import check
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.consistency import check_row
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.stored import row_from_dict, row_to_dict
from genbounds.verification.rows.trial_row import TrialRow, checked_rows, checked_to_dict
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding

WORDS = {"study": "s", "cell": "c", "form": ""}


def rows_of(name: str, **asked: object) -> list[TrialRow]:
    """Through the store and back."""
    stored = parse_json(canonical_json(checked_to_dict(check(name, **asked))))
    return checked_rows(stored, bound=name, **WORDS)


@pytest.mark.slow
def test_every_rung_has_a_row_with_the_numbers_that_decide_and_all_go_through_a_file() -> None:
    rows = rows_of("holdout.clopper_pearson", scenarios=["fixed hypothesis", "memoriser"])
    assert {row.rung for row in rows} == {"every sample", "all risks", "deep tail", "metamorphic", ""}
    for row in rows:
        assert row_from_dict(parse_json(canonical_json(row_to_dict(row)))) == row
        if row.judged and row.rung != "metamorphic":  # which compares a bound with itself
            assert row.measured is not None
            assert row.allowed is not None
            assert row.measured <= row.allowed
            assert row.informative
    assert [row.verdict for row in rows if not row.judged] == [Verdict.ASSUMPTION_VIOLATED]


@pytest.mark.slow
@pytest.mark.parametrize("rung", ["every sample", "all risks", "deep tail"])
def test_a_verdict_that_its_numbers_contradict_is_refused(rung: str) -> None:
    row = next(row for row in rows_of("holdout.hoeffding", scenarios="fixed hypothesis") if row.rung == rung)
    check_row(row)
    with pytest.raises(ValueError, match="must not be 'refuted'"):
        check_row(replace(row, verdict=Verdict.REFUTED))
    assert row.allowed is not None
    with pytest.raises(ValueError, match="must be 'refuted'"):
        check_row(replace(row, measured=row.allowed + 0.01))


def test_a_pair_that_no_rung_judged_has_no_verdict_of_a_rung() -> None:
    row = next(row for row in rows_of("holdout.hoeffding", scenarios="memoriser") if row.scenario)
    check_row(row)
    with pytest.raises(ValueError, match="no rung judged"):
        check_row(replace(row, verdict=Verdict.NOT_REFUTED))


def test_a_bound_that_nothing_judges_has_a_row_that_says_what_is_missing() -> None:
    first, *_ = rows_of("perceptron.novikoff", scenarios="memoriser")
    assert (first.scenario, first.verdict) == ("", Verdict.NOT_APPLICABLE)
    assert "nothing supplies" in first.evidence


class Broken(Scenario):
    """A world that lies: its true risk is not the one that the errors come from."""

    name, description = "broken", "a lie"
    inputs, truths = frozenset({"n", "empirical_risk"}), frozenset({RISK})
    audit = holding("a lie", IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE)

    def worlds(self, size: Size) -> Iterator[World]:
        yield World("n = 1000", {"n": 1000}, {"empirical_risk": [Fraction(0)]}, {RISK: [Fraction(1)]}, [Fraction(1)])


def test_a_refuted_trial_fails_the_report() -> None:
    rows = rows_of("holdout.hoeffding", scenarios=Broken())
    report = Report("t", {}, tuple(rows))
    assert [row.verdict for row in report.refuted] == [Verdict.REFUTED]
    for row in rows:
        check_row(row)
    with pytest.raises(ValueError, match="must be 'refuted'"):
        check_row(replace(rows[0], verdict=Verdict.NOT_REFUTED))
