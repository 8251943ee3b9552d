"""Limits on a mean, and the rows of statements in expectation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binom

from genbounds.bounds.perceptron import random_iterate
from genbounds.verification.checks.mean_limits import mean_interval
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.studies import regularised
from genbounds.verification.studies.averages import HOLDS_ZERO, Usual, distance_from_zero, expectation_row, interval

ROW_DELTA = 1e-4


@pytest.mark.slow
@pytest.mark.parametrize(("draws", "delta"), [(30, 0.05), pytest.param(120, 0.01, marks=pytest.mark.slow)])
def test_each_limit_on_a_coin_misses_with_probability_at_most_delta(draws: int, delta: float) -> None:
    """Every outcome is enumerated, at 199 probabilities: no sampling."""
    outcomes = [np.repeat([1.0, 0.0], [ones, draws - ones]) for ones in range(draws + 1)]
    lower, upper = np.array([mean_interval(outcome, 0, 1, delta) for outcome in outcomes]).T
    for p in np.arange(1, 200) / 200:
        masses = binom.pmf(np.arange(draws + 1), draws, p)
        assert masses[lower > p].sum() <= delta
        assert masses[upper < p].sum() <= delta


def test_a_coin_s_limits_are_near_clopper_pearson_s() -> None:
    lower, upper = mean_interval([1.0] * 30 + [0.0] * 970, 0, 1, 1e-4)
    exact = beta.ppf(1e-4, 30, 971), beta.ppf(1 - 1e-4, 31, 970)
    assert exact[0] * 0.7 < lower < 0.03 < upper < exact[1] * 1.3


@pytest.mark.slow
def test_limits_of_a_law_with_three_values_hold_over_all_outcomes() -> None:
    """Values -1, 0, 2 with probabilities .2, .7, .1, twelve draws, delta = .1: the mean is 0."""
    values, weights, draws = np.array([-1.0, 0.0, 2.0]), np.array([0.2, 0.7, 0.1]), 12
    missed = np.zeros(2)
    for low in range(draws + 1):
        for high in range(draws + 1 - low):
            counts = np.array([low, draws - low - high, high])
            lower, upper = mean_interval(np.repeat(values, counts), -1, 2, 0.1)
            mass = binom.pmf(low, draws, weights[0]) * binom.pmf(high, draws - low, weights[2] / (1 - weights[0]))
            missed += mass * np.array([lower > 0, upper < 0])
    assert missed.max() <= 0.1


def test_limits_do_not_depend_on_units_or_order() -> None:
    draws = np.linspace(0.1, 0.3, 50)
    lower, upper = mean_interval(draws, 0, 1)
    scaled = mean_interval(3 * draws[::-1] - 1, -1, 2)
    assert scaled == pytest.approx((3 * lower - 1, 3 * upper - 1), abs=1e-9)


@pytest.mark.parametrize(
    ("values", "low", "high", "delta", "name"),
    [([], 0, 1, 0.1, "values"), ([0.5, 1.5], 0, 1, 0.1, "values"), ([np.nan], 0, 1, 0.1, "values"), ([0.5], 0, 1, 5, "delta")],
)
def test_wrong_input_is_named(values: list[float], low: float, high: float, delta: float, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        mean_interval(values, low, high, delta)


@pytest.mark.parametrize(("ends", "expected"), [((-3, -1), (1, 3)), ((1, 3), (1, 3)), ((-3, 1), (0, 3)), ((0, 2), (0, 2))])
def test_distance_from_zero(ends: tuple[float, float], expected: tuple[float, float]) -> None:
    found = distance_from_zero(Interval(*ends, "draws"))
    assert (found.lower, found.upper) == expected


@pytest.mark.slow
def test_a_row_refutes_a_true_bound_with_the_probability_it_says_from_one_end_or_from_two() -> None:
    """A gap of -1 or 1 (fair coin), and a bound just above the mean 0: both ends may refute it. All outcomes of 40 draws are enumerated."""
    draws = 40
    alarms = 0.0
    for ones in range(draws + 1):
        signed = interval(np.repeat([1.0, -1.0], [ones, draws - ones]), -1.0, 1.0, ROW_DELTA)
        alarms += float(binom.pmf(ones, draws, 0.5)) * (distance_from_zero(signed).lower > 1e-12)
    assert 0 < alarms <= ROW_DELTA
    assert interval(np.full(draws, 0.2), -1.0, 1.0, ROW_DELTA).lower == mean_interval(np.full(draws, 0.2), -1.0, 1.0, ROW_DELTA / 2)[0]
    assert interval(np.full(draws, 0.2), 0.0, 1.0, ROW_DELTA).lower == mean_interval(np.full(draws, 0.2), 0.0, 1.0, ROW_DELTA)[0]


@pytest.mark.slow
def test_values_that_are_cut_off_have_limits_that_hold_for_the_whole_law() -> None:
    """A rare jump of -1, which the cut takes off, is paid for: the interval holds the true mean, and is far narrower than without."""
    exception, n = 1e-3, 4000
    values = np.full(n, 0.01)
    true_mean = 0.01 * (1 - exception) - exception
    cut = interval(values, -1.0, 1.0, 1e-4, Usual(0.05, exception))
    assert cut.lower <= true_mean <= cut.upper
    assert cut.lower > interval(values, -1.0, 1.0, 1e-4).lower
    assert "each within 0.05 but for 0.001" in cut.method
    assert interval(values, -1.0, 1.0, 1e-4, Usual(3.0, exception)) == interval(values, -1.0, 1.0, 1e-4)


def test_the_parts_of_each_study_share_its_false_alarms() -> None:
    """As checks/shares.py says; stability.py and perceptron.py divide by the number of their rows."""
    assert share("stability") / 2 + regularised.SHARE <= share("stability") * (1 + 1e-12)


def row(lower: float, upper: float, mean: float) -> BoundRow:
    """A row of a bound of 1/10."""
    certificate = random_iterate(radius=10, margin=1, n=1000)
    words = {"study": "s", "cell": "c", "population": "p", "network": "w", "training": "t", "risk_what": "r", "scale": "realistic"}
    return expectation_row(certificate, Interval(lower, upper, "draws"), mean, 1000, note="", **words)


def test_only_a_lower_limit_above_the_bound_refutes() -> None:
    assert row(0.05, 0.2, 0.15).verdict is Verdict.NOT_REFUTED
    assert row(0.11, 0.2, 0.15).verdict is Verdict.REFUTED


def test_a_row_whose_interval_begins_at_0_says_that_it_could_refute_nothing() -> None:
    assert HOLDS_ZERO in row(-0.01, 0.09, 0.025).note
    assert HOLDS_ZERO not in row(0.01, 0.09, 0.025).note


def test_slack_and_worth_are_those_at_the_mean() -> None:
    found = row(0.01, 0.09, 0.025)
    assert found.bits_of_slack == pytest.approx(2)
    assert found.baseline == pytest.approx(beta.ppf(0.95, 26, 975))
