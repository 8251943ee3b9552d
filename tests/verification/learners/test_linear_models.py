"""Constants of the losses, exact minimisers, and gradient descent on the sigmoid loss, against independent computations."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from mpmath import findroot, mp, mpf
from sklearn.linear_model import LogisticRegression

from genbounds.verification.learners.linear_models import (
    SIXTH_ROOT,
    decaying_steps,
    descend_sigmoid,
    logistic_constants,
    minimise,
    sigmoid_constants,
    sigmoid_losses,
)
from genbounds.verification.populations import population


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(1, 10), Fraction(3, 7)])
def test_decaying_steps_are_the_largest_doubles_at_or_below_c_over_t(scale: Fraction) -> None:
    sizes = decaying_steps(scale, 1200).tolist()
    assert all(Fraction(size) <= scale / t < Fraction(np.nextafter(size, 1)) for t, size in enumerate(sizes, 1))
    rounded = [float(scale) / t for t in range(1, 1201)]
    assert any(Fraction(size) > scale / t for t, size in enumerate(rounded, 1))  # what dividing doubles would have done


def derivatives(phi: str) -> tuple[mpf, mpf]:
    """The largest first and second derivatives of a loss of the margin on a fine grid, by numerical differentiation."""
    losses = {"logistic": lambda m: mp.log(1 + mp.exp(-m)), "sigmoid": lambda m: 1 / (1 + mp.exp(m))}
    grid = [mpf(k) / 50 for k in range(-400, 401)]
    first, second = ([abs(mp.diff(losses[phi], m, order)) for m in grid] for order in (1, 2))
    return max(first), max(second)


@pytest.mark.slow
def test_constants_bound_all_derivatives_and_are_the_least_that_do() -> None:
    slope, curvature = derivatives("logistic")
    lipschitz, smoothness = map(float, logistic_constants(1.0))
    assert 0.999 * lipschitz <= slope <= lipschitz
    assert smoothness * (1 - 1e-6) <= curvature <= smoothness * (1 + 1e-9)
    slope, curvature = derivatives("sigmoid")
    lipschitz, smoothness = map(float, sigmoid_constants(1.0))
    assert lipschitz * (1 - 1e-6) <= slope <= lipschitz * (1 + 1e-9)
    assert 0.9999 * smoothness <= curvature <= smoothness


def test_the_rational_constant_is_above_the_root() -> None:
    assert 1 < SIXTH_ROOT**2 * 108 < 1 + Fraction(1, 10**5)


def test_constants_scale_with_the_radius() -> None:
    assert logistic_constants(3.0) == (3, Fraction(9, 4))
    assert sigmoid_constants(3.0) == (Fraction(3, 4), 9 * SIXTH_ROOT)


@pytest.mark.parametrize(("name", "mu"), [("digits_0_vs_rest", 0.05), ("separable", 0.001)])
def test_the_minimiser_is_that_of_scikit_learn(name: str, mu: float) -> None:
    pool, n = population(name), 500
    counts = pool.sample_counts("a test", n)
    found = minimise(pool.inputs, pool.labels, counts, mu, pool.input_radius)
    other = LogisticRegression(C=1 / (mu * n), fit_intercept=False, tol=1e-10, max_iter=5000)
    other.fit(pool.inputs, pool.labels, sample_weight=counts)
    assert found.weights == pytest.approx(other.coef_[0], abs=1e-5)
    assert found.distance < 1e-7
    losses = np.log(1 + np.exp(-pool.labels * (pool.inputs @ found.weights)))
    assert found.pool_risk == pytest.approx(losses.mean(), rel=1e-12)
    assert found.sample_risk == pytest.approx((counts * losses).sum() / n, rel=1e-12)


def test_the_distance_from_the_exact_minimiser_is_no_larger_than_claimed() -> None:
    """In one dimension the exact minimiser is a root, found to 50 digits."""
    inputs, labels, counts = np.array([[0.5], [-1.0], [0.25]]), np.array([1, -1, -1]), np.array([3, 1, 2])
    found = minimise(inputs, labels, counts, 0.1, 1.0)
    with mp.workdps(50):
        signed = [mpf(float(x * y)) for x, y in zip(inputs[:, 0], labels, strict=True)]

        def gradient(w: mpf) -> mpf:
            return mpf(0.1) * w - sum(c * z / (1 + mp.exp(w * z)) for c, z in zip(counts.tolist(), signed, strict=True)) / 6

        exact = findroot(gradient, float(found.weights[0]))
        assert abs(exact - mpf(float(found.weights[0]))) <= found.distance < 1e-12


def test_one_replaced_example_moves_the_minimiser_by_at_most_the_proved_stability() -> None:
    pool, n, mu = population("separable"), 200, 0.1
    drawn = pool.sample("twins", n)
    base = minimise(pool.inputs, pool.labels, pool.counts(drawn), mu, pool.input_radius)
    largest = 0.0
    for position, replacement in enumerate(pool.sample("replacements", 20)):
        twin = drawn.copy()
        twin[position] = replacement
        other = minimise(pool.inputs, pool.labels, pool.counts(twin), mu, pool.input_radius)
        largest = max(largest, float(np.linalg.norm(base.weights - other.weights)))
    assert 0 < largest <= 2 * pool.input_radius / (mu * n)


def test_descent_is_that_of_automatic_differentiation() -> None:
    generator = torch.Generator().manual_seed(1)
    signed = torch.randn(30, 4, generator=generator, dtype=torch.float64)
    rows = torch.randint(30, (3, 25), generator=generator)
    steps = 0.8 / torch.arange(1, 26, dtype=torch.float64)
    found = descend_sigmoid(signed, rows, steps)
    for network in range(3):
        weights = torch.zeros(4, dtype=torch.float64, requires_grad=True)
        for step, row in zip(steps, rows[network], strict=True):
            (1 / (1 + torch.exp(weights @ signed[row]))).backward()
            with torch.no_grad():
                weights -= step * weights.grad  # type: ignore[operator]
            weights.grad = None
        assert found[network].tolist() == pytest.approx(weights.tolist(), abs=1e-14)
        expected = 1 / (1 + torch.exp(signed @ weights.detach()))
        assert sigmoid_losses(found, signed)[network].tolist() == pytest.approx(expected.tolist(), abs=1e-12)
