"""Tightness, against a brute-force search with scipy's beta quantiles."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from genbounds.verification.checks.tightness import (
    critical_scale,
    held_out_baseline,
    held_out_equivalent,
    slack_bits,
    tightness,
)


def brute_force(bound: float, risk: Fraction, delta: float, largest: int) -> int | None:
    for m in range(1, largest):
        errors = math.ceil(m * risk)
        if errors < m and stats.binom.cdf(errors, m, bound) <= delta:
            return m
    return None


@pytest.mark.parametrize("bound", [0.9999, 0.8, 0.5, 0.31, 0.2, 0.12, 0.106])
@pytest.mark.parametrize("risk", [Fraction(0), Fraction(1, 1797), Fraction(37, 1797), Fraction(1, 10)])
def test_the_held_out_equivalent_is_the_least_such_test_set(bound: float, risk: Fraction) -> None:
    assert held_out_equivalent(bound, risk, 0.05) == brute_force(bound, risk, 0.05, 11_000)


def test_at_risk_zero_it_is_closed() -> None:
    for m in (1, 7, 59, 1000):
        bound = 1 - 0.05 ** (1 / m)
        assert held_out_equivalent(bound * (1 + 1e-12), 0, 0.05) == m


@pytest.mark.slow
def test_close_to_the_risk_it_is_large_and_quick() -> None:
    """Normal approximation: m = z^2 R(1-R) / gap^2 within a few percent."""
    risk = Fraction(1, 10)
    m = held_out_equivalent(0.1 + 1e-5, risk, 0.05)
    assert m is not None
    assert m == pytest.approx(stats.norm.isf(0.05) ** 2 * 0.09 / 1e-10, rel=0.03)


def test_none_below_the_risk_and_zero_when_vacuous() -> None:
    assert held_out_equivalent(0.05, Fraction(1, 10), 0.05) is None
    assert held_out_equivalent(0.1, 0.1, 0.05) is None
    assert held_out_equivalent(1.0, Fraction(1, 10), 0.05) == 0
    assert held_out_equivalent(math.inf, Fraction(1), 0.05) == 0
    assert held_out_equivalent(0.5 + 1e-17, Fraction(1, 2), 0.05) is None
    assert held_out_equivalent(0.1 + 2e-17, Fraction(1, 10), 0.05) is None


def test_the_baseline_is_clopper_pearson_on_the_expected_errors() -> None:
    assert held_out_baseline(Fraction(5, 100), 100, 0.05) == pytest.approx(0.102253377643275, rel=1e-12)
    assert held_out_baseline(Fraction(49, 1000), 100, 0.05) == pytest.approx(0.102253377643275, rel=1e-12)
    assert held_out_baseline(1, 10, 0.05) == 1.0


def test_all_of_it_together() -> None:
    result = tightness(0.4, Fraction(1, 10), 1000, 0.05)
    assert result.bits == 2.0
    assert result.ratio == pytest.approx(0.4 / stats.beta.ppf(0.95, 101, 900), rel=1e-12)
    assert result.held_out_equivalent == brute_force(0.4, Fraction(1, 10), 0.05, 1000)


def test_bits_at_the_edges() -> None:
    assert slack_bits(0.5, 0) == math.inf
    assert slack_bits(0.0, Fraction(1, 2)) == -math.inf
    assert slack_bits(0.1, Fraction(1, 5)) == pytest.approx(-1)


def test_the_critical_scale_is_where_violations_exceed_delta() -> None:
    generator = np.random.default_rng(3)
    empirical, complexity = generator.random(400) * 0.1, 0.5 + generator.random(400)
    risk = empirical + generator.random(400) * 0.2
    scale = critical_scale(empirical, complexity, risk, 0.05)
    assert np.mean(empirical + scale * complexity < risk) <= 0.05
    assert np.mean(empirical + scale * (1 - 1e-6) * complexity < risk) > 0.05


@pytest.mark.parametrize(
    ("bound", "risk", "delta", "words"),
    [
        (math.nan, 0.1, 0.05, "bound must"),
        (0.5, 1.5, 0.05, "risk must"),
        (0.5, 0.1, 5, "delta must"),
        (0.5, math.nan, 0.05, "risk"),
    ],
)
def test_bad_input(bound: float, risk: float, delta: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        held_out_equivalent(bound, risk, delta)
