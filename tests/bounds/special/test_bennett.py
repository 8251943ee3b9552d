"""The inverse of Bennett's exponent: against its own equation at many digits, in floats and in balls, over the whole range of doubles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb, ctx
from mpmath import mp

from genbounds.bounds.special import bennett_inverse, bennett_inverse_ball
from genbounds.bounds.special.precision import precision

RNG = np.random.default_rng(11)


def exponent(v: float, t: object) -> object:
    """v h(t/v) at so many digits that nothing of it cancels away."""
    u = mp.mpf(t) / mp.mpf(v)  # type: ignore[arg-type]
    return mp.mpf(v) * ((1 + u) * mp.log(1 + u) - u)


def pairs(count: int) -> list[tuple[float, float]]:
    wide = 10.0 ** RNG.uniform(-300, 300, (count, 2))
    everyday = 10.0 ** RNG.uniform(-12, 6, (count, 2))
    return [(float(v), float(c)) for v, c in np.concatenate([wide, everyday])]


@pytest.mark.slow
def test_the_float_is_just_above_the_root_of_the_equation() -> None:
    with mp.workdps(1300):
        for v, c in pairs(40):
            t = bennett_inverse(v, c)
            if t == math.inf:
                continue
            assert exponent(v, t) >= c, (v, c)
            assert exponent(v, mp.mpf(t) * (1 - mp.mpf(10) ** -12)) < c, (v, c)


@pytest.mark.slow
def test_the_ball_encloses_the_root_and_is_narrow() -> None:
    with mp.workdps(1300), precision(128):
        for v, c in pairs(40):
            ball = bennett_inverse_ball(arb(v), arb(c))
            assert ball.rel_accuracy_bits() > 100, (v, c)
            low, high = (mp.mpf(int(m)) * mp.mpf(2) ** int(e) for m, e in (ball.lower().man_exp(), ball.upper().man_exp()))
            assert exponent(v, low) <= c <= exponent(v, high), (v, c)


def test_wide_balls_give_the_hull_of_their_ends() -> None:
    with precision(128):
        wide = bennett_inverse_ball(arb("0.25 +/- 0.01"), arb("0.01 +/- 0.001"))
        for v, c in ((0.241, 0.0091), (0.25, 0.01), (0.259, 0.0109)):
            assert wide.contains(bennett_inverse_ball(arb(v), arb(c)))
        assert bennett_inverse_ball(arb("0 +/- 0.1"), arb(1)).lower() <= 0


def test_edges() -> None:
    assert bennett_inverse(0, 3.0) == bennett_inverse(2.0, 0) == 0
    assert bennett_inverse(5e-324, 5e-324) >= 5e-324
    assert bennett_inverse(1e308, 1e-320) == pytest.approx(2**0.5 * 1e-6, rel=1e-4)
    assert math.isnan(bennett_inverse(-1.0, 1.0))
    assert math.isnan(bennett_inverse(1.0, math.inf))
    assert bennett_inverse_ball(arb(0), arb(2)) == 0
    assert bennett_inverse_ball(arb(2), arb(0)) == 0
    assert bennett_inverse_ball(arb(-1), arb(2)).is_nan()
    assert ctx.prec == 53


@pytest.mark.slow
def test_it_is_below_the_root_of_bernsteins_exponent_and_close_to_it_for_small_levels() -> None:
    for v, c in pairs(200):
        root = c / 3 + math.hypot(c / 3, math.sqrt(2 * v) * math.sqrt(c))
        assert bennett_inverse(v, c) <= root * (1 + 1e-12)
    assert bennett_inverse(0.25, 1e-10) == pytest.approx(1e-10 / 3 + math.sqrt(1e-20 / 9 + 0.5e-10), rel=1e-9)
    assert bennett_inverse(1e-6, 1.0) < 0.25 * (1 / 3 + math.sqrt(1 / 9 + 2e-6))  # where the levels are large it is far below
