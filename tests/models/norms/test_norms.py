"""Certified norms against exact rational arithmetic, 50-digit arithmetic and matrices whose norms are known."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch

from genbounds.models.norms import data_norm, frobenius_norm, norm_1_inf, norm_2_1, spectral_norm


def exact_square_sum(matrix: np.ndarray) -> Fraction:
    return sum((Fraction(float(entry)) ** 2 for entry in matrix.ravel()), Fraction(0))


def matrices() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [
        rng.standard_normal((5, 7)),
        rng.standard_normal((7, 5)) * 1e150,
        rng.standard_normal((3, 3)) * 1e-160,
        rng.standard_normal((1, 9)),
        np.outer(rng.standard_normal(6), rng.standard_normal(4)),
        np.array([[1e200, 1e-200], [1e-200, 1e200]]),
        np.array([[5e-324]]),
        np.diag(10.0 ** -np.arange(8)),
    ]


@pytest.mark.parametrize("matrix", matrices(), ids=range(8))
def test_frobenius_is_above_the_exact_value_and_close(matrix: np.ndarray) -> None:
    exact = exact_square_sum(matrix)
    got = Fraction(float(frobenius_norm(matrix)))
    assert got**2 >= exact
    if matrix.max() > 1e-300:
        assert got**2 <= exact * (1 + Fraction(1, 10**12))


@pytest.mark.parametrize("matrix", matrices(), ids=range(8))
def test_row_norms_are_above_fifty_digits(matrix: np.ndarray) -> None:
    with mpmath.workdps(50):
        rows = [mpmath.sqrt(mpmath.fsum(mpmath.mpf(float(x)) ** 2 for x in row)) for row in matrix]
        assert mpmath.mpf(float(norm_2_1(matrix))) >= mpmath.fsum(rows)
    largest = max(sum(abs(Fraction(float(x))) for x in row) for row in matrix)
    assert Fraction(float(norm_1_inf(matrix))) >= largest


def test_2_1_sums_over_output_rows() -> None:
    weight = torch.tensor([[3.0, 4.0, 0.0], [0.0, 0.0, 2.0]])  # (out, in) = (2, 3): the transpose would give 3 + 4 + 2
    assert float(norm_2_1(weight)) == pytest.approx(7.0, rel=1e-13)


@pytest.mark.parametrize("matrix", matrices(), ids=range(8))
def test_spectral_brackets_fifty_digits(matrix: np.ndarray) -> None:
    upper, lower = spectral_norm(matrix)
    with mpmath.workdps(60):
        scale = mpmath.mpf(float(np.abs(matrix).max()))
        a = mpmath.matrix(matrix.tolist()) / scale
        truth = mpmath.sqrt(max(mpmath.eigsy(a * a.T, eigvals_only=True))) * scale
        assert mpmath.mpf(float(lower)) <= truth * (1 + mpmath.mpf(10) ** -40)
        assert mpmath.mpf(float(upper)) >= truth * (1 - mpmath.mpf(10) ** -40)
        if matrix.max() > 1e-300:
            assert float(upper) <= float(lower) * (1 + 1e-12)


def householder(size: int, seed: int) -> np.ndarray:
    v = np.random.default_rng(seed).standard_normal(size)
    return np.eye(size) - 2 * np.outer(v, v) / (v @ v)


def test_cholesky_route_brackets_a_known_norm() -> None:
    sizes = (60, 90)
    values = np.linspace(3.0, 0.1, 60)
    matrix = householder(60, 0) @ np.hstack([np.diag(values), np.zeros((60, 30))]) @ householder(90, 1)
    for m in (matrix, matrix.T):
        upper, lower = spectral_norm(m, largest_svd=10)
        assert "Cholesky" in upper.how
        assert float(lower) <= 3.0 + 1e-13
        assert 3.0 - 1e-13 <= float(upper) <= 3.01
        assert float(lower) >= 2.97
    assert sizes == matrix.shape


def test_cholesky_route_on_random_matrices_is_above_the_lower_bound_of_the_other_route() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        matrix = rng.standard_normal((40, 70)) * 10.0 ** rng.integers(-200, 200)
        upper, lower = spectral_norm(matrix, largest_svd=1)
        svd_upper, svd_lower = spectral_norm(matrix)
        assert float(upper) >= float(svd_lower)
        assert float(lower) <= float(svd_upper)
        assert float(upper) <= 1.01 * float(svd_upper)


def test_cholesky_route_survives_low_rank_and_zero() -> None:
    ones = np.ones((50, 60))
    upper, lower = spectral_norm(ones, largest_svd=1)
    truth = math.sqrt(3000)
    assert truth <= float(upper) * (1 + 1e-15)
    assert float(upper) <= truth * 1.001
    assert float(lower) <= truth
    assert [float(q) for q in spectral_norm(np.zeros((50, 60)), largest_svd=1)] == [0.0, 0.0]
    assert [float(q) for q in spectral_norm(np.zeros((3, 2)))] == [0.0, 0.0]


def test_a_stack_gives_the_numbers_of_its_matrices() -> None:
    stack = torch.randn(5, 4, 6, generator=torch.Generator().manual_seed(0))
    upper, lower = spectral_norm(stack)
    for k in range(5):
        one_upper, one_lower = spectral_norm(stack[k])
        assert (float(one_upper), float(one_lower)) == (upper.value[k], lower.value[k])
        for norm in (frobenius_norm, norm_2_1, norm_1_inf):
            assert float(norm(stack[k])) == norm(stack).value[k]


def test_power_iteration_would_have_been_too_small() -> None:
    matrix = np.random.default_rng(0).standard_normal((256, 196))
    v = np.ones(196)
    for _ in range(10):
        v = matrix.T @ (matrix @ v)
        v /= np.linalg.norm(v)
    assert np.linalg.norm(matrix @ v) < 0.995 * float(spectral_norm(matrix)[1])


def test_data_norm_counts_repetitions() -> None:
    inputs = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    counts = [2, 0, 1, 5, 1, 0]
    repeated = inputs.repeat_interleave(torch.tensor(counts), dim=0)
    exact = exact_square_sum(repeated.double().numpy())
    for q in (data_norm(inputs, counts), data_norm(repeated)):
        assert Fraction(float(q)) ** 2 >= exact
        assert Fraction(float(q)) ** 2 <= exact * (1 + Fraction(1, 10**12))


@pytest.mark.parametrize("function", [spectral_norm, frobenius_norm, norm_2_1, norm_1_inf])
def test_errors_name_the_layer(function) -> None:  # type: ignore[no-untyped-def]
    for bad in ([[1.0, math.nan]], [[math.inf, 0.0]]):
        with pytest.raises(ValueError, match=r"layer 3.*finite"):
            function(bad, name="layer 3")
    with pytest.raises(ValueError, match=r"layer 3.*shape"):
        function([1.0, 2.0], name="layer 3")
    with pytest.raises(ValueError, match=r"layer 3.*shape"):
        function(np.zeros((0, 3)), name="layer 3")


def test_data_errors() -> None:
    with pytest.raises(ValueError, match="finite"):
        data_norm([[math.nan]])
    with pytest.raises(ValueError, match="at least one example"):
        data_norm(np.zeros((0, 3)))
    for bad in ([1, 2, 3], [1.5, 1.0], [-1, 2], [0, 0]):
        with pytest.raises(ValueError, match="counts"):
            data_norm([[1.0], [2.0]], bad)
