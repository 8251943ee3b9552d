"""The two binomial-tail inverses against direct sums in many digits, and for large n against quadrature by another library."""

import math

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from genbounds.bounds.special import (
    binomial_tail_inverse,
    binomial_tail_inverse_ball,
    binomial_tail_inverse_lower,
    binomial_tail_inverse_lower_ball,
    kl_inverse,
)
from genbounds.bounds.special.binomial import PAD

mp = mpmath.mp.clone()
mp.dps = 50


def as_mpf(x: arb) -> mpmath.mpf:
    man, exp = x.man_exp()
    return mp.ldexp(mp.mpf(int(man)), int(exp))


def tail(k: int, n: int, p: mpmath.mpf) -> mpmath.mpf:
    """Sum P(Bin(n, p) ≤ k) term by term."""
    q = 1 - p
    return mp.fsum(math.comb(n, i) * p**i * q ** (n - i) for i in range(k + 1))


def check_root(k: int, n: int, delta: float, ball: arb, tail_at: object) -> None:
    """Check that the ball is narrow, and that the tail crosses delta between points just outside it."""
    assert ball.rel_accuracy_bits() >= 50
    low, high = as_mpf(ball.lower()), as_mpf(ball.upper())
    below, above = low - mp.mpf(10) ** -20 * low, high + mp.mpf(10) ** -20 * min(high, 1 - high)
    assert tail_at(k, n, below) > delta > tail_at(k, n, above)  # type: ignore[operator]


deltas = st.one_of(st.floats(1e-3, 0.999), st.floats(-300, -1).map(lambda e: 10.0**e), st.floats(-15, -1).map(lambda e: 1 - 10.0**e))


@pytest.mark.parametrize(
    ("k", "n", "delta", "value"),
    [
        (0, 100, 0.05, 0.0295130496070399),
        (5, 100, 0.05, 0.102253377643275),
        (10, 500, 0.05, 0.0336882723311445),
        (50, 1000, 0.05, 0.0628634035123797),
        (0, 10**6, 1e-10, 2.30255858370696e-5),
        (20, 1000, 0.05 / 1000, 0.0431766698833607),
    ],
)
def test_the_formula_sheet(k: int, n: int, delta: float, value: float) -> None:
    assert binomial_tail_inverse(k, n, delta) == pytest.approx(value, rel=1.1 * PAD)
    assert binomial_tail_inverse_ball(k, n, arb(delta)).overlaps(arb(value, 2e-14 * value))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(1, 120), st.data(), deltas)
def test_small_n_by_direct_sums(n: int, data: st.DataObject, delta: float) -> None:
    k = data.draw(st.integers(0, n - 1))
    with ctx.workprec(128), mp.workdps(700):
        ball = binomial_tail_inverse_ball(k, n, arb(delta))
        assert ball.upper() <= 1
        check_root(k, n, delta, ball, tail)
        value = binomial_tail_inverse(k, n, delta)
        assert ball.upper() <= arb(value) <= (ball * (1 + 1.1 * PAD))
        lower_ball = binomial_tail_inverse_lower_ball(n - k, n, arb(delta))
        assert (1 - ball).overlaps(lower_ball)
        assert lower_ball.rel_accuracy_bits() >= 50
        lower = binomial_tail_inverse_lower(n - k, n, delta)
        assert lower_ball * (1 - 1.1 * PAD) <= arb(lower) <= lower_ball.lower()


def quadrature(k: int, n: int, p: mpmath.mpf) -> mpmath.mpf:
    """Integrate P(Bin(n, p) ≤ k) = (n−k) C(n,k) ∫_p^1 t^k (1−t)^(n−k−1) dt in units of the standard deviation."""
    with mp.workdps(60):
        scale = mp.sqrt(p * (1 - p) / n)
        log_constant = mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k)
        peak = max(mp.mpf(k) / (n - 1), p)

        def log_density(t: mpmath.mpf) -> mpmath.mpf:
            return k * mp.log(t) + (n - k - 1) * mp.log(1 - t)

        top = log_density(peak)
        edges = [p + x * scale for x in (0, 0.05, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2, 3, 4, 6, 8, 11, 15, 20)]
        total = mp.quad(lambda t: mp.exp(log_density(t) - top), edges, method="gauss-legendre", maxdegree=4)
        return total * mp.exp(log_constant + top)


@pytest.mark.parametrize(
    ("k", "n", "delta"),
    [
        (3 * 10**5, 10**6, 0.05),
        (10**6, 10**9, 1e-12),
        (5 * 10**11, 10**12, 0.05),
        (5 * 10**11, 10**12, 1e-300),
        (10**9, 10**12, 1e-30),
        (10**12 - 10**7, 10**12, 1e-5),
        (10**9, 10**12, 0.45),
    ],
)
def test_large_n_by_quadrature(k: int, n: int, delta: float) -> None:
    with ctx.workprec(128), mp.workdps(60):
        ball = binomial_tail_inverse_ball(k, n, arb(delta))
        check_root(k, n, delta, ball, quadrature)
        value = binomial_tail_inverse(k, n, delta)
        assert ball.upper() <= arb(value) <= ball * (1 + 1.1 * PAD)


@pytest.mark.slow
def test_floats_stay_outside_the_balls_over_the_whole_domain() -> None:
    rng = np.random.default_rng(11)
    cases = []
    for _ in range(800):
        n = int(10 ** rng.uniform(0, 12))
        near, middle = min(n, int(10 ** rng.uniform(0, 12))), n // 2 + int(rng.normal() * n**0.5)
        k = [int(rng.integers(0, n + 1)), near, n - near, min(n, max(0, middle))][rng.integers(4)]
        delta = [10 ** rng.uniform(-300, 0), 10 ** rng.uniform(-6, 0), 1 - 10 ** rng.uniform(-15, 0)][rng.integers(3)]
        cases.append((k, n, delta))
    k, n, delta = (np.array(x) for x in zip(*cases, strict=True))
    upper, lower = binomial_tail_inverse(k, n, delta), binomial_tail_inverse_lower(k, n, delta)
    with ctx.workprec(128):
        for i, (a, b, c) in enumerate(cases):
            high, low = binomial_tail_inverse_ball(a, b, arb(c)), binomial_tail_inverse_lower_ball(a, b, arb(c))
            assert arb(upper[i]) >= high.upper(), (a, b, c)  # type: ignore[index]
            assert arb(lower[i]) <= low.lower(), (a, b, c)  # type: ignore[index]
            assert arb(upper[i]) <= high * (1 + 1.1 * PAD), (a, b, c)  # type: ignore[index]
            if lower[i] > 1e-300:  # type: ignore[index]
                assert arb(lower[i]) >= low * (1 - 1.1 * PAD), (a, b, c)  # type: ignore[index]


@pytest.mark.slow
@given(st.integers(1, 10**12), st.data(), st.floats(1e-12, 0.999))
@settings(max_examples=40, deadline=None)
def test_clopper_pearson_is_within_chernoff(n: int, data: st.DataObject, delta: float) -> None:
    k = data.draw(st.integers(0, n))
    with ctx.workprec(128):
        ball = binomial_tail_inverse_ball(k, n, arb(delta))
        # k/n as a double may lie below k/n: the next double above it does not
        assert ball.lower() <= arb(kl_inverse(min(1.0, math.nextafter(k / n, 2)), math.log(1 / delta) / n * (1 + 1e-15)))
        assert k == n or ball <= binomial_tail_inverse_ball(k, n, arb(delta) / 2)


def test_a_wide_delta_holds_both_ends() -> None:
    for radius in (1e-30, 1e-13, 1e-3):
        delta = arb(0.05, radius)
        whole = binomial_tail_inverse_ball(7, 300, delta)
        for end in (delta.lower(), delta.upper()):
            assert whole.contains(binomial_tail_inverse_ball(7, 300, end).mid())
            assert binomial_tail_inverse_lower_ball(7, 300, delta).overlaps(binomial_tail_inverse_lower_ball(7, 300, end))
    assert binomial_tail_inverse_ball(7, 300, arb(1, 0.5)).is_nan()
    near_one = arb(1 - 1e-10, 1e-14)
    assert binomial_tail_inverse_ball(7, 300, near_one).contains(binomial_tail_inverse_ball(7, 300, arb(1 - 1e-10)).mid())


def test_elementary_ends() -> None:
    assert binomial_tail_inverse(7, 7, 0.05) == 1.0
    assert binomial_tail_inverse_lower(0, 7, 0.05) == 0.0
    assert binomial_tail_inverse(3, 7, 1.0) == 0.0
    assert binomial_tail_inverse_lower(3, 7, 1.0) == 1.0
    assert binomial_tail_inverse_lower(7, 7, 0.05) == pytest.approx(0.05 ** (1 / 7), rel=1.1 * PAD)
    assert binomial_tail_inverse(6, 7, 0.05) == pytest.approx(0.95 ** (1 / 7), rel=1.1 * PAD)
    assert binomial_tail_inverse_lower(1, 1, 1e-300) == pytest.approx(1e-300, rel=1.1 * PAD, abs=0)
    assert binomial_tail_inverse_ball(7, 7, arb(0.05)) == 1
    assert binomial_tail_inverse_lower_ball(0, 7, arb(0.05)) == 0
    assert binomial_tail_inverse_ball(999, 1000, arb(10) ** -300).upper() == 1
    with ctx.workprec(128):
        assert binomial_tail_inverse_ball(998, 1000, arb(10) ** -300).lower() > 1 - arb(10) ** -36
        assert binomial_tail_inverse_lower_ball(2, 1000, arb(10) ** -300).overlaps(
            1 - binomial_tail_inverse_ball(998, 1000, arb(10) ** -300)
        )


def test_shapes_and_refusals() -> None:
    assert isinstance(binomial_tail_inverse(1, 10, 0.1), float)
    assert binomial_tail_inverse(np.arange(4), [[10], [20]], 0.1).shape == (2, 4)  # type: ignore[union-attr]
    assert binomial_tail_inverse_lower([1, 2], 10, 0.1).shape == (2,)  # type: ignore[union-attr]
    assert binomial_tail_inverse(np.zeros((0, 2)), 5, 0.1).shape == (0, 2)  # type: ignore[union-attr]
    bad = [(-1, 5, 0.1), (6, 5, 0.1), (1.5, 5, 0.1), (1, 5.5, 0.1), (0, 0, 0.1), (1, 5, 0.0), (1, 5, 1.5), (1, math.inf, 0.1)]
    for k, n, delta in [*bad, (math.nan, 5, 0.1), (1, math.nan, 0.1), (1, 5, math.nan)]:
        assert math.isnan(binomial_tail_inverse(k, n, delta)), (k, n, delta)
        assert math.isnan(binomial_tail_inverse_lower(k, n, delta)), (k, n, delta)
    with pytest.raises(ValueError, match="must lie in"):
        binomial_tail_inverse_ball(6, 5, arb(0.1))
    assert binomial_tail_inverse_ball(1, 5, arb(0)).is_nan()
    assert binomial_tail_inverse_ball(1, 5, arb.nan()).is_nan()
    many = binomial_tail_inverse(np.full(20_000, 3), 50, 0.1)
    assert np.all(many == binomial_tail_inverse(3, 50, 0.1))
