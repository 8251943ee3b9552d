"""The grids over the whole range of doubles, against exact rationals."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genbounds.bounds.grids import (
    ceiling_of_multiple,
    doubling_index,
    doubling_index_of_product,
    halving_index,
    quarter_power_index,
    rate_index,
)

POSITIVE = st.one_of(
    st.floats(min_value=5e-324, max_value=1.7976931348623157e308, allow_subnormal=True),
    st.floats(5e-324, 1e-300, allow_subnormal=True),
    st.builds(lambda e, u: math.nextafter(2.0**e, math.inf * u) if u else 2.0**e, st.integers(-1070, 1020), st.sampled_from((-1, 0, 1))),
    st.integers(2**52, 2**60).map(float),
)


def power(j: Any) -> Fraction:
    """2^j, exactly."""
    return Fraction(2) ** int(j)


@given(POSITIVE, POSITIVE)
@example(5e-324, 1.7976931348623157e308)
@example(1.7976931348623157e308, 5e-324)
def test_doubling_is_the_least_power_that_suffices(size: float, unit: float) -> None:
    j = float(doubling_index(size, unit))
    assert j >= 0
    assert j == int(j)
    assert Fraction(unit) * power(j) >= Fraction(size)
    assert j == 0 or Fraction(unit) * power(j - 1) < Fraction(size)


@pytest.mark.slow
@given(st.lists(POSITIVE, min_size=1, max_size=30), POSITIVE)
@example([1e-200, 1e-200, 1e300], 1e-110)
@example([1e-35] * 10 + [1e35] * 10, 1.0)
@example([5e-324] * 30, 1.7976931348623157e308)
@example([1.7976931348623157e308] * 30, 5e-324)
def test_doubling_of_a_product_needs_no_part_of_it_to_be_a_double(sizes: list[float], unit: float) -> None:
    j = float(doubling_index_of_product(np.array(sizes), unit))
    exact = math.prod(map(Fraction, sizes), start=Fraction(1))
    assert j >= 0
    assert j == int(j)
    assert Fraction(unit) * power(j) >= exact
    assert j == 0 or Fraction(unit) * power(j - 1) < exact * (1 + Fraction(1, 10**12))


@pytest.mark.slow
@given(st.lists(POSITIVE, min_size=2, max_size=8), POSITIVE, st.randoms())
def test_doubling_of_a_product_does_not_depend_on_the_order(sizes: list[float], unit: float, random: Any) -> None:
    shuffled = random.sample(sizes, len(sizes))
    first, second = (float(doubling_index_of_product(np.array(order), unit)) for order in (sizes, shuffled))
    # The rounding of the mantissas may differ where the product is within 1e-12 of a grid point.
    assert abs(first - second) <= 1
    if first != second:
        quotient = math.prod(map(Fraction, sizes), start=Fraction(1)) / Fraction(unit) / power(min(first, second))
        assert abs(quotient - 1) < Fraction(1, 10**12)


@given(POSITIVE)
@example(5e-324)
def test_halving_is_the_margin_rounded_down_to_a_power_of_two(margin: float) -> None:
    g = float(halving_index(margin))
    assert power(-g) <= Fraction(margin) < 2 * power(-g)


@given(POSITIVE)
@example(2.0**-100)
@example(math.nextafter(2.0**-100, 0))
@example(2.0**52 + 1)
@example(5e-324)
@example(1.7976931348623157e308)
def test_quarter_powers_suffice(size: float) -> None:
    j = float(quarter_power_index(size))
    assert j >= -400
    assert j == int(j)
    assert power(j) >= Fraction(size) ** 4
    assert j == -400 or power(j - 1) < Fraction(size) ** 4 * (1 + Fraction(1, 10**8))
    if math.frexp(size)[0] == 0.5 and j > -400:
        assert power(j) == Fraction(size) ** 4


@given(st.integers(1, 2**25), st.one_of(POSITIVE, st.just(0.0)))
@example(3, 2.0**53 / 3 + 1)
@example(3, 6004799503160663.0)
@example(7, 3e15 + 1)
@example(3, 1.7976931348623157e308)
def test_the_ceiling_of_a_multiple_is_never_below_it(factor: int, number: float) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        ceiling = float(ceiling_of_multiple(factor, number))
    exact = factor * Fraction(number)
    if math.isinf(ceiling):
        assert exact > Fraction(1.7976931348623157e308)
        return
    assert Fraction(ceiling) >= exact
    if exact <= 2**53:
        assert ceiling == math.ceil(exact)
    else:
        assert Fraction(math.nextafter(ceiling, 0)) < exact


def test_the_ceiling_of_a_multiple_counts_every_array_element() -> None:
    numbers = np.ldexp(np.random.default_rng(0).random((40, 50)), np.random.default_rng(1).integers(-60, 70, (40, 50)))
    for factor in (1, 3, 5, 100):
        found = ceiling_of_multiple(factor, numbers)
        assert all(Fraction(c) >= factor * Fraction(x) for c, x in zip(found.ravel().tolist(), numbers.ravel().tolist(), strict=True))


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_the_rate_is_the_best_of_the_grid(a: float, b: float) -> None:
    def level(rate: Any, price: Any) -> Any:
        return a * rate + (b + price) / rate

    def price(j: int) -> float:
        return math.log(1.5 * (abs(j) + 1) * (abs(j) + 2))

    j = int(rate_index(level, a, b))
    assert level(2 ** (j / 2), price(j)) <= min(level(2 ** (i / 2), price(i)) for i in range(-80, 17)) * (1 + 1e-12)


def test_a_rate_that_leaves_the_doubles_is_not_taken() -> None:
    def level(rate: Any, price: Any) -> Any:
        return np.where(rate < 1, np.nan, rate + price)

    assert rate_index(level, np.zeros(5)).tolist() == [0.0] * 5
    assert rate_index(lambda rate, price: np.where(rate < 4, np.nan, rate + price), 0.0) == pytest.approx(4)
