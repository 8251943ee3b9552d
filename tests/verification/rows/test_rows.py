"""Rows of a report: ids, exact JSON, what is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from fractions import Fraction

import pytest

from genbounds.bounds import get
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.verification.checks.coverage import coverage
from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report.wording import sentence
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.stored import row_from_dict, row_to_dict
from genbounds.verification.runs.identifiers import row_id

HOEFFDING = get("holdout.hoeffding")(empirical_risk=Fraction(1, 10), n=1000, delta=Fraction(1, 20))
WORDS = {
    "study": "s",
    "cell": "c",
    "population": "digits",
    "network": "64-10",
    "training": "SGD",
    "risk_what": "exact risk on the pool",
    "scale": "realistic",
}


def test_an_id_is_the_hash_of_cell_bound_and_quantity() -> None:
    expected = hashlib.blake2b(b'["3f1c","holdout.hoeffding","risk"]').hexdigest()[:10]
    assert row_id("3f1c", "holdout.hoeffding", "risk") == expected
    assert len({row_id("a", "b", "c"), row_id("ab", "", "c"), row_id("a", "b", "d"), row_id("b", "a", "c")}) == 4


def test_json_gives_back_an_equal_report(handmade_report: Report) -> None:
    text = json.dumps(handmade_report.to_dict(), allow_nan=False)
    again = Report.from_dict(json.loads(text))
    assert again == handmade_report
    assert json.dumps(again.to_dict(), allow_nan=False) == text
    assert [type(row) for row in again.rows] == [type(row) for row in handmade_report.rows]
    for row, other in zip(again.bounds, handmade_report.bounds, strict=True):
        assert row.certificate.value.hex() == other.certificate.value.hex()
        assert row.certificate.delta == other.certificate.delta


def test_an_infinite_number_goes_through_json(handmade_report: Report) -> None:
    row = dataclasses.replace(handmade_report.bounds[0], bits_of_slack=float("inf"))
    assert row_from_dict(json.loads(json.dumps(row_to_dict(row), allow_nan=False))) == row


def test_nan_is_refused(handmade_report: Report) -> None:
    row = dataclasses.replace(handmade_report.bounds[0], baseline=float("nan"))
    with pytest.raises(ValueError, match="must not be NaN"):
        row_to_dict(row)


def test_a_changed_file_is_refused(handmade_report: Report) -> None:
    data = row_to_dict(handmade_report.rows[0])
    with pytest.raises(ValueError, match="changed by hand"):
        row_from_dict({**data, "cell": "another"})
    with pytest.raises(ValueError, match="kind of a row"):
        row_from_dict({**data, "kind": "horoscope"})
    with pytest.raises(ValueError, match="schema"):
        Report.from_dict({**handmade_report.to_dict(), "schema": 99})


def test_two_rows_of_one_id_are_refused(handmade_report: Report) -> None:
    row = handmade_report.rows[0]
    with pytest.raises(ValueError, match="another `quantity`"):
        Report("twice", {}, (row, row))


def test_the_comparison_of_a_row() -> None:
    row = BoundRow.compared(HOEFFDING, Fraction(1, 20), 1000, **WORDS)
    # 50 errors are expected of 1000 points; Clopper-Pearson is the p at which at most 50 of them have probability delta, summed here.
    assert row.baseline is not None
    p = Fraction(row.baseline)
    tail = sum(math.comb(1000, k) * p**k * (1 - p) ** (1000 - k) for k in range(51))
    assert float(tail) == pytest.approx(0.05, rel=1e-9)
    assert row.bits_of_slack is not None
    assert 2**row.bits_of_slack / 20 == pytest.approx(HOEFFDING.value)
    assert row.verdict is Verdict.NOT_REFUTED
    assert not row.violated


def test_a_violated_assumption_is_the_verdict_and_has_no_equivalent() -> None:
    broken = HOEFFDING.audited({IID_SAMPLE: ("violated", "drawn without replacement")})
    row = BoundRow.compared(broken, Fraction(1, 20), 1000, **WORDS)
    assert row.verdict is Verdict.ASSUMPTION_VIOLATED
    assert row.held_out_equivalent is None
    assert row.violated


def test_what_is_no_risk_has_no_held_out_baseline() -> None:
    mistakes = get("perceptron.novikoff")(radius=5, margin=Fraction(1, 2))
    row = BoundRow.compared(mistakes, Fraction(37), 300, **WORDS)
    assert row.baseline is None
    assert row.held_out_equivalent is None


def test_an_interval_is_compared_by_the_end_that_flatters_the_bound_least() -> None:
    wide = BoundRow.compared(HOEFFDING, Interval(0.02, 0.08, "50 draws"), 1000, **WORDS)
    ends = [BoundRow.compared(HOEFFDING, Fraction(risk, 100), 1000, **WORDS) for risk in (2, 8)]
    assert wide.held_out_equivalent == min(row.held_out_equivalent or 0 for row in ends)
    assert wide.bits_of_slack == pytest.approx(max(row.bits_of_slack or 0 for row in ends))


def test_a_risk_of_which_nothing_is_measured_has_no_baseline_and_no_worth() -> None:
    """The vote on MNIST is bracketed between 0 and twice the Gibbs risk; at risk 0 its bound would be worth more than it is."""
    bracketed = BoundRow.compared(HOEFFDING, Interval(0.0, 0.024, "bracketed"), 1000, **WORDS)
    assert (bracketed.baseline, bracketed.held_out_equivalent) == (None, None)
    assert "worth" not in sentence(bracketed)
    vacuous = BoundRow.compared(get("vc.sauer")(empirical_risk=0, n=10, vc_dimension=9, delta=0.05), Interval(0.0, 0.1, "so"), 10, **WORDS)
    assert (vacuous.baseline, vacuous.held_out_equivalent) == (None, 0)


def test_rows_of_the_checks() -> None:
    found = coverage([False] * 300, delta=0.05)
    row = CoverageRow.of(found, study="s", cell="c", bound="vc.sauer", population="digits")
    assert (row.draws, row.violations, row.verdict, row.family) == (300, 0, Verdict.NOT_REFUTED, "vc")
    assert "0.1" in row.power
    enumerated = EnumerationRow.of(enumerate_failures([0.96, 1.0], Fraction(1, 20)), study="s", cell="c", bound="holdout.hoeffding")
    assert enumerated.verdict is Verdict.PROVED_BY_ENUMERATION
    assert 0.04 <= enumerated.supremum <= 0.0400001


def test_words_outside_the_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match="scale must be"):
        BoundRow.compared(HOEFFDING, Fraction(1, 20), 1000, **{**WORDS, "scale": "huge"})
    with pytest.raises(ValueError, match="verified"):
        BoundRow.compared(HOEFFDING, Fraction(1, 20), 1000, verdict="verified", **WORDS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="lower must be at most upper"):
        Interval(0.5, 0.4, "draws")
    with pytest.raises(ValueError, match="violations must lie"):
        CoverageRow.of(dataclasses.replace(coverage([False] * 9, 0.05), violations=10), study="s", cell="c", bound="b.c", population="p")
