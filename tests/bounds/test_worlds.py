"""The number worlds: same members, enclosures that keep the truth, no wrap-around, nothing left changed."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from tests.bounds.strategies.table import CASES, READINGS, TESTED, with_form

from genbounds.bounds import get, holdout, margin, perceptron, vc
from genbounds.bounds.special.precision import precision
from genbounds.bounds.worlds import BALLS, FLOATS, MEMBERS, array_world
from genbounds.bounds.worlds.records import RecordingWorld
from genbounds.bounds.worlds.symbols import SymbolWorld

DOUBLES = st.floats(-1e6, 1e6, allow_subnormal=False)


@pytest.mark.parametrize("world", [FLOATS, BALLS, SymbolWorld(), RecordingWorld(128)], ids=["floats", "balls", "symbols", "records"])
def test_a_world_has_every_member(world: Any) -> None:
    assert [name for name in MEMBERS if not hasattr(type(world), name)] == []


# --- balls -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [53, 77, 1000])
def test_a_certificate_leaves_the_precision_as_it_was(bits: int) -> None:
    before = flint.ctx.prec
    try:
        flint.ctx.prec = bits
        holdout.hoeffding(empirical_risk=Fraction(1, 3), n=100, delta=0.05)
        holdout.clopper_pearson(errors=3, n=100, delta=0.05)
        assert flint.ctx.prec == bits
        with pytest.raises(ValueError, match="delta"):
            holdout.hoeffding(empirical_risk=0, n=100, delta=7)
        assert flint.ctx.prec == bits
    finally:
        flint.ctx.prec = before


def test_the_precision_is_restored_after_an_error() -> None:
    before = flint.ctx.prec
    inside = []

    def fails() -> None:
        with precision(999):
            inside.append(flint.ctx.prec)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert inside == [999]
    assert flint.ctx.prec == before


@pytest.mark.parametrize("key", TESTED)
def test_the_value_does_not_depend_on_the_precision_of_the_caller(key: str) -> None:
    formula, _ = READINGS[key]
    before = flint.ctx.prec
    usual = formula(**with_form(key, CASES[key].example)).value
    try:
        flint.ctx.prec = 20
        assert formula(**with_form(key, CASES[key].example)).value == usual
    finally:
        flint.ctx.prec = before


def test_an_undecided_condition_takes_the_hull_of_both_sides() -> None:
    wide = arb(1, 0.5)
    assert BALLS.less(wide, arb(1.2)) is None
    hull = BALLS.where(BALLS.less(wide, arb(1.2)), arb(3), arb(7))
    assert hull.contains(3)
    assert hull.contains(7)
    assert BALLS.where(BALLS.less(wide, arb(2)), arb(3), arb(7)) == 3
    assert BALLS.where(BALLS.less(arb(2), wide), arb(3), arb(7)) == 7
    assert BALLS.less_equal(arb(1), arb(1)) is True
    assert BALLS.less(arb(1), arb(1)) is False
    assert BALLS.less_equal(wide, wide) is None


@pytest.mark.slow
@given(a=DOUBLES, b=DOUBLES, radius=st.floats(0, 10), s=st.fractions(-1, 1), t=st.fractions(-1, 1))
def test_minimum_maximum_and_comparisons_hold_for_every_point_of_the_balls(
    a: float, b: float, radius: float, s: Fraction, t: Fraction
) -> None:
    x, y = Fraction(a) + s * Fraction(radius), Fraction(b) + t * Fraction(radius)
    first, second = arb(a, radius), arb(b, radius)
    with precision(2000):
        low, high = BALLS.lift(min(x, y)), BALLS.lift(max(x, y))
        assert BALLS.minimum(first, second).overlaps(low)
        assert BALLS.maximum(first, second).overlaps(high)
    assert BALLS.less(first, second) in (None, x < y)
    assert BALLS.less_equal(first, second) in (None, x <= y)


@pytest.mark.slow
@given(x=st.fractions(min_value=0, max_denominator=10**9), bits=st.integers(10, 300))
def test_lifting_encloses_and_doubles_and_ints_enter_exactly(x: Fraction, bits: int) -> None:
    with precision(bits):
        assert BALLS.lift(x) * x.denominator - x.numerator == 0 or (BALLS.lift(x) * x.denominator).contains(x.numerator)
        assert BALLS.lift(float(x)).is_exact()
        assert BALLS.lift(10**100 + 1).is_exact()


def test_the_square_of_a_ball_around_zero_is_a_ball() -> None:
    third = BALLS.lift(Fraction(1, 3))
    square = BALLS.power(third - third, 2)
    assert square.is_finite()
    assert square.contains(0)
    assert BALLS.power(arb(0), BALLS.ratio(2, 3)) == 0


def test_a_count_that_is_no_whole_ball_is_refused() -> None:
    for wrong in (arb(3, 0.1), arb(2.5)):
        with pytest.raises(ValueError, match="n must be a whole number"):
            BALLS.xi(wrong)


# --- floats ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint8, np.uint16, np.int64])
def test_small_integer_arrays_do_not_wrap(dtype: Any) -> None:
    radius, distance = np.array([100], dtype=dtype), np.array([1], dtype=dtype)
    assert perceptron.novikoff.value(radius=radius, margin=distance).tolist() == [10_000.0]
    count = np.array([np.iinfo(dtype).max], dtype=dtype)
    exact = holdout.hoeffding.value(empirical_risk=0.0, n=float(count[0]), delta=0.05)
    assert holdout.hoeffding.value(empirical_risk=0.0, n=count, delta=0.05).tolist() == [exact]
    widths = np.array([100, 100, 1], dtype=dtype)
    assert float(vc.log_growth_relu_network.value(widths=widths, n=10**6)) == vc.log_growth_relu_network.value(
        widths=(100, 100, 1), n=10**6
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_small_floats_are_lifted_before_anything_is_computed(dtype: Any) -> None:
    delta = np.array([0.05], dtype=dtype)
    assert holdout.hoeffding.value(empirical_risk=0.0, n=100, delta=delta).dtype == np.float64
    assert holdout.hoeffding.value(empirical_risk=0.0, n=100, delta=delta)[0] == holdout.hoeffding.value(
        empirical_risk=0.0, n=100, delta=float(delta[0])
    )


def test_ints_beyond_64_bits_and_fractions_are_read() -> None:
    assert holdout.hoeffding.value(empirical_risk=Fraction(1, 4), n=10**40, delta=Fraction(1, 20)) == pytest.approx(0.25)
    mixed = holdout.hoeffding.value(empirical_risk=[Fraction(1, 4), 0.5], n=10**30, delta=Fraction(1, 20))
    np.testing.assert_allclose(mixed, [0.25, 0.5], rtol=1e-12)


def test_the_inputs_of_a_call_are_left_as_they_were() -> None:
    example = CASES["margin.spectral"].example
    arrays = {name: np.array(value, dtype=np.float64) for name, value in example.items()}
    copies = {name: value.copy() for name, value in arrays.items()}
    margin.spectral.value(**arrays)
    assert all(np.array_equal(arrays[name], copies[name]) for name in arrays)


def test_a_scalar_gives_a_python_float_and_an_array_an_array() -> None:
    assert type(holdout.hoeffding.value(empirical_risk=0, n=10, delta=0.5)) is float
    assert type(holdout.hoeffding.value(empirical_risk=np.float64(0), n=np.int64(10), delta=0.5)) is float
    assert holdout.hoeffding.value(empirical_risk=np.zeros((2, 1)), n=np.arange(1, 4), delta=0.5).shape == (2, 3)


def test_no_warning_of_numpy_leaves_a_reading() -> None:
    with np.errstate(all="raise"):
        assert math.isfinite(get("holdout.chernoff_kl").value(empirical_risk=np.array([0.0, 1.0, 0.5]), n=10, delta=0.05).sum())
        assert get("holdout.clopper_pearson").value(errors=np.array([0, 5, 10]), n=10, delta=0.05)[2] == 1.0


# --- which world ------------------------------------------------------------------------------------------------------------------------


def test_numbers_and_arrays_are_read_by_numpy() -> None:
    assert array_world({"n": 3, "delta": np.ones(2)}) is FLOATS


@pytest.mark.slow
def test_a_tensor_loads_the_models_and_without_them_says_what_to_install() -> None:
    """No import of theirs is needed before; where they can't be imported the message says so, and no number comes out."""
    pytest.importorskip("torch")
    code = (
        "import sys, torch\n"
        "from genbounds.bounds.holdout import hoeffding\n"
        "sys.modules['genbounds.models'] = None\n"
        "try:\n    print(hoeffding.value(empirical_risk=torch.zeros(2), n=10, delta=0.05))\n"
        "except TypeError as error:\n    print(error)\n"
        "del sys.modules['genbounds.models']\n"
        "print(type(hoeffding.value(empirical_risk=torch.zeros(2), n=10, delta=0.05)).__name__)\n"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd="/")
    assert finished.returncode == 0, finished.stderr
    said, kind = finished.stdout.splitlines()
    assert "install genbounds[verify]" in said
    assert kind == "Tensor"
