"""The table of false alarms of a whole report."""

from __future__ import annotations

import pytest

from genbounds.verification import studies
from genbounds.verification.checks.coverage import ALPHA, draws_needed, sequential_power
from genbounds.verification.checks.shares import EXACT, SHARES, share
from genbounds.verification.studies.coverage import BOUNDS, CHECK_ALPHA, DELTA
from genbounds.verification.studies.matrix import Matrix


def test_the_shares_of_all_studies_add_up_to_one_report() -> None:
    assert all(part > 0 for part in SHARES.values())
    assert sum(SHARES.values()) <= 1
    assert sum(map(share, SHARES)) <= ALPHA * (1 + 1e-12)
    assert ALPHA <= 1e-3


def test_every_study_has_a_share_or_draws_nothing() -> None:
    known = {*studies.STUDIES, *studies.ON_REQUEST}
    assert known <= {*SHARES, *EXACT}
    assert not set(SHARES) & EXACT
    with pytest.raises(ValueError, match=r"'unheard of': enter it in checks/shares.py"):
        share("unheard of")


def test_the_checks_of_a_study_share_its_part() -> None:
    assert sum(cell.alpha for cell in Matrix().cells()) <= share("matrix") * (1 + 1e-9)
    assert CHECK_ALPHA * len(BOUNDS) <= share("coverage") * (1 + 1e-12)


@pytest.mark.slow
def test_the_draws_are_planned_for_the_share() -> None:
    """A smaller share takes more draws for the same power."""
    draws = draws_needed(float(DELTA), alpha=CHECK_ALPHA)
    assert draws > draws_needed(float(DELTA), alpha=ALPHA)
    assert sequential_power(draws, 2 * float(DELTA), float(DELTA), CHECK_ALPHA) >= 0.95
