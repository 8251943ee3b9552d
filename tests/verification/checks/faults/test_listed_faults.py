"""Faults of measurements, accounting and pipelines: each check finds the fault and nothing without it, and puts everything back.

The check of class counts draws (seeded): a sound sampler would fail it with probability 1e-6.
"""

from __future__ import annotations

import pytest

from genbounds.verification.checks.faults.listed import KINDS, LISTED, Listed, fates, patched
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies.faults import Faults, ListedFaults


@pytest.mark.slow
@pytest.mark.parametrize("fault", [one for one in LISTED if one.rung], ids=lambda one: one.name)
def test_each_check_finds_its_fault_and_nothing_without_it(fault: Listed) -> None:
    assert fault.finds(False) is None
    assert fault.finds(True)
    assert fault.finds(False) is None  # everything was put back


def test_a_fault_without_a_check_says_why() -> None:
    for fault in LISTED:
        assert bool(fault.rung) != bool(fault.reason), fault.name
    assert {fault.kind for fault in LISTED} == set(KINDS)
    assert len({fault.name for fault in LISTED}) == len(LISTED)


def test_a_patch_is_taken_back_after_an_error() -> None:
    sound = FinitePool.sample

    def fail() -> None:
        with patched(FinitePool, "sample", None):
            assert FinitePool.sample is None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert FinitePool.sample is sound


def test_what_is_found_with_nothing_planted_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = Listed("pipeline", "nothing", "identity", lambda planted: "caught" if planted else "found")
    monkeypatch.setattr("genbounds.verification.checks.faults.listed.LISTED", (alarm,))
    assert [(one.found, one.alarm) for one in fates()] == [("caught", "found")]


@pytest.mark.slow
def test_the_full_study_has_a_row_for_each() -> None:
    study = Faults(full=True)
    cells = [cell for cell in study.cells() if isinstance(cell, ListedFaults) and cell.kind == "accounting"]
    rows = study.rows(cells, [parse_json(canonical_json(result)) for result in study.run_tile(cells)])
    assert all(isinstance(row, MutantRow) and row.caught_by and row.note for row in rows)
    assert [row.mutant for row in rows if isinstance(row, MutantRow)] == [one.name for one in LISTED if one.kind == "accounting"]
