"""``.value`` is never below the certificate of the same doubles by more than 1e-12 of it: near delta = 1, for huge n, in every bound."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.bounds.strategies.changes import accepted, everyday
from tests.bounds.strategies.table import CASES, DRAWS, READINGS, TESTED, with_form

from genbounds.bounds import Certificate, Quantity, get, holdout, vc

BELOW = 1e-12
NEAR_ONE = st.one_of(
    st.integers(1, 53).map(lambda bits: 1 - 2.0**-bits), st.floats(0.4, 1, exclude_max=True), st.floats(0.999, 1, exclude_max=True)
)
HUGE = st.integers(0, 400).map(lambda step: float(2**52 * 1.25**step)).filter(lambda n: n < 1e60)


def certified(key: str, inputs: dict[str, Any]) -> float:
    """The certificate's value, infinite where it is beyond the doubles."""
    result = READINGS[key][0](**with_form(key, inputs))
    assert isinstance(result, Certificate | Quantity)
    assert not isinstance(result.value, tuple)
    return float(result.value) if result.value < 10**308 else math.inf


def extreme(key: str, data: Any) -> dict[str, Any]:
    """Inputs of the table as doubles, with a delta close to 1 and perhaps a huge sample."""
    formula = READINGS[key][0]
    inputs = everyday(formula, data.draw(CASES[key].inputs))
    if "delta" in inputs:
        inputs = {**inputs, "delta": data.draw(NEAR_ONE)}
    for name in ("n", "held_out", "bound_n"):
        if name in inputs and data.draw(st.booleans()):
            inputs = {**inputs, name: data.draw(HUGE)}
    assume(accepted(formula, inputs))
    return inputs


@pytest.mark.parametrize("key", TESTED)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_no_value_is_below_its_certificate(key: str, data: Any) -> None:
    inputs = extreme(key, data)
    value, exact = READINGS[key][0].value(**with_form(key, inputs)), certified(key, inputs)
    assert value >= exact - abs(exact) * BELOW - 1e-300


@pytest.mark.parametrize(
    ("errors", "n", "delta"),
    [
        (9, 18505081237228220, 0.999999999),
        (179042714821798199296, 524846230842263601152, 0.6636890912602844),
        (10**30, 10**31, 0.05),
        (2**53 + 2, 2**55, 1 - 2.0**-53),
        (10**20 - 2**20, 10**20, 0.05),
        (0, 2**80, 1e-300),
    ],
)
def test_binomial_limits_beyond_the_whole_doubles(errors: int, n: int, delta: float) -> None:
    errors, n = int(float(errors)), int(float(n))
    exact = holdout.clopper_pearson(errors=errors, n=n, delta=delta).value
    assert exact * (1 - BELOW) <= holdout.clopper_pearson.value(errors=errors, n=n, delta=delta) <= exact * (1 + 1e-9)


def test_one_hard_entry_does_not_fail_an_array() -> None:
    errors = np.array([3.0, 179042714821798199296.0, 5.0])
    n = np.array([100.0, 524846230842263601152.0, 50.0])
    found = holdout.clopper_pearson.value(errors=errors, n=n, delta=0.6636890912602844)
    for k, size, value in zip(errors, n, found, strict=True):
        assert value == holdout.clopper_pearson.value(errors=k, n=size, delta=0.6636890912602844)
        exact = holdout.clopper_pearson(errors=int(k), n=int(size), delta=0.6636890912602844).value
        assert exact * (1 - BELOW) <= value <= exact * (1 + 1e-9)


@settings(deadline=None, max_examples=15)
@given(st.floats(0, 1), HUGE.filter(lambda n: n < 1e25), NEAR_ONE)
@example(0.3411336584, 524846230842263601152.0, 0.6636890912602844)
def test_binomial_limits_lie_between_chernoffs_bounds_of_either_tail(share: float, n: float, delta: float) -> None:
    size = int(n)
    errors = int(Fraction(share) * (size - 1))
    value = holdout.clopper_pearson(errors=errors, n=size, delta=delta).value
    chernoff = holdout.chernoff_kl(empirical_risk=Fraction(errors, size), n=size, delta=delta).value
    assert value <= chernoff * (1 + 1e-15)
    # The complementary event: P(Bin(n, p) >= errors + 1) = 1 - delta.
    other = get("holdout.chernoff_kl")(empirical_risk=1 - Fraction(errors + 1, size), n=size, delta=1 - Fraction(delta)).value
    assert value >= 1 - other - 1e-15


def test_sauer_sums_far_beyond_the_whole_doubles_are_enclosed() -> None:
    n = 10**22
    for d in (10**20, 3 * 10**21, n // 2 - 5):
        found = vc.sauer(empirical_risk=0, n=n, vc_dimension=d, delta=Fraction(1, 2)).value
        assert math.isfinite(found)


def test_a_delta_close_to_one_does_not_cancel() -> None:
    delta = 0.9999999910178026
    exact = math.sqrt(-math.log1p(-float(1 - Fraction(delta))) / 140)
    assert holdout.hoeffding.value(empirical_risk=0, n=70, delta=delta) == pytest.approx(exact, rel=1e-15)
    many = holdout.hoeffding.value(empirical_risk=0, n=70, delta=np.array([delta, 1e-310, 0.3]))
    assert many[0] == pytest.approx(exact, rel=1e-15)
    assert np.all(np.isfinite(many))


LONG = 6000
RUNS = [(0.05, 1.0), (0.0321, 3.3), (2.0**-30, 5.0), (0.3, 0.3)]


def agree(name: str, exact: dict[str, Any]) -> None:
    """Both readings of one formula, vectors as arrays in floats."""
    plain = {key: np.array(entry, dtype=float) if isinstance(entry, tuple) else entry for key, entry in exact.items()}
    formula = get(name)
    certificate, value = certified(name, exact), float(formula.value(**plain))
    assert value >= certificate * (1 - BELOW), (name, value, certificate)
    assert value <= certificate * (1 + 1e-11) or value == math.inf, (name, value, certificate)


@pytest.mark.parametrize("growth", np.logspace(-12, 9, 22))
@pytest.mark.parametrize("steps", [2, 40, 100, 10**4, 10**9, 10**15])
def test_a_run_may_part_by_hundreds_of_orders_of_magnitude(growth: float, steps: int) -> None:
    """The bound is then an exponential of what is left of four log-gammas, each of up to ten million."""
    for step_scale in (0.37, 1e-6):
        inputs = {"smoothness": growth / step_scale, "step_scale": step_scale, "steps": steps, "n": 977}
        for lipschitz in (1.0, 1e-40, 1e-140):
            agree("stability.hardt2016nonconvex", {"lipschitz": lipschitz, **inputs})


@pytest.mark.parametrize(("step_size", "smoothness"), RUNS)
def test_thousands_of_equal_steps_do_not_add_up_their_roundings(step_size: float, smoothness: float) -> None:
    run: dict[str, Any] = {"lipschitz": 1e-60, "smoothness": smoothness, "step_sizes": (step_size,) * LONG}
    replaced = {"replaced": tuple(int(step % 97 == 0) for step in range(LONG))}
    agree("stability.hardt2016nonconvex_steps", {**run, "n": 977})
    agree("stability.hardt2016distance_nonconvex", {**run, **replaced})
    agree("stability.hardt2016distance_strongly_convex", {**run, **replaced, "strong_convexity": smoothness / 3})


def test_late_small_steps_are_not_lost_behind_early_large_ones() -> None:
    """What comes later is added up from the end, not found as the difference of two running sums of a thousand."""
    steps = (1e6,) * 3000 + (0.0321,) * 2000
    run: dict[str, Any] = {"lipschitz": 1e-9, "smoothness": 1.0, "step_sizes": steps}
    agree("stability.hardt2016nonconvex_steps", {**run, "n": 10**6})
    agree("stability.hardt2016distance_nonconvex", {**run, "replaced": (0,) * 2999 + (1,) + (0,) * 2000})


def test_a_step_that_contracts_to_nearly_nothing_does_not_cancel() -> None:
    """1 - step x curvature of two doubles whose product rounds to another one."""
    third = 3.333333333333333
    inputs = {"smoothness": third, "strong_convexity": third, "step_sizes": (0.2, 0.3, 0.1), "replaced": (1, 0, 0)}
    agree("stability.hardt2016distance_strongly_convex", {"lipschitz": 1.0, **inputs})


@pytest.mark.parametrize(
    ("name", "steps", "wanted"),
    [("hardt2016nonconvex", {"step_scale": 16, "steps": 256}, 8192), ("hardt2016nonconvex_steps", {"step_sizes": (0.0625,) * 256}, 0)],
)
def test_a_loss_that_does_not_move_has_no_divergence_however_fast_distances_grow(name: str, steps: dict[str, Any], wanted: float) -> None:
    """At lipschitz = 0 the divergence is 0 times a growth that is beyond the doubles: 0, and not nan or infinite."""
    bound = get(f"stability.{name}")
    inputs = {"lipschitz": 0, "smoothness": 4000, "n": 1, "loss_range": 8192, **steps}
    assert bound.value(**inputs) == bound(**inputs).value == wanted
