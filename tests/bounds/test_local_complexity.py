"""Steps of the bound by the local Rademacher complexity, by brute force where that is cheap, and what the suite notices of it."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import rademacher
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario
from genbounds.verification.small_worlds.local_averages import fixed_point, local_complexity

DELTA = Fraction(1, 20)
LOSSES, POINTS = np.array([[0.0, 1.0, 1.0], [1.0, 0.25, 0.0], [1.0, 1.0, 1.0]]), np.array([1 / 2, 1 / 3, 1 / 6])


def deviation(r: float, fixed: float, x: float) -> float:
    """V(r), x = ln(1/delta)/n."""
    mean = math.sqrt(r * fixed)
    return 2 * mean + math.sqrt(2 * x * (r + 4 * mean)) + x / 3


@pytest.mark.parametrize(("fixed", "n"), list(itertools.product((0.0, 1e-9, 1e-4, 0.1, 3.0), (1, 100, 10**6))))
def test_the_radius_is_one_at_which_the_deviation_is_no_larger_and_not_far_from_the_least(fixed: float, n: int) -> None:
    x = -math.log(float(DELTA)) / n
    radius = rademacher.bartlett2005local(empirical_risk=0, local_fixed_point=fixed, n=n, delta=DELTA).value
    assert deviation(radius, fixed, x) <= radius
    assert radius >= 4 * fixed
    low, high = max(4 * fixed, x / 3), radius
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if deviation(middle, fixed, x) > middle else (low, middle)
    assert radius <= 1.15 * high


def test_the_statement_solves_the_inequality_for_the_risk() -> None:
    """The largest p with p <= q + max(r, sqrt(r p)) is the bound, on a grid of radii and risks."""
    for r, q in itertools.product((1e-4, 0.01, 0.5), (0.0, 1e-3, 0.1, 1.0)):
        bound = q + r / 2 + math.sqrt(r * q + r * r / 4)
        p = np.linspace(0, 4, 400_001)
        allowed = p[p <= q + np.maximum(r, np.sqrt(r * p))]
        assert allowed.max() <= bound + 1e-12
        assert allowed.max() >= bound - 1e-4


@pytest.mark.parametrize("n", [1, 3])
def test_a_local_complexity_grows_no_faster_than_a_root(n: int) -> None:
    radii = np.geomspace(1e-3, 2, 12)
    ratios = [local_complexity(LOSSES, POINTS, n, float(r)) / math.sqrt(r) for r in radii]
    assert np.all(np.diff(ratios) <= 1e-12)
    assert ratios[0] > ratios[-1]
    found = fixed_point(LOSSES, POINTS, n)
    assert local_complexity(LOSSES, POINTS, n, found) == pytest.approx(found)


def test_local_averages_by_a_second_enumeration() -> None:
    """All samples of two and all signs in plain Python, with the multiples on a grid of shares."""
    r, total = 0.2, 0.0
    for sample in itertools.product(range(3), repeat=2):
        for signs in itertools.product((1, -1), repeat=2):
            best = 0.0
            for loss in LOSSES:
                square = float(np.sum(POINTS * loss**2))
                for share in np.linspace(0, 1, 301):
                    if share**2 * square <= r:
                        best = max(best, share * sum(s * loss[z] for s, z in zip(signs, sample, strict=True)) / 2)
            total += best * math.prod(POINTS[z] for z in sample) / 4
    assert local_complexity(LOSSES, POINTS, 2, r) == pytest.approx(total, abs=3e-3)


def planted(math: Any, *, empirical_risk: Any, local_fixed_point: Any, n: Any, delta: Any) -> Any:
    """The complexity forgotten: Bernstein's inequality for one hypothesis."""
    cost = math.log_quotient(1, delta)
    return {"empirical risk": empirical_risk, "deviation": math.sqrt(2 * empirical_risk * cost / n) + 3 * cost / n}


def test_a_forgotten_complexity_is_noticed() -> None:
    bound, place = rademacher.bartlett2005local, scenario("best of a class")
    found = match(bound, place)
    assert found.judged
    assert [feed.formula.name for feed in found.feeds] == ["rademacher.local_finite_class"]
    worlds = place.listed("thumbnail")
    assert not any(judge(found, world, DELTA).refuted for world in worlds)
    assert any(judge(found, world, DELTA, formula=planted).refuted for world in worlds)
    assert max(judge(found, world, DELTA).resolution for world in worlds) > 0.25


def test_it_is_tighter_than_the_global_bound_where_the_risk_is_small() -> None:
    """1000 hypotheses, n = 10 000, no error seen."""
    fixed = rademacher.local_finite_class(class_size=1000, n=10**4)
    local = rademacher.bartlett2005local(empirical_risk=0, local_fixed_point=fixed, n=10**4, delta=DELTA).value
    everywhere = rademacher.massart(log_cardinality=math.log(1000), radius=50, n=10**4)  # losses shifted by 1/2
    assert local < 0.016 < 0.03 < rademacher.expected_deviation(empirical_risk=0, complexity=float(everywhere), n=10**4, delta=DELTA).value
