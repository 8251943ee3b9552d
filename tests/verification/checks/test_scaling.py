"""Slopes with a bootstrap over runs: what grows is flagged, what does not is not, and short ranges are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genbounds.verification.checks.scaling import scaling

SIZES = np.array([16, 32, 64, 128, 256, 512])
NOISE = np.exp(np.random.default_rng(3).normal(0, 0.2, (30, 1)) + np.random.default_rng(4).normal(0, 0.05, (30, 6)))


@pytest.mark.parametrize(("slope", "flag"), [(0.2, "the bound grows"), (-0.1, "flatter than the risk"), (-0.5, ""), (-0.9, "")])
def test_slopes_and_flags(slope: float, flag: str) -> None:
    found = scaling(SIZES, NOISE * SIZES**slope, NOISE[::-1] * SIZES**-0.5)
    assert found.flag == flag
    assert found.bound.value == pytest.approx(slope, abs=0.05)
    assert found.bound.lower <= found.bound.value <= found.bound.upper
    assert found.risk.value == pytest.approx(-0.5, abs=0.05)


def test_the_slope_of_one_run_is_that_of_least_squares() -> None:
    found = scaling(SIZES, NOISE, 1 / NOISE)
    by_hand = np.mean([np.polyfit(np.log(SIZES), np.log(row), 1)[0] for row in NOISE])
    assert found.bound.value == pytest.approx(by_hand, abs=1e-12)
    assert found.risk.value == pytest.approx(-by_hand, abs=1e-12)


def test_runs_are_resampled_whole() -> None:
    """A level of its own for each run leaves the slope as sharp as it is: points are no independent draws."""
    levels = np.exp(np.random.default_rng(1).normal(0, 3, (30, 1))) * np.ones(6)
    found = scaling(SIZES, levels / SIZES, levels / SIZES)
    assert found.bound.upper - found.bound.lower < 1e-9
    assert math.isclose(found.bound.value, -1.0)


@pytest.mark.parametrize(
    ("sizes", "table", "said"),
    [
        (SIZES[:4], NOISE[:, :4], "5 increasing"),
        (np.arange(10, 16), NOISE, "1.2 decades"),
        (SIZES, NOISE[:2], "3 runs"),
        (SIZES, NOISE * 0, "positive"),
    ],
)
def test_what_says_nothing_is_refused(sizes: np.ndarray, table: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        scaling(sizes, table, table)
