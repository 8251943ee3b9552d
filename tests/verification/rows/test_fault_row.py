"""Rows of planted faults, and the kill matrix that they add up to."""

from __future__ import annotations

import pytest

from genbounds.verification.rows.fault_row import FaultRow, kill_matrix
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.stored import row_from_dict, row_to_dict


def row(bound: str, operator: str, caught: int, survived: int = 0) -> FaultRow:
    left = tuple(f"place {i}: why" for i in range(survived))
    return FaultRow(study="s", cell="c", bound=bound, operator=operator, caught=caught, true=1, same=2, survived=survived, survivors=left)


def test_the_matrix_adds_up_by_operator_and_by_family() -> None:
    rows = [row("vc.sauer", "n for 2n", 3, 1), row("vc.sauer", "term dropped", 1, 1), row("margin.spectral", "n for 2n", 0, 4)]
    lines = {line.name: (line.planted, line.caught, line.survived, line.share) for line in kill_matrix(rows, "operator")}
    assert lines == {"n for 2n": (14, 3, 5, 3 / 8), "term dropped": (5, 1, 1, 1 / 2), "all": (19, 4, 6, 0.4)}
    assert [line.name for line in kill_matrix(rows, "family")] == ["vc", "margin", "all"]
    assert kill_matrix([], "family") == []


def test_a_row_goes_through_json_and_is_no_verdict_on_its_bound() -> None:
    one = row("vc.sauer", "n for 2n", 3, 1)
    assert row_from_dict(row_to_dict(one)) == one
    report = Report(title="faults", asked={}, rows=(one,))
    assert report.faults == (one,)
    assert report.refuted == ()


def test_survivors_that_are_not_named_are_refused() -> None:
    with pytest.raises(ValueError, match="survivors must name all 2"):
        FaultRow(study="s", cell="c", bound="b.b", operator="o", caught=0, true=0, same=0, survived=2, survivors=("one",))
    with pytest.raises(ValueError, match="at least 0"):
        FaultRow(study="s", cell="c", bound="b.b", operator="o", caught=-1, true=0, same=0, survived=0)
