"""Signs on a line: the law and the capacities of small networks against enumeration, and faults in the bounds that they serve."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import get, vc
from genbounds.bounds.theorem import Bound, Capacity
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.signs_on_a_line import (
    Constants,
    CountedThresholdNetworkOnALine,
    HalfPlanesOnACircle,
    HalfSpacesOnALine,
    LogisticNetworkOnALine,
    ReluNetworkOnALine,
    ReluUnitOnALine,
    SignsOnALine,
    SquareByLayersOnALine,
    SquareOnALine,
    ThresholdNetworkOnALine,
    law_of_the_fewest_errors,
)

KINDS = [
    Constants,
    HalfSpacesOnALine,
    ReluUnitOnALine,
    ReluNetworkOnALine,
    ThresholdNetworkOnALine,
    CountedThresholdNetworkOnALine,
    LogisticNetworkOnALine,
    SquareOnALine,
    SquareByLayersOnALine,
]


def patterns(n: int, changes: int) -> set[tuple[bool, ...]]:
    """All sequences of n signs with at most so many changes."""
    return {s for s in itertools.product((False, True), repeat=n) if sum(a != b for a, b in itertools.pairwise(s)) <= changes}


@pytest.mark.parametrize(("n", "changes"), [(1, 0), (4, 0), (5, 1), (6, 2), (7, 3)])
def test_the_law_is_that_of_all_labels(n: int, changes: int) -> None:
    law: Counter[int] = Counter()
    for labels in itertools.product((False, True), repeat=n):
        law[min(sum(a != b for a, b in zip(labels, sign, strict=True)) for sign in patterns(n, changes))] += 1
    assert law_of_the_fewest_errors(n, changes) == {errors: Fraction(ways, 2**n) for errors, ways in law.items()}


def _relu(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    hidden = np.maximum(0, w[:, 0:2, None] * x + w[:, 2:4, None])
    return np.einsum("ij,ijk->ik", w[:, 4:6], hidden) + w[:, 6:7]


def _thresholds(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    hidden = (w[:, 0:2, None] * x + w[:, 2:4, None] >= 0).astype(float)
    return np.einsum("ij,ijk->ik", w[:, 4:6], hidden) + w[:, 6:7]


def _logistic(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    hidden = (1 + np.tanh(20 * (w[:, 0:2, None] * x + w[:, 2:4, None]))) / 2
    return np.einsum("ij,ijk->ik", w[:, 4:6], hidden) + w[:, 6:7]


def _square(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return w[:, 4:5] * (w[:, 0:1] * x + w[:, 2:3]) ** 2 + w[:, 6:7]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "kind"),
    [
        (_relu, ReluNetworkOnALine),
        (_thresholds, ThresholdNetworkOnALine),
        (_logistic, LogisticNetworkOnALine),
        (_square, SquareOnALine),
    ],
)
def test_networks_have_all_sign_patterns_with_two_changes(network: Callable[..., np.ndarray], kind: type[SignsOnALine]) -> None:
    """Networks of random weights reach all of them on six points; those of no curvature of their own reach no other."""
    n, random = 6, np.random.default_rng(3)
    x = np.linspace(-1, 1, n)
    found: set[tuple[bool, ...]] = set()
    for _ in range(20):
        scale = np.exp(random.normal(size=(20_000, 7)))
        weights = random.normal(size=(20_000, 7)) * scale
        found |= set(map(tuple, np.unique(network(x, weights) >= 0, axis=0).tolist()))
    assert found >= patterns(n, kind.changes)
    if kind is not LogisticNetworkOnALine:
        assert found == patterns(n, kind.changes)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_capacities_are_at_least_what_is_counted(kind: type[SignsOnALine]) -> None:
    """The number of sign patterns, and the largest set of points on which all are reached, are at most what the catalogue says."""
    seen = 0
    for name in dir(vc):
        formula = getattr(vc, name)
        if not isinstance(formula, Capacity) or not {"vc_dimension", "log_growth"} >= {formula.declaration.gives}:
            continue
        if not set(formula.inputs) - set(formula.defaults) <= {"n", *kind.described} or not set(kind.described) <= set(formula.inputs):
            continue
        if any(kind.audit.get(assumption, ("violated",))[0] == "violated" for assumption in formula.assumes):
            continue
        for n in (1, 2, 3, 5, 9, 14):
            given = dict(kind.described) | ({"n": n} if "n" in formula.inputs else {})
            bound = float(formula(**given))
            counted = len(patterns(n, kind.changes))
            if formula.declaration.gives == "log_growth":
                assert math.log(counted) <= bound + 1e-12
            elif counted == 2**n:
                assert bound >= n
            seen += 1
    assert seen


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_class_is_judged(kind: type[SignsOnALine]) -> None:
    judged = [name for name in ("growth_function", "sauer") if check(name, scenarios=kind(), rungs="exact").judged]
    assert judged
    for name in judged:
        result = check(name, scenarios=kind(), rungs="exact")
        assert not result.refuted
        assert result.resolution >= (0.4 if kind.changes <= 1 and kind is not ReluUnitOnALine else 0.3)


def _capacity_of_a_tenth(math: Any, *, empirical_risk: Any, n: Any, log_growth: Any, delta: Any) -> Mapping[str, Any]:
    return {
        "empirical risk": empirical_risk,
        "capacity": math.sqrt(2 * log_growth / n) / 10,
        "confidence": math.sqrt(math.log_quotient(1, delta) / (2 * n)) / 10,
    }


def _dimension_forgotten(math: Any, *, empirical_risk: Any, n: Any, delta: Any, **_: Any) -> Mapping[str, Any]:
    return {"empirical risk": empirical_risk, "confidence": math.sqrt(math.log_quotient(1, delta) / (2 * n))}


@pytest.mark.parametrize(
    ("name", "formula"),
    [("growth_function", _capacity_of_a_tenth), ("growth_function", _dimension_forgotten), ("sauer", _dimension_forgotten)],
)
def test_a_fault_is_refuted_where_the_bound_is_not(name: str, formula: Any) -> None:
    bound = get(name)
    assert isinstance(bound, Bound)
    found, world = match(bound, HalfSpacesOnALine()), HalfSpacesOnALine.world(24)
    assert found.judged
    assert not judge(found, world, Fraction(1, 20)).refuted
    assert judge(found, world, Fraction(1, 20), formula=formula).refuted


@pytest.mark.slow
def test_half_planes_on_a_circle_are_the_patterns_of_two_changes() -> None:
    """All half-planes over seven points of a circle, by turning a line through pairs of points: the signs with at most two changes."""
    n = 7
    angles = np.sort(np.random.default_rng(2).random(n)) * 2 * np.pi
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    reached = set()
    for direction in np.linspace(0, 2 * np.pi, 20_000, endpoint=False):
        heights = points @ np.array([np.cos(direction), np.sin(direction)])
        for cut in (*(np.sort(heights) - 1e-12), 2.0):
            reached.add(tuple((heights >= cut).tolist()))
    patterns = {p for p in itertools.product((False, True), repeat=n) if sum(a != b for a, b in itertools.pairwise(p)) <= 2}
    assert reached == patterns
    world = HalfPlanesOnACircle.world(n)
    every = list(itertools.product((False, True), repeat=n))
    fewest = Counter(min(sum(a != b for a, b in zip(p, labels, strict=True)) for p in patterns) for labels in every)
    law = {Fraction(shown): p for shown, p in zip(world.inputs["empirical_risk"], world.probabilities, strict=True)}
    assert law == {Fraction(errors, n): Fraction(ways, 2**n) for errors, ways in fewest.items()}
    assert match(get("growth_function"), scenario("half-planes on a circle")).judged  # type: ignore[arg-type]
