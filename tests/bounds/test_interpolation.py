"""Kernel predictors and minimum-norm interpolants, on a population whose samples can all be listed."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from genbounds.bounds import rademacher, stability

POINTS = np.array([[1.0, 0.0, 0.5], [0.0, 0.5, 1.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.5]])
LABELS = POINTS @ np.array([1.0, -2.0, 0.5])


def interpolant(sample: tuple[int, ...]) -> np.ndarray:
    rows = list(sample)
    return np.linalg.pinv(POINTS[rows]) @ LABELS[rows] if rows else np.zeros(3)


def test_minimum_norm_interpolation_over_all_samples() -> None:
    most = 5
    risks, norms = [], []
    for n in range(most + 1):
        weights = [interpolant(sample) for sample in product(range(4), repeat=n)]
        risks.append(float(np.mean([np.mean((POINTS @ w - LABELS) ** 2) for w in weights])))
        norms.append(float(np.mean([w @ w for w in weights])))
    radius = float(np.linalg.norm(POINTS, axis=1).max())
    for m in range(most):  # the inequality that telescopes
        assert risks[m] <= radius**2 * (norms[m + 1] - norms[m]) + 1e-12
    for n in range(1, most + 1):
        bound = stability.minimum_norm_interpolation(radius=radius, expected_squared_norm=norms[n], n=n)
        assert min(risks[:n]) <= bound.value
        assert bound.mode == "EXP"


def test_the_main_term_of_a_kernel_predictor() -> None:
    """tr K = n/2: at a norm that is its own grid point, 2 B sqrt(tr K)/n = sqrt(2 B^2/n)."""
    certificate = rademacher.kernel_predictor(empirical_risk=0, lipschitz=1, norm=8, data_norm=500**0.5, n=1000, delta=Fraction(1, 20))
    assert certificate.terms["complexity"] == pytest.approx((2 * 64 / 1000) ** 0.5, rel=1e-12)
    above = rademacher.kernel_predictor(empirical_risk=0, lipschitz=1, norm=8.001, data_norm=500**0.5, n=1000, delta=Fraction(1, 20))
    assert above.terms["complexity"] == pytest.approx(2 * certificate.terms["complexity"])


def test_the_price_of_all_norms_over_one_ball_is_the_grid() -> None:
    inputs = {"empirical_risk": Fraction(1, 10), "n": 1000, "delta": Fraction(1, 20)}
    ball = rademacher.uniform_deviation(**inputs, complexity=rademacher.linear_l2(norm=1, data_norm=10, n=1000))
    assert rademacher.kernel_predictor(**inputs, lipschitz=1, norm=1, data_norm=10).value > ball.value
    paid = {**inputs, "delta": Fraction(1, 40)}  # the ball of norm 1 has weight 1/2
    ball = rademacher.uniform_deviation(**paid, complexity=rademacher.linear_l2(norm=1, data_norm=10, n=1000))
    assert rademacher.kernel_predictor(**inputs, lipschitz=1, norm=1, data_norm=10).value == pytest.approx(ball.value, rel=1e-14)
