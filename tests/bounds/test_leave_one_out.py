"""Leave-one-out residuals against refitting without each example."""

from __future__ import annotations

import numpy as np
import pytest

from genbounds.bounds.stability import kernel_leave_one_out, ridge_leave_one_out


@pytest.mark.parametrize(("n", "d"), [(7, 3), (5, 9), (1, 2)])
def test_ridge_against_refitting(n: int, d: int) -> None:
    random = np.random.default_rng(0)
    x, y, penalty = random.normal(size=(n, d)), random.normal(size=n), 0.7
    refitted = []
    for i in range(n):
        rest = np.arange(n) != i
        w = np.linalg.solve(x[rest].T @ x[rest] + penalty * np.eye(d), x[rest].T @ y[rest])
        refitted.append(y[i] - x[i] @ w)
    np.testing.assert_allclose(ridge_leave_one_out(x, y, penalty), refitted, rtol=1e-10)


@pytest.mark.parametrize("scale", [-600, 600])
def test_ridge_on_inputs_whose_squares_leave_the_doubles(scale: int) -> None:
    random = np.random.default_rng(4)
    x, y = random.normal(size=(5, 2)), random.normal(size=5)
    scaled, plain = ridge_leave_one_out(np.ldexp(x, scale), y, 2.0**400), ridge_leave_one_out(np.ldexp(x, scale - 200), y, 1.0)
    np.testing.assert_allclose(scaled, plain, rtol=1e-12)


@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_kernel_against_refitting_and_the_norms(penalty: float) -> None:
    random = np.random.default_rng(1)
    points, y = random.normal(size=(8, 2)), random.normal(size=8)
    kernel = np.exp(-np.sum((points[:, None] - points[None]) ** 2, axis=-1) / 2)
    refitted, norms = [], []
    for i in range(8):
        rest = np.arange(8) != i
        coefficients = np.linalg.solve(kernel[np.ix_(rest, rest)] + penalty * np.eye(7), y[rest])
        refitted.append(y[i] - kernel[i, rest] @ coefficients)
        norms.append(y[rest] @ coefficients)
    np.testing.assert_allclose(kernel_leave_one_out(kernel, y, penalty), refitted, rtol=1e-8)
    if not penalty:
        inverse = np.linalg.inv(kernel)
        np.testing.assert_allclose(y @ inverse @ y - np.array(norms), (inverse @ y) ** 2 / np.diag(inverse), rtol=1e-6)


def test_ridge_is_kernel_ridge_with_the_linear_kernel() -> None:
    random = np.random.default_rng(2)
    x, y = random.normal(size=(6, 3)), random.normal(size=6)
    gram = x @ x.T
    np.testing.assert_allclose(ridge_leave_one_out(x, y, 0.5), kernel_leave_one_out((gram + gram.T) / 2, y, 0.5), rtol=1e-9)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="penalty must be greater"):
        ridge_leave_one_out([[1.0]], [1.0], 0)
    with pytest.raises(ValueError, match="shapes"):
        ridge_leave_one_out([1.0], [1.0], 1)
    with pytest.raises(ValueError, match="condition number"):
        kernel_leave_one_out(np.ones((3, 3)), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="symmetric"):
        kernel_leave_one_out([[1.0, 0.5], [0.4, 1.0]], [1.0, 2.0])
