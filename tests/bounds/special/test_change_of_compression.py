"""The root of Campi and Garatti's Psi = 1: against the sum that defines Psi, in many digits, and the numbers of the literature."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from flint import arb

from genbounds.bounds.special import binomial_tail_inverse, change_of_compression_inverse, change_of_compression_inverse_ball
from genbounds.bounds.special.binomial import PAD
from genbounds.bounds.special.precision import precision

mp = mpmath.mp.clone()
mp.dps = 50


def psi(k: int, n: int, delta: float, eps: mpmath.mpf) -> mpmath.mpf:
    """The definition: delta/n times the sum over m = k, ..., n - 1 of C(m, k)/C(n, k) (1 - eps)^(m - n)."""
    total = mp.fsum(mp.mpf(math.comb(m, k)) * (1 - eps) ** (m - n) for m in range(k, n))
    return mp.mpf(delta) / n * total / math.comb(n, k)


def as_mpf(x: arb) -> mpmath.mpf:
    man, exp = x.man_exp()
    return mp.ldexp(mp.mpf(int(man)), int(exp))


@pytest.mark.parametrize(
    ("k", "n", "delta"),
    [(0, 1, 0.3), (1, 2, 0.3), (0, 2, 0.9), (0, 100, 0.05), (3, 7, 0.5), (5, 6, 1e-9), (4, 6, 0.99), (0, 50, 0.999999), (20, 300, 1e-30)],
)
def test_psi_as_it_is_defined_crosses_one_inside_the_ball(k: int, n: int, delta: float) -> None:
    with precision(128):
        ball = change_of_compression_inverse_ball(k, n, arb(delta))
    assert ball.rel_accuracy_bits() >= 50
    low, high = as_mpf(ball.lower()), as_mpf(ball.upper())
    step = mp.mpf(10) ** -30 * min(low, 1 - high)
    assert psi(k, n, delta, low - step) < 1 < psi(k, n, delta, high + step)
    value = change_of_compression_inverse(k, n, delta)
    assert high * (1 - mp.mpf(10) ** -15) <= value <= min(1, high * (1 + 2 * PAD))


@pytest.mark.parametrize(
    ("k", "n", "delta", "value"),
    [
        (326, 24_000, 0.01, 0.0165210285747),
        (1069, 48_000, 0.01, 0.0249415715689),
        (1000, 60_000, 0.035, 0.0185424668883),
        (2000, 60_000, 0.035, 0.0360063155239),
        (0, 100, 0.05, 0.0438647781735),
        (1, 100, 0.01, 0.0860873645643),
    ],
)
def test_values_by_another_program(k: int, n: int, delta: float, value: float) -> None:
    assert change_of_compression_inverse(k, n, delta) == pytest.approx(value, rel=2 * PAD)
    assert change_of_compression_inverse_ball(k, n, arb(delta)).overlaps(arb(value, 1e-13))


def test_it_rises_with_the_size_and_is_one_for_all_and_above_clopper_and_pearson() -> None:
    sizes = np.arange(1001)
    found = np.asarray(change_of_compression_inverse(sizes, 1000, 0.05))
    assert (np.diff(found) >= 0).all()
    assert found[-1] == 1
    assert (found[:-1] > np.asarray(binomial_tail_inverse(sizes, 1000, 0.05))[:-1]).all()


@pytest.mark.parametrize(("k", "n", "delta"), [(5, 10**12, 1e-300), (10**6, 10**9, 1e-6), (10**15, 10**16, 0.5), (0, 10**17, 0.01)])
def test_floats_are_just_above_the_ball_in_corners(k: int, n: int, delta: float) -> None:
    with precision(128):
        ball = change_of_compression_inverse_ball(k, n, arb(delta))
    value = change_of_compression_inverse(k, n, delta)
    assert float(ball.upper()) <= value <= float(ball.upper()) * (1 + 2 * PAD)


def test_what_is_no_count_or_no_probability_gives_nan() -> None:
    assert np.isnan(change_of_compression_inverse([1.5, -1, 3, 1, 1], [10, 10, 2, 10, 10], [0.1, 0.1, 0.1, 0.0, 1.0])).all()
    assert change_of_compression_inverse_ball(1, 10, arb(2)).is_nan()
    with pytest.raises(ValueError, match="a count must lie in"):
        change_of_compression_inverse_ball(3, 2, arb(0.5))
