"""The second increment of log-gamma against mpmath at 50 digits and more, over all orders of magnitude, and what two bounds make of it."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import torch

from genbounds.bounds.special.gamma import log_gamma_second_increment
from genbounds.bounds.special.precision import precision
from genbounds.bounds.worlds.balls import BALLS
from genbounds.models.tensor_world import TensorMath


def exact(x: float, a: float, b: float) -> mpmath.mpf:
    """At 170 digits: the four log-gammas may cancel to a part in 1e100."""
    with mpmath.workdps(170):
        x, a, b = map(mpmath.mpf, (x, a, b))
        return mpmath.loggamma(x) + mpmath.loggamma(x + a + b) - mpmath.loggamma(x + a) - mpmath.loggamma(x + b)


def cases(count: int, seed: int) -> np.ndarray:
    """x over 18 decades, a over 36 and b over 28, half of x and most b whole."""
    rng = np.random.default_rng(seed)
    x, a, b = 10 ** rng.uniform(-2, 16, count), 10 ** rng.uniform(-18, 18, count), 10 ** rng.uniform(-10, 18, count)
    x = np.where(rng.random(count) < 0.5, np.ceil(x), x)
    return np.stack([x, a, np.where(rng.random(count) < 0.7, np.ceil(b), b)], axis=-1)


@pytest.mark.slow
def test_it_is_never_below_mpmath_where_its_exponential_is_a_double() -> None:
    for x, a, b in cases(600, 1).tolist():
        got, true = float(log_gamma_second_increment(x, a, b)), exact(x, a, b)
        away = float((got - true) / true)
        assert abs(away) <= 1e-14, (x, a, b)
        if true < 710:
            assert 0 <= away <= 3e-15, (x, a, b)


@pytest.mark.parametrize("first", [0, 1, 7, 100, 10**6])
def test_sums_of_logarithms(first: int) -> None:
    """The sum that the bound means, term by term, at steps x smoothness up to 1e9 and down to 1e-12."""
    a, count = np.logspace(-12, 9, 64), 40
    terms = np.log1p(a[:, None] / (first + 1.0 + np.arange(count)))
    np.testing.assert_allclose(log_gamma_second_increment(first + 1.0, a, float(count)), terms.sum(axis=-1), rtol=5e-15)


def test_balls_enclose_and_tensors_equal_floats() -> None:
    for x, a, b in cases(100, 2).tolist():
        with precision(128):
            ball = BALLS.log_gamma_second_increment(BALLS.lift(x), BALLS.lift(a), BALLS.lift(b))
        true = exact(x, a, b)
        assert float(ball.rad()) < 1e-30 * float(true), (x, a, b)
        assert abs(float(ball.mid().str(60, radius=False)) / float(true) - 1) < 1e-14
    x, a, b = cases(500, 3).T
    world = TensorMath(torch.float64, torch.device("cpu"))
    np.testing.assert_array_equal(world.log_gamma_second_increment(*map(world.lift, (x, a, b))), log_gamma_second_increment(x, a, b))


def test_nothing_grows_without_steps() -> None:
    assert float(log_gamma_second_increment(5.0, 3.0, 0.0)) == 0.0
    assert math.isclose(float(log_gamma_second_increment(1.0, 1e6, 1.0)), math.log1p(1e6), rel_tol=1e-14)
