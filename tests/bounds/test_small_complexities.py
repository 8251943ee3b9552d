"""Complexities of l1 balls and two-layer networks by enumeration, against their bounds."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from scipy.stats import binom

from genbounds.bounds import Quantity, rademacher

POINTS = np.random.default_rng(6).normal(size=(7, 3))


def columns(points: np.ndarray) -> float:
    """The largest norm of a column."""
    return float(np.linalg.norm(points, axis=0).max())


def test_the_l1_enumeration_against_a_loop_and_the_bound() -> None:
    slow = np.mean([np.abs(np.array(signs) @ POINTS).max() for signs in product((-1, 1), repeat=7)]) * 2.5 / 7
    exact = rademacher.linear_l1_exact(data=POINTS, norm=2.5)
    assert slow <= float(exact) <= slow * (1 + 1e-9)
    assert exact.kind == "upper"
    assert float(exact) <= float(rademacher.linear_l1(norm=2.5, data_norm=columns(POINTS), inputs=3, n=7))


def test_one_feature_is_the_same_in_both_norms() -> None:
    one = POINTS[:, :1]
    gram = one @ one.T
    by_l2 = float(rademacher.kernel_exact(kernel=(gram + gram.T) / 2, norm=1.5))
    assert float(rademacher.linear_l1_exact(data=one, norm=1.5)) == pytest.approx(by_l2, rel=1e-5)


def test_the_drawn_l1_limit_fails_no_more_often_than_its_delta() -> None:
    """A correct limit fails more often than this with probability 1e-6."""
    random = np.random.default_rng(7)
    truth = float(rademacher.linear_l1_exact(data=POINTS, norm=1)) * (1 - 1e-9)
    failures = 0
    for _ in range(400):
        signs = np.where(random.random((5, 7)) < 0.5, -1, 1)
        failures += float(rademacher.linear_l1_monte_carlo(data=POINTS, norm=1, signs=signs, delta=Fraction(1, 4))) < truth
    assert failures <= binom.ppf(1 - 1e-6, 400, 0.25)


@pytest.mark.parametrize(("small", "large"), [(-600, 600), (-1000, 1000), (560, -560), (1000, -1020)])
def test_data_scaled_down_and_a_ball_scaled_up_are_the_same_class(small: int, large: int) -> None:
    """Powers of two change no digit: neither the squares of the confidence term nor the sums may underflow or overflow."""
    signs = np.where(np.random.default_rng(8).random((20, 7)) < 0.5, -1, 1)
    gram = np.array([[2.0, 1.0, 0.5], [1.0, 2.0, 1.0], [0.5, 1.0, 3.0]])
    plain, scaled = {"norm": 1.5}, {"norm": Fraction(3, 2) * Fraction(2) ** large}
    data, drawn = np.ldexp(POINTS, small), {"signs": signs, "delta": Fraction(1, 100)}
    back = Fraction(2) ** (small + large)
    for one, other in (
        (rademacher.linear_l1_exact(data=POINTS, **plain), rademacher.linear_l1_exact(data=data, **scaled)),
        (
            rademacher.linear_l1_monte_carlo(data=POINTS, **plain, **drawn),
            rademacher.linear_l1_monte_carlo(data=data, **scaled, **drawn),
        ),
    ):
        assert float(other) == float(Fraction(one.value) * back)  # type: ignore[arg-type]
    scaled, drawn = {"norm": Fraction(3, 2) * Fraction(2) ** (large // 2)}, {"signs": signs[:, :3], "delta": Fraction(1, 100)}
    back = Fraction(2) ** (small // 2 + large // 2)
    tiny = np.ldexp(gram, 2 * (small // 2))
    for function, rest in ((rademacher.kernel_exact, {}), (rademacher.kernel_lower, {}), (rademacher.kernel_monte_carlo, drawn)):
        one, other = function(kernel=gram, **plain, **rest), function(kernel=tiny, **scaled, **rest)
        assert float(other) == pytest.approx(float(Fraction(one.value) * back), rel=1e-15)


@pytest.mark.parametrize("shrink", [-560, -1070])
def test_the_drawn_l1_limit_of_tiny_data_keeps_its_confidence_term(shrink: int) -> None:
    """One example and one draw: the mean is the truth, and the limit exceeds it by sqrt(2 ln(1/delta))."""
    limit = rademacher.linear_l1_monte_carlo(data=[[2.0**shrink]], norm=2**-shrink, signs=[[1]], delta=0.01)
    assert float(limit) == pytest.approx(1 + (2 * np.log(100)) ** 0.5, rel=1e-9)


@pytest.mark.parametrize("delta", [Fraction(1, 10**400), 5e-324, 1 - Fraction(1, 10**20)])
def test_the_confidence_term_reads_the_exact_delta(delta: Fraction | float) -> None:
    with mp.workdps(60):
        cost = -mp.log(mp.mpf(Fraction(delta).numerator) / Fraction(delta).denominator)
        true = float(1 + mp.sqrt(2 * cost))
    for limit in (
        rademacher.linear_l1_monte_carlo(data=[[1]], norm=1, signs=[[1]], delta=delta),
        rademacher.kernel_monte_carlo(kernel=[[1]], norm=1, signs=[[1]], delta=delta),
    ):
        assert limit.delta == Fraction(delta)
        assert true <= float(limit) <= true * (1 + 1e-9)


def test_the_trace_gives_a_lower_bound_that_two_equal_examples_attain() -> None:
    gram = POINTS @ POINTS.T
    gram = (gram + gram.T) / 2
    lower, exact = rademacher.kernel_lower(kernel=gram, norm=2), rademacher.kernel_exact(kernel=gram, norm=2)
    assert lower.kind == "lower"
    assert float(lower) <= float(exact)
    assert float(lower) == pytest.approx(float(rademacher.linear_l2(norm=2, data_norm=float(np.trace(gram)) ** 0.5, n=7)) / 2**0.5)
    equal = np.ones((2, 2))
    assert float(rademacher.kernel_lower(kernel=equal, norm=1)) == pytest.approx(float(rademacher.kernel_exact(kernel=equal, norm=1)))


def test_linear_two_layer_networks_are_the_ball_of_the_product_and_odd() -> None:
    """s the identity: the class is the ball of radius A V, in l2 or in l1."""
    gram = POINTS @ POINTS.T
    networks = {"output_norm": 2, "hidden_norm": 1.5, "n": 7}
    frobenius = float(np.linalg.norm(POINTS))
    l2 = float(rademacher.kernel_exact(kernel=(gram + gram.T) / 2, norm=3))
    odd = float(rademacher.two_layer_odd(**networks, data_norm=frobenius))
    assert l2 <= odd == float(rademacher.two_layer(**networks, data_norm=frobenius)) / 2
    l1 = float(rademacher.linear_l1_exact(data=POINTS, norm=3))
    odd = float(rademacher.two_layer_l1_odd(**networks, data_norm=columns(POINTS), inputs=3))
    assert l1 <= odd
    assert odd == pytest.approx(float(rademacher.two_layer_l1(**networks, data_norm=columns(POINTS), inputs=3)) / 2, rel=1e-14)


def test_relu_and_linear_networks_on_a_line_over_all_signs() -> None:
    """Five examples at 1 and five at -1, A = V = 1: ReLU reads one half of the signs at a time, the identity their difference."""
    signs = [np.array(s) for s in product((-1, 1), repeat=10)]
    relu = np.mean([max(abs(s[:5].sum()), abs(s[5:].sum())) for s in signs]) / 10
    linear = np.mean([abs(s[:5].sum() - s[5:].sum()) for s in signs]) / 10
    inputs = {"output_norm": 1, "hidden_norm": 1, "data_norm": 10**0.5, "n": 10}
    assert relu <= float(rademacher.two_layer(**inputs))
    assert float(rademacher.two_layer_odd(**inputs)) / 2**0.5 <= linear <= float(rademacher.two_layer_odd(**inputs))


def test_the_odd_form_declares_the_activation() -> None:
    for odd in (rademacher.two_layer_odd, rademacher.two_layer_l1_odd):
        assert "odd activation" in {assumption.name for assumption in odd.assumes}
    inputs = {"output_norm": 1, "hidden_norm": 1, "data_norm": 10, "n": 100}
    certificate = rademacher.uniform_deviation(
        empirical_risk=0, complexity=rademacher.two_layer_odd(**inputs), n=100, delta=Fraction(1, 20)
    )
    assert "odd activation" in {entry.assumption.name for entry in certificate.assumptions}


def test_refusals() -> None:
    with pytest.raises(ValueError, match="enumerate"):
        rademacher.linear_l1_exact(data=np.ones((21, 2)), norm=1)
    with pytest.raises(ValueError, match="data must be"):
        rademacher.linear_l1_exact(data=[1, 2], norm=1)
    with pytest.raises(ValueError, match="data must be"):
        rademacher.linear_l1_exact(data=[[np.nan, 1]], norm=1)
    with pytest.raises(ValueError, match="norm must be"):
        rademacher.linear_l1_exact(data=[[1, 2]], norm=-1)
    with pytest.raises(ValueError, match="signs must be"):
        rademacher.linear_l1_monte_carlo(data=[[1, 2]], norm=1, signs=[[1, 1]], delta=0.1)
    with pytest.raises(ValueError, match="delta must lie"):
        rademacher.linear_l1_monte_carlo(data=[[1, 2]], norm=1, signs=[[1]], delta=0)


@pytest.mark.parametrize("norm", ["three", "-1", None, np.nan, np.inf, -1, Quantity(1, "upper", "measured")])
def test_a_norm_that_is_no_number_of_at_least_zero_is_named(norm: Any) -> None:
    signs = {"signs": [[1, 1]], "delta": 0.1}
    for function, rest in (
        (rademacher.kernel_exact, {"kernel": np.eye(2)}),
        (rademacher.kernel_lower, {"kernel": np.eye(2)}),
        (rademacher.kernel_monte_carlo, {"kernel": np.eye(2), **signs}),
        (rademacher.linear_l1_exact, {"data": np.eye(2)}),
        (rademacher.linear_l1_monte_carlo, {"data": np.eye(2), **signs}),
    ):
        with pytest.raises(ValueError, match=r"^norm must be .*got .*: "):
            function(norm=norm, **rest)
        assert function(norm="0.3", **rest).value >= Fraction(3, 10) * Fraction(function(norm=1, **rest).value) * (1 - Fraction(1, 10**9))


def test_a_complexity_beyond_the_doubles_is_no_quantity() -> None:
    with pytest.raises(ValueError, match=r"norm must leave the complexity at most 1\.8e308"):
        rademacher.kernel_exact(kernel=[[1e200]], norm=1e300)
