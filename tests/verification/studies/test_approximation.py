"""The pieces of the study of approximation against brute force, closed forms and exact arithmetic."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import integrate

from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.studies.approximation.barron import Barron, approximate, ball, bump, constant, units
from genbounds.verification.studies.approximation.pieces import Lined, count, segments, whole
from genbounds.verification.studies.approximation.sawtooth import (
    Sawtooth,
    compare,
    fewest_wrong,
    first_teeth,
    grid,
    least_error,
    network,
    values,
    wrong_sides,
)
from genbounds.verification.studies.approximation.study import Approximation
from genbounds.verification.studies.approximation.width_or_depth import DEEP, SHALLOW, Fitted, deep_error, fit, parameters


def exact(layers: list[Any], x: Fraction) -> Fraction:
    value = np.array([x], dtype=object)
    for weights, biases in layers[:-1]:
        value = np.maximum(weights @ value + biases, 0)
    return Fraction((layers[-1][0] @ value + layers[-1][1])[0])


def test_the_deep_network_is_the_folded_tent() -> None:
    for place in range(33):
        tent = x = Fraction(place, 32)
        for _ in range(3):
            tent = 2 * tent if 2 * tent <= 1 else 2 - 2 * tent
        assert exact(network(3), x) == tent
        assert values(np.array([float(x)]), 3)[0] == float(tent)


def test_segments_find_every_kink_and_only_kinks() -> None:
    generator = np.random.default_rng(5)
    layers = [
        (whole(generator.normal(size=(3, 1))), whole(generator.normal(size=3)) * 64),
        (whole(generator.normal(size=(3, 3))), whole(generator.normal(size=3)) * 64**2),
        (whole(generator.normal(size=(1, 3))), whole(generator.normal(size=1)) * 64**3),
    ]
    zero, grid_step = np.array([0], dtype=object), np.array([64], dtype=object)
    low, high = Fraction(-8), Fraction(8)
    found = segments(layers, zero, grid_step, low, high)
    ends = [*(left for left, _ in found), high]
    for (left, slope), right in zip(found, ends[1:], strict=True):  # exactly affine inside, with this slope
        a, b = left + (right - left) / 7, right - (right - left) / 5
        assert exact(layers, 64 * b) - exact(layers, 64 * a) == slope * (b - a)
        assert exact(layers, 32 * (a + b)) * 2 == exact(layers, 64 * a) + exact(layers, 64 * b)
    assert len(found) >= 3
    assert all(before != after for (_, before), (_, after) in itertools.pairwise(found))


def test_units_that_cancel_give_no_piece() -> None:
    twice = np.array([[1], [1]], dtype=object), np.array([0, 0], dtype=object)
    layers = [twice, (np.array([[1, -1]], dtype=object), np.array([0], dtype=object))]
    assert len(segments(layers, np.array([0], dtype=object), np.array([1], dtype=object), Fraction(-1), Fraction(1))) == 1


def test_one_layer_has_its_units_as_kinks() -> None:
    (one,) = count([Lined(1, 5)])
    assert one["pieces"] <= 6 == one["bound"]


def test_the_least_error_is_that_of_all_cuts() -> None:
    points, target = np.linspace(0, 1, 9), np.array([0.0, 1, 0, 1, 2, 0, 3, 1, 0])

    def cost(part: slice) -> float:
        fitted = np.polyval(np.polyfit(points[part], target[part], 1), points[part]) if len(points[part]) > 1 else target[part]
        return float(np.sum((target[part] - fitted) ** 2))

    cuts = ([0, *middle, 9] for middle in itertools.combinations(range(1, 9), 2))
    brute = min(sum(cost(slice(a, b)) for a, b in itertools.pairwise(one)) for one in cuts)
    assert least_error(points, target, 3) == pytest.approx(math.sqrt(brute / 9), rel=1e-9)


def test_shallow_networks_are_as_wrong_as_they_must_be_and_a_perfect_one_would_be_seen() -> None:
    points, target = grid(5), values(grid(5), 5)
    found = first_teeth(points, target, 5, 15)
    assert wrong_sides(target[::8]) == 0  # the points of the theorem are 8 grid steps apart
    assert fewest_wrong(5, 16) <= wrong_sides(found[::8])
    assert least_error(points, target, 16) <= float(np.sqrt(np.mean((found - target) ** 2)))
    (one,) = compare([Sawtooth(5)])
    assert (one["pieces"], one["units"], one["points"]) == (32, 15, 33)
    study = Approximation("thumbnail")
    trap = study.trap()
    perfect = [{**one, "wrong": -1} if "fewest" in one else one for one in trap.sound]
    above = [{**one, "pieces": 1000} if "bound" in one and "pieces" in one else one for one in trap.sound]
    far = [{**one, "fitted": [9.0] * 10} if "fitted" in one else one for one in trap.sound]
    assert next(f.outcome for f in study.findings(trap.cells, perfect) if f.claim == "no shallow sawtooth") is Verdict.REFUTED
    assert next(f.outcome for f in study.findings(trap.cells, above) if f.claim == "pieces along a line") is Verdict.REFUTED
    assert next(f.outcome for f in study.findings(trap.cells, far) if f.claim == "Barron's bound") is Verdict.UNDECIDED
    flat = [{**one, "sampled": [0.5 - 0.001 * i for i in range(10)]} if "fitted" in one else one for one in trap.sound]
    assert next(f.outcome for f in study.findings(trap.cells, flat) if f.claim == "Barron's rate") is Outcome.NOT_REPRODUCED


@pytest.mark.parametrize("dimension", [1, 3])
def test_barrons_constant_is_the_mean_norm_of_a_normal_vector(dimension: int) -> None:
    with mpmath.workdps(30):
        weight = lambda r: r ** (dimension - 1) * mpmath.exp(-(r**2) / 2)  # noqa: E731
        mean = mpmath.quad(lambda r: r * weight(r), [0, 5, 40]) / mpmath.quad(weight, [0, 5, 40])
    assert constant(dimension) == pytest.approx(float(mean), rel=1e-12)


def test_the_drawn_units_have_the_bump_as_their_mean_and_no_more_than_the_stated_size() -> None:
    # 1 + the mean of m units at a point of the ball: an average of m values of at most 2 C, so that by Hoeffding's inequality it is more
    # than 2 C sqrt(2 ln(2/a)/m) off with probability at most a: with a = 1e-9 and 5 points, a false alarm in at most 5e-9.
    number = 40_000
    points = ball(3, 0)[:5]
    drawn = units(points, number, 0)
    assert np.all(np.abs(drawn) <= 2 * constant(3))
    allowed = 2 * constant(3) * math.sqrt(2 * math.log(2e9) / number)
    assert np.all(np.abs(1 + drawn.mean(axis=1) - bump(points)) <= allowed)
    assert allowed < 0.11
    assert np.all(np.linalg.norm(ball(4, 1), axis=1) <= 1)


def test_the_integral_representation_in_one_dimension() -> None:
    # f(x) - 1 = -E_w (1 - cos(w x)), by quadrature over the normal density.
    def integrand(w: float, x: float) -> float:
        return (1 - math.cos(w * x)) * math.exp(-w * w / 2) / math.sqrt(2 * math.pi)

    for x in (0.3, -1.0):
        mean, _ = integrate.quad(integrand, -12, 12, args=(x,))
        assert 1 - mean == pytest.approx(float(bump(np.array([[x]]))[0]), rel=1e-9)


def test_fitting_again_is_no_worse_than_drawing() -> None:
    (one,) = approximate([Barron(2)])
    assert all(fitted <= sampled * (1 + 1e-9) for fitted, sampled in zip(one["fitted"], one["sampled"], strict=False))
    assert one["bound"][0] == pytest.approx(2 * math.sqrt(math.pi / 2))


def test_the_error_on_the_square_is_the_theorems_and_no_point_has_more() -> None:
    points = np.linspace(0, 1, 4001)
    found, tooth = points.copy(), points.copy()
    for s in range(1, 4):
        tooth = np.where(2 * tooth <= 1, 2 * tooth, 2 - 2 * tooth)
        found -= tooth / 4**s
    assert float(np.abs(found - points**2).max()) <= float(deep_error(3)) == 4.0**-4


@pytest.mark.slow
def test_trained_networks_have_equally_many_parameters_and_do_not_depend_on_company() -> None:
    assert parameters(SHALLOW) == parameters(DEEP)
    cells = [Fitted(DEEP, 30, seed) for seed in (0, 3)]
    together, alone = fit(cells), fit(cells[1:])
    assert together[1]["error"] == pytest.approx(alone[0]["error"], rel=1e-9)
    assert fit([Fitted(DEEP, 300, 0)])[0]["error"] < together[0]["error"]
