"""What the stability bounds must satisfy beyond their values: special cases, crossings, refusals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import DirectionError, Quantity, stability

EXAMPLE: dict[str, Any] = {
    "lipschitz": 1,
    "smoothness": 1,
    "curvature": 1,
    "step_scale": Fraction(1, 1000),
    "expected_risk": 1,
    "steps": 1000,
    "n": 1000,
}


def test_kuzborskij_lampert_at_full_curvature_is_the_printed_hardt_with_n_for_n_minus_one() -> None:
    printed = stability.hardt2016nonconvex(lipschitz=1, smoothness=1, step_scale=Fraction(1, 1000), steps=1000, n=1000, form="printed")
    assert stability.kuzborskij_lampert2018(**EXAMPLE).value == pytest.approx(printed.value * 999 / 1000, rel=1e-13)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"step_scale": Fraction(131, 10**5)}, "step_scale must be at most"),
        ({"step_scale": 2, "steps": 1}, "step_scale must be at most"),
        ({"curvature": Fraction(1001, 1000)}, "curvature must be at most"),
        ({"steps": 1001}, "steps must be at most n"),
    ],
)
def test_kuzborskij_lampert_refuses_what_the_theorem_leaves_out(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stability.kuzborskij_lampert2018(**{**EXAMPLE, **change})


def test_the_largest_step_of_kuzborskij_lampert() -> None:
    largest = 1 / (4 * (2 * np.log(1000)) ** 2)
    assert largest == pytest.approx(0.00130980345147, rel=1e-11)
    assert stability.kuzborskij_lampert2018(**{**EXAMPLE, "step_scale": largest * (1 - 1e-9)}).value > 0


def test_a_step_of_one_over_the_smoothness_is_the_last_one() -> None:
    inputs = {"lipschitz": 1, "smoothness": 10, "strong_convexity": 1, "n": 100}
    assert stability.hardt2016strongly_convex(**inputs, step_size=Fraction(1, 10)).value == pytest.approx(0.02)
    with pytest.raises(ValueError, match="step_size must be at most"):
        stability.hardt2016strongly_convex(**inputs, step_size=0.1)  # the double above 1/10


def test_the_three_uniform_stability_bounds_cross() -> None:
    large = {"empirical_risk": 0, "stability": 10**-3.5, "n": 10**7, "delta": Fraction(1, 20)}
    klochkov = stability.bousquet_klochkov_zhivotovskiy2020(**large).value
    assert klochkov < stability.feldman_vondrak2018(**large).value < stability.bousquet_elisseeff2002(**large).value
    small = {**large, "stability": Fraction(1, 10**4), "n": 10**4}
    assert stability.bousquet_elisseeff2002(**small).value < stability.bousquet_klochkov_zhivotovskiy2020(**small).value


def test_an_objective_gap_is_paid_by_the_distance_it_allows() -> None:
    """F(w) = (mu/2) w^2: at a distance of sqrt(2 e/mu) the excess is e, and the linear loss L w has moved by L times that."""
    mu, gap, big_l = 0.5, 2.0**-20, 3.0
    away = (2 * gap / mu) ** 0.5
    assert mu / 2 * away**2 == pytest.approx(gap, rel=1e-14)
    exact = stability.regularized_erm(lipschitz=big_l, strong_convexity=mu, n=100)
    near = stability.regularized_erm_approximate(lipschitz=big_l, strong_convexity=mu, n=100, objective_gap=gap)
    assert near.value == pytest.approx(exact.value + 2 * big_l * away, rel=1e-14)
    solved = stability.regularized_erm_approximate(lipschitz=big_l, strong_convexity=mu, n=100, objective_gap=0)
    assert solved.value == exact.value
    assert "strongly convex objective" not in {entry.assumption.name for entry in near.assumptions}


@pytest.mark.parametrize(("steps", "n"), [(10**18, 10**18 + 12345), (2**60 + 1, 2**62), (10**30, 10**30)])
@pytest.mark.parametrize("lipschitz", [1, 10**6, 10**10, 10**16])
def test_the_split_of_more_steps_than_doubles_count_ends_and_lies_within_them(steps: int, n: int, lipschitz: int) -> None:
    certificate = stability.hardt2016nonconvex(lipschitz=lipschitz, smoothness=1, step_scale=1, steps=steps, n=n)
    first = int(certificate.choices["first"])
    assert 0 <= first <= min(steps, n)
    # With a = c beta = 1: t0/n + (2 L^2/n) ((T + 1)/(t0 + 1) - 1), smallest near t0 = L sqrt(2 (T + 1)).
    best = min(n, steps, max(0, round(lipschitz * (2 * (steps + 1)) ** 0.5)))
    exact, near = (Fraction(t, n) + Fraction(2 * lipschitz**2, n) * (Fraction(steps + 1, t + 1) - 1) for t in (first, best))
    assert exact <= Fraction(certificate.value) <= max(exact, near) * (1 + Fraction(1, 10**9))


def test_a_stability_measured_on_twin_runs_is_refused() -> None:
    twins = Quantity(0.001, "lower", "largest change over 50 twin runs")
    for bound in (stability.feldman_vondrak2018, stability.bousquet_klochkov_zhivotovskiy2020):
        with pytest.raises(DirectionError, match="stability"):
            bound(empirical_risk=0, stability=twins, n=1000, delta=Fraction(1, 20))


def test_bassily_against_a_run_of_subgradient_descent() -> None:
    """Twin runs on |w - z| in one dimension, every example replaced in turn: the mean distance is below the bound over L."""
    random, n, eta = np.random.default_rng(0), 20, 0.05
    points, other = random.normal(size=n), random.normal()
    order = random.permutation(n).tolist() * 3
    distances = []
    for replaced in range(n):
        first, second, largest = 0.0, 0.0, 0.0
        for i in order:
            first -= eta * np.sign(first - points[i])
            second -= eta * np.sign(second - (other if i == replaced else points[i]))
            largest = max(largest, abs(first - second))
        distances.append(largest)
    assert np.mean(distances) <= stability.bassily2020nonsmooth.value(lipschitz=1, step_size=eta, steps=len(order), n=n)
