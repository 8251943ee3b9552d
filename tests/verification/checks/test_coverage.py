"""Coverage: the e-process against a numerical integral and simulation, the fixed design against scipy's binomial."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, stats

from genbounds.verification.checks.coverage import (
    MIXTURE,
    coverage,
    draws_needed,
    fixed_draws_needed,
    fixed_power,
    holm,
    log_evidence,
    rejection_count,
    sequential_power,
    stopping_distribution,
    upper_limit,
)
from genbounds.verification.checks.verdicts import Verdict

DELTA, ALPHA = 0.05, 0.001


@pytest.mark.parametrize(("k", "t"), [(0, 1), (1, 1), (3, 10), (20, 100), (0, 300), (40, 60)])
def test_the_e_process_is_the_integral_that_defines_it(k: int, t: int) -> None:
    law = stats.beta(*MIXTURE)
    scale = (k / t / DELTA) ** k * ((1 - k / t) / (1 - DELTA)) ** (t - k) if 0 < k < t else 1.0

    def integrand(theta: float) -> float:
        return float((theta / DELTA) ** k * ((1 - theta) / (1 - DELTA)) ** (t - k) / scale * law.pdf(theta))

    value = integrate.quad(integrand, DELTA, 1, points=[max(DELTA, min(k / t, 0.999))], epsabs=0, epsrel=1e-11, limit=500)[0]
    expected = math.log(value) + math.log(scale) - math.log(law.sf(DELTA))
    assert float(log_evidence(k, t, DELTA)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [DELTA, 0.03])
def test_one_step_never_raises_the_expected_evidence_under_the_null(rate: float) -> None:
    """E[E_{t+1} | k, t] = E_t at the rate delta, at most E_t below it: the property that Ville's inequality needs."""
    t = np.arange(1, 200)[:, None]
    k = np.arange(200)[None, :]
    k, t = np.broadcast_arrays(np.minimum(k, t), t)
    now = np.exp(log_evidence(k, t, DELTA))
    after = rate * np.exp(log_evidence(k + 1, t + 1, DELTA)) + (1 - rate) * np.exp(log_evidence(k, t + 1, DELTA))
    assert np.all(after <= now * (1 + 1e-9))
    if rate == DELTA:
        np.testing.assert_allclose(after, now, rtol=1e-8)


def test_false_alarms_stay_below_alpha() -> None:
    assert stopping_distribution(3000, DELTA, DELTA, ALPHA).sum() <= ALPHA


@pytest.mark.parametrize(("rate", "median"), [(0.10, 403), (0.20, 61), (0.50, 11)])
def test_the_median_stop_is_no_later_than_the_specified_one(rate: float, median: int) -> None:
    cumulative = np.cumsum(stopping_distribution(1500, rate, DELTA, ALPHA))
    assert int(np.searchsorted(cumulative, 0.5)) + 1 <= median


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "horizon"), [(0.10, 600), (0.20, 150), (0.50, 40)])
def test_the_stopping_distribution_agrees_with_simulation(rate: float, horizon: int) -> None:
    """1000 paths; an alarm is 4.5 standard errors, a false one has probability below 1e-5."""
    violations = np.cumsum(np.random.default_rng(7).random((1000, horizon)) < rate, axis=1)
    reached = log_evidence(violations, np.arange(1, horizon + 1), DELTA) >= math.log(1 / ALPHA)
    stopped = np.where(np.any(reached, axis=1), np.argmax(reached, axis=1) + 1, horizon + 1)
    cumulative = np.cumsum(stopping_distribution(horizon, rate, DELTA, ALPHA))
    for quantile in (0.1, 0.25, 0.5):
        at = int(np.searchsorted(cumulative, quantile))
        error = math.sqrt(cumulative[at] * (1 - cumulative[at]) / 1000)
        assert abs(np.mean(stopped <= at + 1) - cumulative[at]) <= 4.5 * error


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "draws"), [(0.075, 2755), (0.10, 874), (0.20, 139), (0.50, 23)])
def test_the_fixed_design_has_the_power_that_was_specified(rate: float, draws: int) -> None:
    """Those numbers of draws suffice for power .99 at alpha = .001; the least ones are somewhat smaller."""
    assert fixed_power(draws, rate, DELTA, ALPHA) >= 0.99
    assert 0.85 * draws <= fixed_draws_needed(rate, DELTA, ALPHA) <= draws


@pytest.mark.parametrize("draws", [1, 23, 300, 2755])
def test_the_rejection_count_is_the_binomial_quantile(draws: int) -> None:
    k = rejection_count(draws, DELTA, ALPHA)
    assert stats.binom.sf(k - 1, draws, DELTA) <= ALPHA
    assert k == 0 or stats.binom.sf(k - 2, draws, DELTA) > ALPHA
    assert fixed_power(draws, 0.2, DELTA, ALPHA) == pytest.approx(stats.binom.sf(k - 1, draws, 0.2), rel=1e-10)


def test_draws_needed_gives_the_power_and_no_fewer_do() -> None:
    needed = draws_needed(DELTA)
    assert sequential_power(needed, 0.10, DELTA) >= 0.95 > sequential_power(needed - 1, 0.10, DELTA)


def test_a_bound_that_never_fails_is_not_refuted_and_says_how_much_that_means() -> None:
    result = coverage([False] * 300, DELTA)
    assert result.verdict is Verdict.NOT_REFUTED
    assert result.upper_limit == pytest.approx(1 - 0.05 ** (1 / 300), rel=1e-9)
    assert result.upper_limit <= 0.00994


@pytest.mark.slow
def test_evidence_once_reached_is_kept() -> None:
    """The supremum over the path counts: a long clean tail after the refutation does not take it back."""
    result = coverage([True] * 10 + [False] * 5000, DELTA)
    assert result.verdict is Verdict.REFUTED
    assert result.stopped_at is not None
    assert result.stopped_at < 10


def test_a_risk_known_only_with_confidence_is_charged() -> None:
    outcomes = [True] * 4 + [False] * 6
    assert coverage(outcomes, DELTA).verdict is Verdict.REFUTED
    assert coverage(outcomes, DELTA, reference_delta=0.2).verdict is Verdict.NOT_REFUTED


def test_the_upper_limit_covers() -> None:
    """P(limit < rate) <= .05 exactly, by summing over all counts."""
    for rate in (0.01, 0.05, 0.3):
        counts = np.arange(101)
        short = np.array([upper_limit(int(k), 100) < rate for k in counts])
        assert stats.binom.pmf(counts, 100, rate)[short].sum() <= 0.05


def test_holm_on_a_worked_example() -> None:
    # Ordered: .001 <= .05/5, .010 <= .05/4, .015 <= .05/3, .040 > .05/2: the first three are rejected.
    assert holm([0.040, 0.001, 0.200, 0.015, 0.010], alpha=0.05) == [False, True, False, True, True]


@pytest.mark.parametrize("violated", [[], [0, 1], [[True]]])
def test_bad_outcomes_are_refused(violated: list[object]) -> None:
    with pytest.raises(ValueError, match="violated must be"):
        coverage(violated, DELTA)  # type: ignore[arg-type]


@pytest.mark.parametrize("delta", [0, 1, 5, math.nan])
def test_bad_delta_is_refused(delta: float) -> None:
    with pytest.raises(ValueError, match="delta must lie in"):
        coverage([True], delta)


@pytest.mark.slow
@pytest.mark.parametrize(("violations", "draws"), [(0, 300), (3, 400), (1, 5), (0, 12_345)])
def test_the_summary_prints_the_limit_rounded_up_and_the_power_down(violations: int, draws: int) -> None:
    found = coverage([False] * (draws - violations) + [True] * violations, DELTA)
    words, limit = found.summary(), Fraction(found.upper_limit)
    assert limit <= Fraction(words.partition("rate at most ")[2].split()[0]) <= limit * Fraction(1002, 1000)
    if "with probability " in words:
        assert Fraction(words.partition("with probability ")[2].rstrip(")")) <= Fraction(found.power)
