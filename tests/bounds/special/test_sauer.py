"""Log Sauer sums against exact integer sums, and for large n against a direct sum of ratios."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from genbounds.bounds.special import log_binomial_sum, log_binomial_sum_ball

mp = mpmath.mp.clone()
mp.dps = 50


def as_mpf(x: arb) -> mpmath.mpf:
    man, exp = x.man_exp()
    return mp.ldexp(mp.mpf(int(man)), int(exp))


def exact_log(n: int, d: int) -> mpmath.mpf:
    term = total = 1
    for i in range(min(n, d)):
        term = term * (n - i) // (i + 1)
        total += term
    return mp.log(mp.mpf(total))


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(0, 450))
def test_exact_integer_sums(n: int, d: int) -> None:
    exact, value = exact_log(n, d), log_binomial_sum(n, d)
    assert value >= exact
    assert value <= exact * (1 + 1.1e-13)
    with ctx.workprec(128):
        ball = log_binomial_sum_ball(n, d)
        assert as_mpf(ball.lower()) <= exact * (1 + mp.mpf(10) ** -45)
        assert as_mpf(ball.upper()) >= exact * (1 - mp.mpf(10) ** -45)
        assert ball == 0 or ball.rel_accuracy_bits() >= 100


@pytest.mark.parametrize(("n", "d"), [(5000, 2400), (5000, 2499), (5000, 2500), (5001, 2500), (5000, 2600)])
def test_around_the_middle(n: int, d: int) -> None:
    exact = exact_log(n, d)
    assert exact <= log_binomial_sum(n, d) <= exact * (1 + 1.1e-13)
    assert log_binomial_sum_ball(n, d).overlaps(arb(mp.nstr(exact, 40)))


@pytest.mark.parametrize(("n", "d"), [(10**6, 1000), (10**9, 30), (10**12, 7), (10**12, 10**6), (10**12, 10**11)])
def test_large_n_by_a_sum_of_ratios(n: int, d: int) -> None:
    with mp.workdps(50):
        total = term = mp.mpf(1)
        for i in range(min(d, 400)):
            term *= mp.mpf(d - i) / (n - d + i + 1)
            total += term
        exact = mp.loggamma(n + 1) - mp.loggamma(d + 1) - mp.loggamma(n - d + 1) + mp.log(total)
    assert exact <= log_binomial_sum(n, d) <= exact * (1 + 1.1e-13)
    with ctx.workprec(128):
        ball = log_binomial_sum_ball(n, d)
        assert abs(as_mpf(ball.mid()) - exact) <= mp.mpf(10) ** -25 * exact


def test_the_middle_of_a_large_n_is_gaussian() -> None:
    # P(Bin(n, 1/2) ≤ n/2 + z sqrt(n)/2) with the continuity correction: the error of that is O(1/n).
    n = 10**12
    for d in (n // 2, n // 2 + 300_000, n // 2 - 700_000):
        tail = mp.ncdf((d + mp.mpf(0.5) - mp.mpf(n) / 2) / (mp.sqrt(n) / 2))
        ball = log_binomial_sum_ball(n, d)
        with ctx.workprec(128):
            ball = log_binomial_sum_ball(n, d)
            part = as_mpf((ball - n * arb(2).log()).mid())
        assert part == pytest.approx(float(mp.log(tail)), abs=1e-11)
        assert ball.upper() <= arb(log_binomial_sum(n, d)) <= ball * (1 + 1.1e-13)


def test_the_formula_sheet() -> None:
    assert log_binomial_sum(10**4, 10) == pytest.approx(76.995491022606, rel=2e-13)


@pytest.mark.slow
def test_floats_stay_above_the_balls_over_the_whole_domain() -> None:
    rng = np.random.default_rng(7)
    for _ in range(600):
        n = int(10 ** rng.uniform(0, 12))
        middle = n // 2 + int(rng.normal() * n**0.5 * 10 ** rng.uniform(-4, 1))
        d = [int(rng.integers(0, n + 1)), min(n, int(10 ** rng.uniform(0, 12))), min(n, max(0, middle))][rng.integers(3)]
        with ctx.workprec(128):
            ball, value = log_binomial_sum_ball(n, d), log_binomial_sum(n, d)
            assert arb(value) >= ball.upper(), (n, d)
            assert arb(value) <= ball * (1 + 1.1e-13), (n, d)


def test_edges_shapes_and_refusals() -> None:
    assert log_binomial_sum(10, 0) == 0.0
    assert log_binomial_sum(0, 3) == 0.0
    assert log_binomial_sum(10, 10) == pytest.approx(10 * math.log(2), rel=2e-13)
    assert log_binomial_sum(10, math.inf) == log_binomial_sum(10, 11) >= Fraction(10) * Fraction(math.log(2))
    assert isinstance(log_binomial_sum(5, 2), float)
    assert log_binomial_sum([[5], [6]], [1, 2, 3]).shape == (2, 3)  # type: ignore[union-attr]
    for n, d in [(math.nan, 1), (5, math.nan), (-1, 1), (5, -1), (5.5, 1), (5, 1.5), (math.inf, 2)]:
        assert math.isnan(log_binomial_sum(n, d))
    with pytest.raises(ValueError, match="must not be negative"):
        log_binomial_sum_ball(5, -1)
