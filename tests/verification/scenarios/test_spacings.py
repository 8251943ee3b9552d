"""The sample maximum and the largest gap: laws against integrals and draws, and planted faults."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from genbounds.bounds.bounds_on import EXPECTED_RISK, RISK
from genbounds.bounds.lookup import get
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.check import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.spacings import LEVELS, LargestGap, SampleMaximum, beyond_gap, beyond_maximum, edges_of


def bound(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_the_law_of_the_largest_gap_is_that_of_draws(n: int) -> None:
    """200 000 draws at four places each: within five standard errors, false alarm 6e-7 each."""
    points = np.sort(np.random.default_rng(n).random((200_000, n)), axis=1)
    gaps = np.diff(points, axis=1, append=points[:, :1] + 1).max(axis=1)
    for x in (Fraction(1, n + 1), Fraction(3, 2 * n + 2), Fraction(1, 2), Fraction(9, 10)):
        seen, exact = float((gaps > float(x)).mean()), float(beyond_gap(n, x))
        assert abs(seen - exact) <= 5 * math.sqrt(max(exact * (1 - exact), 1e-9) / 200_000)


@pytest.mark.parametrize("n", [64, 65])
def test_doubles_agree_with_fractions_where_both_can_be_had(n: int) -> None:
    """65 points are computed in doubles; the sum over Fractions is written out."""
    for x in (Fraction(3, 100), Fraction(7, 100), Fraction(1, 5), Fraction(2, 5)):
        most = min(n, math.ceil(1 / x) - 1)
        exact = sum((-1) ** (k - 1) * math.comb(n, k) * (1 - k * x) ** (n - 1) for k in range(1, most + 1))
        assert float(beyond_gap(n, x)) == pytest.approx(float(exact), rel=1e-9, abs=1e-12)
        assert float(beyond_maximum(n, x)) == pytest.approx(float((1 - x) ** n), rel=1e-12)


def test_edges_lie_just_where_the_levels_are() -> None:
    for survival, n in ((lambda x: beyond_maximum(10, x), 10), (lambda x: beyond_gap(20, x), 20), (lambda x: beyond_gap(10**4, x), 10**4)):
        edges = edges_of(survival, n)
        step = Fraction(1, 10 ** (5 + len(str(n))))
        for level in LEVELS:
            above = [edge for edge in edges if survival(edge) > level]
            assert survival(above[-1]) > level >= survival(above[-1] + 2 * step) * (1 - Fraction(1, 10**6))


def test_the_mean_risk_of_the_sample_maximum_is_exact() -> None:
    for n in (1, 3, 64):
        world = SampleMaximum.world(n)
        assert world.exact
        mean = sum((Fraction(p) * r for p, r in zip(world.probabilities, world.truths[EXPECTED_RISK], strict=True)), Fraction(0))
        assert mean == Fraction(1, n + 1)
        for (low, high), r in zip(pairwise([*world.truths[RISK], Fraction(1)]), world.truths[EXPECTED_RISK], strict=True):
            assert low <= r <= high
    world = SampleMaximum.world(1000)
    assert float(world.weights() @ world.truth(EXPECTED_RISK)) == pytest.approx(1 / 1001, rel=1e-9)


def test_a_half_plane_that_leaves_out_the_largest_gap_is_consistent_and_errs_on_just_that() -> None:
    """By a linear program's answer in closed form: the chord between two neighbours, on 20 points of the circle."""
    angles = np.sort(np.random.default_rng(4).random(20))
    gaps = np.diff(angles, append=angles[0] + 1)
    widest = int(gaps.argmax())
    middle, half = angles[widest] + gaps[widest] / 2, gaps[widest] / 2

    def says_one(points: np.ndarray) -> np.ndarray:
        return np.cos(2 * np.pi * (points - middle)) <= math.cos(2 * math.pi * half) + 1e-12

    assert says_one(angles).all()
    fine = (np.arange(10**6) + 0.5) / 10**6
    assert float((~says_one(fine)).mean()) == pytest.approx(float(gaps[widest]), abs=1e-5)


def test_the_bounds_that_they_serve_are_judged() -> None:
    for name, served in (
        ("sample maximum", ("vc.realizable", "vc.realizable_growth", "growth_function", "vapnik1998support_vectors")),
        ("half-planes around a circle", ("vc.realizable", "vc.realizable_growth", "relative_deviation_growth")),
    ):
        for one in served:
            result = check(one, scenarios=name, rungs="exact")
            assert not result.refuted, result.sentence()
            assert result.resolution > 0.1, (name, one)


def test_the_number_of_support_vectors_of_the_sample_maximum_is_exactly_enough() -> None:
    """E[risk] = 1/(n + 1) is the bound; with n + 2 for n + 1 it is refuted."""
    one = bound("vapnik1998support_vectors")
    found = match(one, scenario("sample maximum"))
    world = SampleMaximum.world(10)
    assert not judge(found, world, None).refuted

    def broken(_: Any, *, expected_support_vectors: Any, n: Any) -> dict[str, Any]:
        return {"rate": expected_support_vectors / (n + 2)}

    assert judge(found, world, None, formula=broken).refuted


def test_ten_examples_for_each_are_refuted_by_the_largest_gap() -> None:
    one = bound("vc.realizable_growth")
    found, world = match(one, scenario("half-planes around a circle")), LargestGap.world(20)

    def broken(math_: Any, **inputs: Any) -> dict[str, Any]:
        return dict(one.forms[one.declaration.form].formula(math_, **inputs | {"n": 10 * inputs["n"]}))

    for delta in (Fraction(1, 2), Fraction(1, 20)):
        assert not judge(found, world, delta).refuted
        assert judge(found, world, delta, formula=broken).refuted
