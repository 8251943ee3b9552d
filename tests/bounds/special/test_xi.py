"""ξ against its defining sum, which shares nothing with the incomplete gamma function."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, ctx

from genbounds.bounds.special import xi, xi_ball
from genbounds.bounds.special.xi import _by_ramanujan

mp = mpmath.mp.clone()
mp.dps = 50


def defining_sum(n: int) -> Fraction:
    return sum((Fraction(math.comb(n, k)) * Fraction(k, n) ** k * Fraction(n - k, n) ** (n - k) for k in range(n + 1)), Fraction(0))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 8, 10, 31, 32, 33, 34, 60, 100, 150])
def test_the_defining_sum(n: int) -> None:
    exact = defining_sum(n)
    value = xi(n)
    assert value >= exact
    assert value <= float(exact) * (1 + 4.5e-16)
    with ctx.workprec(128):
        ball = xi_ball(n)
        assert ball.rel_accuracy_bits() >= 100
        assert ball.overlaps(arb(exact.numerator) / arb(exact.denominator))


@pytest.mark.parametrize(
    ("n", "value"),
    [
        (8, 4.24501800537109),
        (10, 4.66021568),
        (100, 13.209960630216),
        (1000, 40.3032129261782),
        (10**4, 125.999121868081),
        (10**6, 1253.98090839538641914),
        (10**12, 1253314.80398227136069),
    ],
)
def test_the_formula_sheet(n: int, value: float) -> None:
    assert xi(n) == pytest.approx(value, rel=1e-14)
    assert xi_ball(n).overlaps(arb(value, 1e-14 * value))


@pytest.mark.parametrize("n", [33, 150, 10**4, 10**9, 2**53 - 1])
def test_what_stands_for_huge_n_holds_for_all(n: int) -> None:
    with ctx.workprec(128):
        wide, ball = _by_ramanujan(arb(n)), xi_ball(n)
        assert wide.lower() <= ball.lower()
        assert ball.upper() <= wide.upper()


@pytest.mark.parametrize("n", [2**53 + 1, 2**64, 10**30, 10**400])
def test_huge_n_are_enclosed_at_any_precision(n: int) -> None:
    """The expansion sqrt(pi n/2) + 2/3 + sqrt(2 pi/n)/24 + ... lies inside."""
    for bits in (128, 1024):
        with ctx.workprec(bits):
            ball = xi_ball(n)
            assert ball.rel_accuracy_bits() >= 28
            assert ball.overlaps((arb.pi() * n / 2).sqrt() + arb(2) / 3 + (2 * arb.pi() / n).sqrt() / 24)


def test_exact_small_values() -> None:
    assert (xi(1), xi(2)) == (2.0, 2.5)
    assert xi(3) >= Fraction(26, 9)


@pytest.mark.parametrize("n", [1, 2, 10, 1000, 10**6, 10**9, 2**53])
def test_known_bounds(n: int) -> None:
    with ctx.workprec(128):
        ball = xi_ball(n)
        assert n < 8 or ball <= 2 * arb(n).sqrt()
        assert ball <= (arb.pi() * n / 2).sqrt() * (arb(1) / (12 * n)).exp() + arb(2) / 3
        assert ball >= (arb.pi() * n / 2).sqrt()
        assert ball.rel_accuracy_bits() >= 100


def test_many_distinct_n_take_the_proven_bound() -> None:
    few, many = np.arange(1, 5001), np.arange(1, 5001)
    bound, exact = xi(many), np.array([xi(int(n)) for n in few[::50]])
    assert np.all(bound[::50] >= exact)  # type: ignore[index]
    assert np.all(bound[::50] <= exact * (1 + 0.015 / few[::50]) + 1e-12)  # type: ignore[index]


def test_above_2_to_53() -> None:
    assert xi(1e18) == pytest.approx(math.sqrt(math.pi * 1e18 / 2) + 2 / 3, rel=1e-13)
    assert xi(10**18) >= float(xi_ball(10**18).lower())


def test_shapes_and_refusals() -> None:
    assert isinstance(xi(5), float)
    assert isinstance(xi(np.int64(5)), float)
    assert xi([[1, 2, 3]]).shape == (1, 3)  # type: ignore[union-attr]
    assert xi(np.zeros((2, 0))).shape == (2, 0)  # type: ignore[union-attr]
    mixed = xi([1.0, math.nan, 0.0, -3.0, 2.5, math.inf])
    assert mixed[0] == 2.0  # type: ignore[index]
    assert np.all(np.isnan(mixed[1:]))  # type: ignore[index]
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        xi_ball(0)
