"""The Rademacher complexity of kernel balls: all signs, drawn signs, and the bound by the trace."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from genbounds.bounds.rademacher import kernel_exact, kernel_lower, kernel_monte_carlo, kernel_predictor, linear_l2, uniform_deviation


def test_the_two_exact_cases_of_the_sheet() -> None:
    for kernel, value in ((np.eye(2), 2**0.5 / 2), (np.ones((2, 2)), 0.5)):
        exact = float(kernel_exact(kernel=kernel, norm=1))
        assert value <= exact <= value + 1e-7


def test_the_enumeration_against_a_loop_over_all_signs_and_the_two_sided_trace_bound() -> None:
    points = np.random.default_rng(0).normal(size=(7, 3))
    gram = points @ points.T
    gram = (gram + gram.T) / 2
    slow = np.mean([np.linalg.norm(np.array(signs) @ points) for signs in product((-1, 1), repeat=7)]) * 2.5 / 7
    exact = float(kernel_exact(kernel=gram, norm=2.5))
    assert slow <= exact <= slow * (1 + 1e-6)
    upper = float(linear_l2(norm=2.5, data_norm=float(np.linalg.norm(points)), n=7))
    assert upper / 2**0.5 <= exact <= upper


@pytest.mark.slow
def test_the_monte_carlo_limit_fails_no_more_often_than_its_delta() -> None:
    random = np.random.default_rng(1)
    points = random.normal(size=(8, 2))
    gram = points @ points.T
    gram = (gram + gram.T) / 2
    truth = float(kernel_exact(kernel=gram, norm=1)) * (1 - 1e-6)
    failures = 0
    for _ in range(400):
        signs = np.where(random.random((5, 8)) < 0.5, -1, 1)
        failures += float(kernel_monte_carlo(kernel=gram, norm=1, signs=signs, delta=Fraction(1, 4))) < truth
    assert failures <= binom.ppf(1 - 1e-6, 400, 0.25)


@pytest.mark.parametrize("rank", [0, 1, 3])
def test_gram_matrices_of_any_rank_pass_in_single_precision_too(rank: int) -> None:
    points = np.random.default_rng(3).normal(size=(15, rank)).astype(np.float32)
    gram = (points @ points.T).astype(np.float64)
    gram = (gram + gram.T) / 2
    assert float(kernel_lower(kernel=gram, norm=1)) <= float(kernel_exact(kernel=gram, norm=1))


def test_the_kernel_predictor_says_whose_trace_it_takes() -> None:
    certificate = kernel_predictor(empirical_risk=0, lipschitz=1, norm=7, data_norm=20, n=800, delta=Fraction(1, 20))
    statements = {entry.assumption.name: entry.assumption.statement for entry in certificate.assumptions}
    assert "of this very sample" in statements["kernel trace of the sample"]


def test_the_drawn_limit_enters_a_bound_with_its_delta() -> None:
    signs = np.where(np.random.default_rng(2).random((1000, 100)) < 0.5, -1, 1)
    limit = kernel_monte_carlo(kernel=np.eye(100), norm=0.5, signs=signs, delta=Fraction(1, 100))
    certificate = uniform_deviation(empirical_risk=0, complexity=limit, n=100, delta=Fraction(1, 25))
    assert certificate.delta == Fraction(1, 20)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="enumerate"):
        kernel_exact(kernel=np.eye(21), norm=1)
    with pytest.raises(ValueError, match="symmetric"):
        kernel_exact(kernel=[[1, 2], [0, 1]], norm=1)
    for no_gram in ([[0, 1], [1, 0]], [[1, 1.001], [1.001, 1]], [[1, -0.9, 0.9], [-0.9, 1, 0.9], [0.9, 0.9, 1]]):
        for function in (kernel_exact, kernel_lower):
            with pytest.raises(ValueError, match=r"^kernel must be positive semidefinite, got .*: pass the Gram matrix"):
                function(kernel=no_gram, norm=1)
    for infinite in ([[np.inf]], [[1, np.inf], [np.inf, 1]]):
        with pytest.raises(ValueError, match=r"^kernel must be finite, got inf: "):
            kernel_exact(kernel=infinite, norm=1)
    with pytest.raises(ValueError, match="signs must be"):
        kernel_monte_carlo(kernel=np.eye(2), norm=1, signs=[[1, 0]], delta=0.1)
    with pytest.raises(ValueError, match="delta must lie"):
        kernel_monte_carlo(kernel=np.eye(2), norm=1, signs=[[1, 1]], delta=5)
