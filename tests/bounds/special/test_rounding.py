import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from genbounds.bounds.special import arb_to_float_down, arb_to_float_up, decimal_down, decimal_nearest, decimal_up
from genbounds.bounds.special.rounding import at_most_one

LARGEST = np.finfo(np.float64).max
rationals = st.builds(lambda m, e: Fraction(m) * Fraction(2) ** e, st.integers(-(10**40), 10**40), st.integers(-1200, 900))


def exact(value: Fraction) -> arb:
    with ctx.workprec(4000):
        return arb(fmpq(value.numerator, value.denominator))


@given(rationals)
def test_rounding_goes_to_the_neighbouring_double(value: Fraction) -> None:
    x = exact(value)
    up, down = arb_to_float_up(x), arb_to_float_down(x)
    assert down <= value <= up
    assert up == down or math.nextafter(down, math.inf) == up
    if up == down:
        assert Fraction(up) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_stays_itself(value: float) -> None:
    assert arb_to_float_up(arb(value)) == value == arb_to_float_down(arb(value))


@pytest.mark.parametrize("bits", [4, 30, 53, 128, 300])
def test_the_radius_counts_at_every_precision(bits: int) -> None:
    x = arb(0.5, 2.0**-60)
    with ctx.workprec(bits):
        assert arb_to_float_up(x) == math.nextafter(0.5, 1)
        assert arb_to_float_down(x) == math.nextafter(0.5, 0)


def test_the_ends_of_the_range() -> None:
    huge, tiny = arb(2) ** 5000, arb(2) ** -5000
    assert (arb_to_float_up(huge), arb_to_float_down(huge)) == (math.inf, LARGEST)
    assert (arb_to_float_up(-huge), arb_to_float_down(-huge)) == (-LARGEST, -math.inf)
    assert (arb_to_float_up(tiny), arb_to_float_down(tiny)) == (5e-324, 0.0)
    assert (arb_to_float_up(-tiny), arb_to_float_down(-tiny)) == (0.0, -5e-324)
    with ctx.workprec(2000):
        assert arb_to_float_up(arb(LARGEST) + 1) == math.inf
        assert arb_to_float_down(arb(LARGEST) + 1) == LARGEST
    assert arb_to_float_up(arb("inf")) == math.inf == arb_to_float_down(arb("inf"))
    assert arb_to_float_up(arb("-inf")) == -math.inf
    assert math.isnan(arb_to_float_up(arb.nan()))
    assert math.isnan(arb_to_float_down(arb.nan()))
    assert math.copysign(1, arb_to_float_down(arb(0))) == 1


@given(st.floats(1e-200, 0.1), st.floats(0, 0.1), st.sampled_from([30, 53, 128]))
def test_what_is_above_one_is_cut_off_and_nothing_else(below: float, above: float, bits: int) -> None:
    with ctx.workprec(2000):
        ball = (1 - arb(below)).union(1 + arb(above))
    with ctx.workprec(bits):
        cut = at_most_one(ball)
    with ctx.workprec(2000):
        assert cut.upper() <= 1
        assert cut.lower() <= 1 - arb(below)
        assert cut.contains(1 - arb(below) / 3)
    assert at_most_one(arb(0.5, 3)).overlaps(arb(3.4))
    assert at_most_one(arb(0.5)) == 0.5
    assert at_most_one(arb.nan()).is_nan()


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 20))
def test_decimals_lie_on_their_side_and_carry_the_digits(value: float, digits: int) -> None:
    up, down, near = decimal_up(value, digits), decimal_down(value, digits), decimal_nearest(value, digits)
    assert Decimal(down) <= Decimal(value) <= Decimal(up)
    assert near in (up, down)
    for text in (up, down, near):
        assert len(Decimal(text).as_tuple().digits) <= max(digits, 17)
    if value != 0:
        assert Decimal(up) - Decimal(down) <= 10 * abs(Decimal(value)) * Decimal(10) ** -digits


def test_decimals_are_printed_as_people_write_them() -> None:
    assert decimal_up(0.02951304960703, 4) == "0.02952"
    assert decimal_down(0.02951304960703, 4) == "0.02951"
    assert decimal_nearest(0.0295, 3) == "0.0295"
    assert decimal_up(1e-9, 3) == "1.01e-09"  # the double is just above 1e-9
    assert decimal_up(12345.0, 3) in ("12400", "1.24e+04")
    assert decimal_up(9.99e22, 1) == "1e+23"
    assert (decimal_up(math.inf, 3), decimal_down(-math.inf, 3), decimal_nearest(math.nan, 3)) == ("inf", "-inf", "nan")
    assert decimal_up(0.0, 3) == "0"
