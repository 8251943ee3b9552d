"""The row of a certificate: what it compares, and what it refuses."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import pytest

from genbounds.bounds import get
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.verification.checks.coverage import coverage
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report.wording import sentence
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.interval import Interval

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


@pytest.mark.slow
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


def test_words_outside_the_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match="scale must be"):
        BoundRow.compared(HOEFFDING, Fraction(1, 20), 1000, **{**WORDS, "scale": "huge"})
    with pytest.raises(ValueError, match="verified"):
        BoundRow.compared(HOEFFDING, Fraction(1, 20), 1000, verdict="verified", **WORDS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="lower must be at most upper"):
        Interval(0.5, 0.4, "draws")
    with pytest.raises(ValueError, match="violations must lie"):
        CoverageRow.of(dataclasses.replace(coverage([False] * 9, 0.05), violations=10), study="s", cell="c", bound="b.c", population="p")
