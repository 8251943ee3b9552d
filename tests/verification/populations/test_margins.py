"""Margins and radii, against closed cases and an independent solver."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from genbounds.verification.populations import FinitePool, binary, population
from genbounds.verification.populations.margins import dot_lower, largest_margin_direction, norm_upper


@pytest.mark.parametrize("seed", range(5))
def test_rounding_is_in_the_safe_direction(seed: int) -> None:
    generator = np.random.default_rng(seed)
    points, direction = generator.standard_normal((50, 7)) + 1, generator.standard_normal(7)
    exact_norms = [sum(Fraction(x) ** 2 for x in row.tolist()) for row in points]
    assert Fraction(norm_upper(points)) ** 2 >= max(exact_norms)
    assert norm_upper(points) == pytest.approx(np.linalg.norm(points, axis=1).max(), rel=1e-15)
    products = [sum(Fraction(x) * Fraction(u) for x, u in zip(row, direction.tolist(), strict=True)) for row in points.tolist()]
    norm = sum(Fraction(u) ** 2 for u in direction.tolist())
    margin = Fraction(dot_lower(points, direction))
    least = min(products)
    # margin <= least / sqrt(norm), compared by sign and squares.
    below = margin**2 * norm >= least**2 if least < 0 else margin**2 * norm <= least**2
    assert below
    assert float(margin) == pytest.approx(float(least) / float(norm) ** 0.5, rel=1e-14)


def test_the_direction_is_that_of_a_support_vector_machine() -> None:
    """scikit-learn's hard-margin machine on the points and their mirror images has no intercept, so it is through 0."""
    from sklearn.svm import SVC

    generator = np.random.default_rng(0)
    signed = generator.standard_normal((60, 3)) * 0.3 + np.array([1.0, 1.0, 0.5])
    signed = signed[signed @ np.array([1.0, 1.0, 1.0]) > 1.0]
    machine = SVC(kernel="linear", C=1e8, tol=1e-10).fit(np.vstack([signed, -signed]), np.repeat([1, -1], len(signed)))
    weights = machine.coef_[0]
    reference = (signed @ weights).min() / np.linalg.norm(weights)
    assert dot_lower(signed, largest_margin_direction(signed)) == pytest.approx(reference, rel=1e-3)


def test_digit_zero_against_the_rest_is_separable_below_900() -> None:
    pool = binary("digits", positive=0)
    assert pool.classes == (-1, 1)
    assert pool.margin is not None
    assert (pool.input_radius / pool.margin) ** 2 < 900
    assert pool.bayes_risk == 0
    # Pixels are sixteenths, so that the squared radius is a whole number over 256.
    squares = (np.round(pool.inputs * 16).astype(int) ** 2).sum(axis=1)
    assert pool.input_radius == pytest.approx((squares.max() / 256) ** 0.5, rel=1e-15)


def test_the_margin_bounds_the_perceptron() -> None:
    """Novikoff: cycling over the whole pool from zero makes at most (radius / margin)^2 mistakes, and then none."""
    for name in ("digits_0_vs_rest", "separable"):
        pool = population(name)
        assert pool.margin is not None
        signed = pool.inputs * pool.labels[:, None]
        weights, mistakes = np.zeros(pool.features), 0
        while (wrong := np.flatnonzero(signed @ weights <= 0)).size:
            weights += signed[wrong[0]]
            mistakes += 1
        assert mistakes <= (pool.input_radius / pool.margin) ** 2


def test_the_synthetic_population_has_the_margin_that_was_asked_for() -> None:
    pool = population("separable")
    assert pool.size == 2000
    assert pool.margin is not None
    assert pool.margin >= 0.1
    assert (pool.input_radius / pool.margin) ** 2 < 100
    assert pool.input_radius == pytest.approx(1.0, abs=1e-5)
    assert {int(label) for label in np.unique(pool.labels)} == {-1, 1}


def test_no_margin_where_there_is_none() -> None:
    square = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
    assert FinitePool("xor", square, np.array([1, 1, -1, -1]), "none").margin is None
    assert FinitePool("not binary", square, np.array([0, 1, 2, 3]), "none").margin is None
    assert population("digits").margin is None
    assert binary("digits", 1).margin is None
