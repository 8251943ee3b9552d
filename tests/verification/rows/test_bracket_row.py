"""Enclosures as rows of a report."""

from __future__ import annotations

import math

import pytest

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report.headline import headline
from genbounds.verification.report.view import view
from genbounds.verification.report.wording import sentence
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.stored import row_from_dict, row_to_dict

WORDS = {"study": "s", "cell": "c", "population": "digits", "network": "dense, relu", "training": "SGD", "parameters": 1234}


def bracket(lower: float, upper: float) -> BracketRow:
    return BracketRow(lower=lower, upper=upper, **WORDS)  # type: ignore[arg-type]


def test_two_bounds_that_contradict_each_other_refute() -> None:
    assert bracket(2.0, 2.0).verdict is Verdict.NOT_REFUTED
    assert bracket(math.nextafter(2.0, 3.0), 2.0).verdict is Verdict.REFUTED
    report = Report("t", {}, (bracket(3.0, 2.0),))
    assert report.refuted == report.brackets
    assert any("refuted a bound: Lipschitz constant" in line for line in headline(report))


def test_a_row_goes_through_json_unchanged() -> None:
    for row in (bracket(0.1, 0.3), bracket(0.0, math.inf)):
        assert row_from_dict(row_to_dict(row)) == row


def test_the_ends_are_printed_outward() -> None:
    row = bracket(1.23459, 98765.4321)
    shown = view(Report("t", {}, (row,)))["brackets"][0]
    assert (shown.lower, shown.upper) == ("1.234", "98770")
    assert "between 1.234 and 98770" in sentence(row)
    assert row.looseness == 98765.4321 / 1.23459


@pytest.mark.parametrize("ends", [(-1.0, 2.0), (math.nan, 2.0), (1.0, math.nan), (math.inf, math.inf)])
def test_what_is_no_enclosure_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="lower and upper must be at least 0 and lower finite"):
        bracket(*ends)
