"""The relative entropy and its inverses against the definition in several hundred digits, where nothing is lost."""

import math

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from genbounds.bounds.special import (
    kl,
    kl_ball,
    kl_inverse,
    kl_inverse_ball,
    kl_inverse_lower,
    kl_inverse_lower_ball,
    x_minus_log1p,
    x_minus_log1p_ball,
    x_minus_log1p_balls,
)
from genbounds.bounds.special.kl import LOWER_PAD, UPPER_PAD

mp = mpmath.mp.clone()
mp.dps = 50

probabilities = st.one_of(st.floats(0, 1), st.floats(-300, 0).map(lambda e: 10.0**e), st.floats(-15.9, 0).map(lambda e: 1 - 10.0**e))
levels = st.one_of(st.floats(1e-3, 3), st.floats(-300, 3).map(lambda e: 10.0**e))


def reference_kl(q: float, p: object, digits: int = 700) -> mpmath.mpf:
    """Compute q ln(q/p) + (1−q) ln((1−q)/(1−p)) with so many digits that nothing is lost."""
    with mp.workdps(digits):
        q, p = mp.mpf(q), mp.mpf(p)
        left = mp.mpf(0) if q == 0 else mp.inf if p == 0 else q * mp.log(q / p)
        right = mp.mpf(0) if q == 1 else mp.inf if p == 1 else (1 - q) * mp.log((1 - q) / (1 - p))
        return left + right


def as_mpf(x: arb) -> mpmath.mpf:
    man, exp = x.man_exp()
    return mp.ldexp(mp.mpf(int(man)), int(exp))


@pytest.mark.parametrize(
    ("q", "c", "value"),
    [
        (0.05, math.log(20) / 100, 0.121527036442893),
        (0.0, math.log(20) / 100, 0.0295130496070399),
        (0.1, 0.02, 0.170383627568828),
        (1e-9, 1e-12, 1.04539049593997e-9),
        (0.999, 0.001, 0.999841338903934),
    ],
)
def test_upper_inverse_on_the_formula_sheet(q: float, c: float, value: float) -> None:
    assert kl_inverse(q, c) == pytest.approx(value, rel=2e-13)
    assert kl_inverse_ball(arb(q), arb(c)).overlaps(arb(value, 1e-14 * value))


def test_no_digits_are_lost_near_q() -> None:
    assert kl_inverse(1e-3, 1e-16) - 1e-3 == pytest.approx(4.4699e-10, rel=1e-5)
    q, p = 0.3, 0.3 + 1e-9
    assert kl(q, p) == pytest.approx(float(reference_kl(q, p)), rel=3e-15, abs=0)
    assert kl(1e-3, 1e-3 + 4.5e-10) == pytest.approx(float(reference_kl(1e-3, 1e-3 + 4.5e-10)), rel=3e-15, abs=0)


@pytest.mark.slow
@given(probabilities, probabilities)
def test_kl_against_many_digits(q: float, p: float) -> None:
    value, exact = kl(q, p), reference_kl(q, p)
    if mp.isinf(exact):
        assert value == math.inf
    else:
        assert abs(value - exact) <= 3e-15 * exact + 1e-320
    with ctx.workprec(128):
        ball = kl_ball(arb(q), arb(p))
        if mp.isinf(exact):
            assert not ball.is_finite()
        else:
            assert as_mpf(ball.lower()) * (1 - mp.mpf(10) ** -45) <= exact <= as_mpf(ball.upper()) * (1 + mp.mpf(10) ** -45)
            assert ball == 0 or ball.rel_accuracy_bits() >= 60


@given(st.floats(0.05, 0.95), st.floats(1e-12, 1e-3), st.floats(0.05, 0.95), st.floats(1e-12, 1e-3), st.data())
def test_kl_over_wide_balls_holds_every_point(q: float, q_rad: float, p: float, p_rad: float, data: st.DataObject) -> None:
    ball = kl_ball(arb(q, q_rad), arb(p, p_rad))
    inside_q = data.draw(st.floats(q - q_rad, q + q_rad))
    inside_p = data.draw(st.floats(p - p_rad, p + p_rad))
    exact = reference_kl(inside_q, inside_p, 60)
    assert as_mpf(ball.lower()) <= exact <= as_mpf(ball.upper())


@pytest.mark.slow
@settings(deadline=None)
@given(probabilities.filter(lambda q: 0 < q < 1), levels)
def test_upper_inverse_is_never_below_and_close(q: float, c: float) -> None:
    value = kl_inverse(q, c)
    assert reference_kl(q, value) >= c
    with mp.workdps(700):
        less = mp.mpf(value) * (1 - mp.mpf(1.5 * UPPER_PAD))
        assert value == 1 or less <= q or reference_kl(q, less) < c
        assert value < 1 or reference_kl(q, 1 - mp.mpf(1.5 * UPPER_PAD)) < c or 1 - q < 1.5 * UPPER_PAD
    with ctx.workprec(128):
        ball = kl_inverse_ball(arb(q), arb(c))
        assert q <= as_mpf(ball.upper()) <= 1
        assert reference_kl(q, as_mpf(ball.upper())) >= c
        assert as_mpf(ball.lower()) <= q or reference_kl(q, as_mpf(ball.lower())) <= c
        assert ball.rel_accuracy_bits() >= 60


@pytest.mark.slow
@settings(deadline=None)
@given(probabilities.filter(lambda q: 0 < q < 1), levels)
def test_lower_inverse_is_never_above_and_close(q: float, c: float) -> None:
    value = kl_inverse_lower(q, c)
    assert reference_kl(q, value) >= c
    with mp.workdps(700):
        more = mp.mpf(value) * (1 + mp.mpf(1.5 * LOWER_PAD)) + mp.mpf(1e-323)
        assert more >= q or reference_kl(q, more) < c
    with ctx.workprec(128):
        ball = kl_inverse_lower_ball(arb(q), arb(c))
        assert 0 <= as_mpf(ball.lower()) <= q
        assert reference_kl(q, as_mpf(ball.lower())) >= c
        assert as_mpf(ball.upper()) >= q or reference_kl(q, as_mpf(ball.upper())) <= c
        assert ball.rel_accuracy_bits() >= 60


@pytest.mark.slow
def test_floats_stay_on_their_side_of_the_balls_over_the_whole_domain() -> None:
    rng = np.random.default_rng(20240501)
    size = 1500
    q = np.r_[10 ** rng.uniform(-320, 0, size), 1 - 10 ** rng.uniform(-16, 0, size), rng.random(size)]
    for span in ((-320, 3), (-20, 1)):
        c = 10 ** rng.uniform(*span, q.size)
        up, down = kl_inverse(q, c), kl_inverse_lower(q, c)
        with ctx.workprec(128):
            for i in range(q.size):
                upper, lower = kl_inverse_ball(arb(q[i]), arb(c[i])), kl_inverse_lower_ball(arb(q[i]), arb(c[i]))
                assert arb(up[i]) >= upper.upper(), (q[i], c[i])
                assert arb(down[i]) <= lower.lower(), (q[i], c[i])
                if up[i] > 1e-300:
                    assert arb(up[i]) <= upper * (1 + 1.1 * UPPER_PAD), (q[i], c[i])
                if down[i] > 1e-300:
                    assert arb(down[i]) >= lower * (1 - 1.2 * LOWER_PAD), (q[i], c[i])


def test_the_edges_of_the_upper_inverse() -> None:
    assert kl_inverse(0.3, 0.0) == 0.3
    assert kl_inverse(0.0, 0.0) == 0.0
    assert kl_inverse(1.0, 0.4) == 1.0
    assert kl_inverse(0.3, math.inf) == 1.0 == kl_inverse(0.0, math.inf) == kl_inverse(0.0, 800.0)
    assert kl_inverse(0.0, 1e-300) == pytest.approx(1e-300, rel=2e-13, abs=0)
    assert 0.5 < kl_inverse(0.5, 1e-300) <= 0.5 * (1 + 2e-13)
    assert kl_inverse(5e-324, 5e-324) >= 5e-324 * 3
    assert kl_inverse_ball(arb(0.3), arb(0)) == arb(0.3)
    assert kl_inverse_ball(arb(0.3), arb("inf")) == 1
    assert kl_inverse_ball(arb(1), arb(2)) == 1
    assert kl_inverse_ball(arb(0.5), arb(10) ** 10).upper() == 1
    with ctx.workprec(128):
        assert kl_inverse_ball(arb(1) / 3, arb(1000) / 3).upper() == 1
    assert kl_inverse_ball(arb(0), arb(2)).overlaps(1 - arb(-2).exp())


def test_the_edges_of_the_lower_inverse() -> None:
    assert kl_inverse_lower(0.3, 0.0) == 0.3
    assert kl_inverse_lower(0.0, 0.5) == 0.0
    assert kl_inverse_lower(0.3, math.inf) == 0.0
    assert kl_inverse_lower(1.0, 460.0) == pytest.approx(math.exp(-460), rel=2e-12, abs=0)  # 1e-200
    assert kl_inverse_lower_ball(arb(1), arb(460)).overlaps(arb(-460).exp())
    assert kl_inverse_lower_ball(arb(0.3), arb("inf")) == 0


@pytest.mark.parametrize("inverse", [kl_inverse, kl_inverse_lower, kl])
def test_what_is_outside_gives_nan(inverse: object) -> None:
    for q, c in [(math.nan, 0.1), (0.1, math.nan), (-0.1, 0.1), (1.1, 0.1), (0.5, -1.0), (math.inf, 0.1)]:
        assert math.isnan(inverse(q, c))  # type: ignore[operator]


def test_balls_outside_give_nan() -> None:
    for function in (kl_inverse_ball, kl_inverse_lower_ball):
        for q, c in [(arb.nan(), arb(1)), (arb(0.5), arb.nan()), (arb(2), arb(1)), (arb(-1), arb(1)), (arb(0.5), arb(-1))]:
            assert function(q, c).is_nan()
    assert kl_ball(arb(2), arb(0.5)).is_nan()
    assert kl_ball(arb(0.5), arb.nan()).is_nan()
    assert x_minus_log1p_ball(arb(-1)).is_nan()
    assert x_minus_log1p_ball(arb(0, 2)).is_nan()


@given(st.floats(0.01, 0.99), st.floats(1e-12, 1e-3), st.floats(0.05, 2), st.floats(1e-12, 1e-2))
def test_a_wide_ball_holds_the_inverse_of_both_ends(q: float, q_rad: float, c: float, c_rad: float) -> None:
    q_ball, c_ball = arb(q, q_rad), arb(c, c_rad)
    for function in (kl_inverse_ball, kl_inverse_lower_ball):
        whole = function(q_ball, c_ball)
        for a in (q_ball.lower(), q_ball.upper()):
            for b in (c_ball.lower(), c_ball.upper()):
                assert whole.overlaps(function(a, b))


def test_shapes() -> None:
    assert isinstance(kl_inverse(0.1, 0.2), float)
    assert isinstance(kl(0, 1), float)
    assert kl_inverse(np.zeros((3, 1)), np.ones(4)).shape == (3, 4)  # type: ignore[union-attr]
    assert kl_inverse_lower([0.1, 0.2], 0.1).shape == (2,)  # type: ignore[union-attr]
    assert kl(np.zeros((2, 0)), 0.5).shape == (2, 0)  # type: ignore[union-attr]
    assert kl_inverse(np.zeros((2, 0)), 0.5).shape == (2, 0)  # type: ignore[union-attr]
    assert kl_inverse(0, 1) == pytest.approx(1 - math.exp(-1), rel=2e-13)
    large = kl_inverse(np.full((3, 10_000), 0.1), 0.02)
    assert large.shape == (3, 10_000)  # type: ignore[union-attr]
    assert np.all(large == kl_inverse(0.1, 0.02))


@given(st.one_of(st.floats(-0.999999, 1e6), st.floats(-300, 2).map(lambda e: 10.0**e), st.floats(-300, -1e-9).map(lambda e: -(10.0**e))))
def test_x_minus_log1p_against_many_digits(x: float) -> None:
    with mp.workdps(700):
        exact = mp.mpf(x) - mp.log(1 + mp.mpf(x))
    assert abs(x_minus_log1p(x) - exact) <= 3e-15 * exact + 1e-320
    with ctx.workprec(128):
        ball = x_minus_log1p_ball(arb(x))
        assert as_mpf(ball.lower()) * (1 - mp.mpf(10) ** -45) <= exact <= as_mpf(ball.upper()) * (1 + mp.mpf(10) ** -45)
    assert x_minus_log1p_ball(arb(0.1, 0.5)).contains(0)
    assert math.isnan(x_minus_log1p(math.nan))
    assert math.isnan(x_minus_log1p(-1.5))


@pytest.mark.slow
@given(st.lists(st.one_of(st.floats(-0.999999, 1e6), st.floats(-300, -1e-9).map(lambda e: -(10.0**e))), min_size=1, max_size=5))
def test_many_at_once_enclose_what_each_is(xs: list[float]) -> None:
    with ctx.workprec(128):
        for x, ball in zip(xs, x_minus_log1p_balls([arb(x) for x in xs]), strict=True):
            assert ball.overlaps(x_minus_log1p_ball(arb(x)))
            assert ball.is_exact() or ball.rel_accuracy_bits() >= 80
        for x, ball in zip(xs, x_minus_log1p_balls([arb(x) / 3 for x in xs]), strict=True):
            with mp.workdps(700):
                exact = mp.mpf(x) / 3 - mp.log(1 + mp.mpf(x) / 3)
            assert as_mpf(ball.lower()) * (1 - mp.mpf(10) ** -45) <= exact <= as_mpf(ball.upper()) * (1 + mp.mpf(10) ** -45)
    outside, around = x_minus_log1p_balls([arb(-1), arb(0.1, 0.5)])
    assert outside.is_nan()
    assert around.contains(0)
