"""What small worlds know, compared with another way to know it."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from genbounds.verification.small_worlds import Known, SmallWorld, divergences, moves, sign_averages, sign_patterns, small_worlds


def named(name: str) -> SmallWorld:
    return next(one for one in small_worlds() if one.name == name)


def settings(name: str) -> list[Known]:
    return list(named(name).settings("thumbnail"))


@pytest.mark.parametrize(("dimension", "n"), [(1, 1), (1, 5), (2, 3), (2, 5), (3, 5)])
def test_half_spaces_have_covers_number_of_patterns(dimension: int, n: int) -> None:
    assert sign_patterns.separated(dimension, n) == 2 * sum(math.comb(n - 1, i) for i in range(dimension + 1))


@pytest.mark.parametrize(("hidden", "n"), [(1, 4), (2, 5), (1, 40)])
def test_functions_with_kinks_have_a_pattern_for_each_few_changes(hidden: int, n: int) -> None:
    assert sign_patterns.patterns_of_kinks(hidden, n) == 2 * sum(math.comb(n - 1, i) for i in range(hidden + 1))


@pytest.mark.parametrize("n", [3, 5])
def test_two_threshold_units_change_sign_at_most_twice(n: int) -> None:
    few = sum(sum(a != b for a, b in itertools.pairwise(signs)) <= 2 for signs in itertools.product((0, 1), repeat=n))
    assert sign_patterns.patterns_of_thresholds(2, n) == few


def test_subsets() -> None:
    assert sign_patterns.small_subsets(3, 7) == sum(math.comb(7, i) for i in range(4))


def test_averages_over_signs_are_those_of_a_plain_loop() -> None:
    inputs = np.random.default_rng(1).integers(-3, 4, (5, 3)).astype(float)
    sums = [sum(s * x for s, x in zip(signs, inputs, strict=True)) for signs in itertools.product((1, -1), repeat=5)]
    assert sign_averages.by_euclid(inputs) == pytest.approx(sum(math.hypot(*one) for one in sums) / 32, rel=1e-14)
    assert sign_averages.by_coordinates(inputs) == pytest.approx(sum(max(map(abs, one)) for one in sums) / 32, rel=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("shape", divergences.SHAPES)
def test_divergences_are_the_integral(shape: tuple[float, float, float, float]) -> None:
    mean_q, std_q, mean_p, std_p = shape
    with mpmath.workdps(30):

        def integrand(x: Any) -> Any:
            q = mpmath.npdf(x, mean_q, std_q)
            return q * (mpmath.log(q) - mpmath.log(mpmath.npdf(x, mean_p, std_p)))

        integral = float(mpmath.quad(integrand, [mean_q + std_q * k for k in range(-30, 31, 6)]))
    assert float(divergences.divergences(*shape)) == pytest.approx(integral, abs=1e-12)


def test_the_best_place_of_the_grid_is_inside_it() -> None:
    std, price = divergences._grid(4.0, 20)
    for one in divergences.SHAPES:
        assert 0 <= int(np.argmin(divergences.divergences(*one[:3], std) + price)) < divergences.GRID - 1


def test_too_few_examples_miss_the_point_too_often() -> None:
    """The probability that a point of just more than epsilon is unseen is above what the theorem allows, to 50 digits."""
    for known in settings("unseen errors"):
        with mpmath.workdps(50):
            epsilon = mpmath.mpf(known.inputs["epsilon"].numerator) / known.inputs["epsilon"].denominator
            assert int(known.truth) >= 1
            missed = int(known.truth) * mpmath.log(1 - epsilon)
            assert missed > mpmath.log(8) - mpmath.mpf(3) / 2 * known.inputs["parameters"]


def test_runs_move_as_the_recursion_says() -> None:
    steps = (Fraction(1, 4),) * 3
    distance, farthest = moves.apart(lambda w: 2 * w, Fraction(1), steps, (1, 0, 1))
    assert (distance, farthest) == (Fraction(1, 2) / 4 + Fraction(1, 2), Fraction(1, 4))
    assert moves._mixed(Fraction(2), Fraction(1), steps, (1, 0, 0))[0] == Fraction(1, 2) * Fraction(3, 2) ** 2


def test_slopes_on_the_hill_stay_below_the_lipschitz_constant() -> None:
    for known in settings("runs on hills"):
        assert known.inputs["lipschitz"] >= 1


@pytest.mark.slow
def test_every_small_world_supplies_what_it_declares_and_has_a_name_of_its_own() -> None:
    every = small_worlds()
    assert len({one.name for one in every}) == len(every)
    for one in every:
        for known in one.settings("thumbnail"):
            assert one.inputs <= set(known.inputs), one.name
            assert math.isfinite(float(known.truth))
