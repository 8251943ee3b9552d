"""Minimisers of many weightings at once: each against another solver, with bounds on what is left over."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from genbounds.verification.learners.left_out import minimisers, stopped_early, weightings

RANDOM = np.random.default_rng(0)
SIGNED = RANDOM.standard_normal((6, 3))
SIGNED /= np.linalg.norm(SIGNED, axis=1, keepdims=True)
OFFSETS = RANDOM.standard_normal(6)


def objective(weights: np.ndarray, shares: np.ndarray, penalty: float) -> float:
    return float(shares @ np.log1p(np.exp(-(SIGNED @ weights + OFFSETS))) + penalty / 2 * weights @ weights)


@pytest.mark.parametrize("of_sum", [True, False])
def test_each_row_is_the_minimiser_of_its_objective(of_sum: bool) -> None:
    shares = weightings(6, of_sum=of_sum)
    found = minimisers(SIGNED, OFFSETS, shares, 0.1)
    for row, weights in zip(shares, found.weights, strict=True):
        other = minimize(objective, np.zeros(3), args=(row, 0.1), method="BFGS", options={"gtol": 1e-9}).x
        assert weights == pytest.approx(other, abs=1e-6)
        assert objective(weights, row, 0.1) <= objective(other, row, 0.1) + 1e-14
    assert shares[0].tolist() == [1 / 6] * 6
    assert shares.sum(axis=1)[1:] == pytest.approx(5 / 6 if of_sum else 1.0)
    assert found.distance < 1e-12
    assert found.objective_gap < 1e-24


def test_an_early_stop_is_as_far_from_the_minimum_as_its_gradient_allows() -> None:
    shares = weightings(6, of_sum=False)
    exact, early = minimisers(SIGNED, OFFSETS, shares, 0.1), stopped_early(SIGNED, OFFSETS, shares, 0.1, 0.05)
    distances = np.linalg.norm(exact.weights - early.weights, axis=1)
    assert 0.05 < distances.max() <= early.distance
    gaps = [objective(two, row, 0.1) - objective(one, row, 0.1) for row, one, two in zip(shares, exact.weights, early.weights, strict=True)]
    assert 0 < max(gaps) <= early.objective_gap <= 0.05**2 / 0.2 * (1 + 1e-9)


@pytest.mark.slow
def test_a_gradient_that_does_not_vanish_is_said() -> None:
    with pytest.raises(ArithmeticError, match="raise strong_convexity"):
        stopped_early(SIGNED, OFFSETS, weightings(6, of_sum=True), 1e-9, 1e-12)
