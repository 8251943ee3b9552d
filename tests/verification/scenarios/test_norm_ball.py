"""Balls of functions: the best fit against a search of the ball, complexities by enumeration, and faults in the bounds that they serve."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import get, rademacher
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.norm_ball import (
    LinearBall,
    LinearBallOverSamples,
    OddBall,
    OddSparseBall,
    ReluBall,
    ReluFrobeniusBall,
    ReluRowsBall,
    ReluSparseBall,
    SparseBall,
    law_of_samples,
)

CAPACITIES: list[tuple[type[LinearBall], str]] = [
    (LinearBall, "linear_l2"),
    (SparseBall, "linear_l1"),
    (ReluBall, "two_layer"),
    (ReluFrobeniusBall, "golowich2018frobenius"),
    (ReluFrobeniusBall, "neyshabur2015"),
    (ReluSparseBall, "two_layer_l1"),
    (ReluRowsBall, "golowich2018rows"),
    (OddBall, "two_layer_odd"),
    (OddSparseBall, "two_layer_l1_odd"),
]


def test_the_law_is_that_of_all_sequences() -> None:
    dimension, n = 2, 3
    law: Counter[Any] = Counter()
    for drawn, labels in itertools.product(itertools.product(range(dimension), repeat=n), itertools.product((-1, 1), repeat=n)):
        parts = [[y for j, y in zip(drawn, labels, strict=True) if j == vector] for vector in range(dimension)]
        law[tuple(sorted((len(part), sum(part)) for part in parts))] += Fraction(1, (2 * dimension) ** n)
    assert law_of_samples(dimension, n) == dict(law)


def _unit_vectors(norm: float, count: int = 4000) -> np.ndarray:
    """Points of the plane on the unit sphere of an lp norm."""
    angles = np.linspace(0, 2 * np.pi, count + 1)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return vectors / np.linalg.norm(vectors, ord=norm, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("kind", "norm", "activation"),
    [
        (LinearBall, 2, lambda z: z),
        (SparseBall, 1, lambda z: z),
        (ReluBall, 2, lambda z: np.maximum(z, 0)),
        (ReluSparseBall, 1, lambda z: np.maximum(z, 0)),
    ],
)
def test_the_best_fit_is_that_of_a_search(kind: type[LinearBall], norm: float, activation: Any) -> None:
    """One hidden unit at a time, over the sphere of the rows in the plane; a convex combination of units does no better."""
    rows = _unit_vectors(norm) / 2
    for sums in ((3, 1), (-2, 1), (0, 0), (-1, -3), (2, -2)):
        searched = np.max(np.abs(activation(rows) @ np.array(sums, dtype=float)))
        assert kind.fit(sums) == pytest.approx(searched, abs=2e-6 * max(map(abs, sums)) + 1e-12)


@pytest.mark.parametrize(("kind", "name"), CAPACITIES)
def test_capacities_are_at_least_the_complexity_by_enumeration(kind: type[LinearBall], name: str) -> None:
    """Labels are signs, so the complexity on inputs drawn m_1, m_2 times is the mean fit over all signs of them."""
    capacity = getattr(rademacher, name)
    closest = 0.0
    for n in (1, 4, 7):
        for first in range(n + 1):
            counts = (first, n - first)
            signs = itertools.product((-1, 1), repeat=n)
            exact = sum(kind.fit((sum(s[:first]), sum(s[first:]))) for s in signs) / 2**n / n
            given = dict(kind.described) | {"n": n, "inputs": 2}
            given["data_norm"] = math.sqrt(max(counts) if kind.columns else n)
            value = capacity(**{key: given[key] for key in capacity.inputs}).value
            assert exact <= value * (1 + 1e-12)
            closest = max(closest, exact / value)
    assert closest > 0.32  # the factor 2 of two layers and the union over columns are what is lost


@pytest.mark.parametrize(("kind", "name"), CAPACITIES)
def test_the_scenario_is_judged_through_the_capacity(kind: type[LinearBall], name: str) -> None:
    result = check("uniform_deviation", scenarios=kind(), rungs="exact")
    assert not result.refuted
    assert result.resolution > 0.3
    if name != "neyshabur2015":  # which takes what golowich2018frobenius takes
        assert [feed.formula.name for feed in result.judged[0].match.feeds] == [f"rademacher.{name}"]


def test_the_mean_complexity_is_that_of_all_samples() -> None:
    world, n = LinearBallOverSamples.world(2, 3), 3
    total = 0.0
    for drawn, labels in itertools.product(itertools.product(range(2), repeat=n), itertools.product((-1, 1), repeat=n)):
        sums = [sum(y for j, y in zip(drawn, labels, strict=True) if j == vector) for vector in range(2)]
        total += math.hypot(*sums) / 2 / n / 4**n
    assert total <= world.common["complexity"] <= total * (1 + 1e-11)
    assert check("expected_deviation", scenarios=LinearBallOverSamples(), rungs="exact").resolution > 0.69
    assert not check("uniform_deviation", scenarios=LinearBallOverSamples(), rungs="exact").judged


def _a_quarter(math: Any, *, empirical_risk: Any, complexity: Any, n: Any, delta: Any) -> Mapping[str, Any]:
    confidence = math.sqrt(math.log_quotient(1, delta) / (2 * n))
    return {"empirical risk": empirical_risk, "rest": (complexity + confidence) / 4}


@pytest.mark.parametrize(("name", "kind"), [("uniform_deviation", LinearBall), ("expected_deviation", LinearBallOverSamples)])
def test_a_fault_is_refuted_where_the_bound_is_not(name: str, kind: type[LinearBall]) -> None:
    bound = get(name)
    assert isinstance(bound, Bound)
    found, world = match(bound, kind()), kind.world(1, 40)
    assert not judge(found, world, Fraction(1, 20)).refuted
    assert judge(found, world, Fraction(1, 20), formula=_a_quarter).refuted
