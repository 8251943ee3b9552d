"""The hard-margin machines, against a quadratic program solved by an optimiser, and with faults that must be seen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.hard_margin import POPULATIONS, HardMargin, machine, support_vectors
from genbounds.verification.scenarios.perceptron_run import basis


def by_optimiser(examples: Any) -> np.ndarray:
    """The least norm under the constraints, by non-negative least squares on the dual (the multipliers a >= 0, w = Z^T a)."""
    z = np.array(examples, dtype=float)
    # min ||w||^2 s.t. Z w >= 1 is the projection that Lawson and Hanson solve as nnls([Z^T; 1^T], (0, 1)).
    stacked = np.vstack([z.T, np.ones(len(z))])
    target = np.append(np.zeros(z.shape[1]), 1.0)
    residual = stacked @ optimize.nnls(stacked, target)[0] - target
    return -residual[:-1] / residual[-1]


@pytest.mark.parametrize("population", POPULATIONS, ids=lambda population: population.name)
def test_machines_are_those_of_an_optimiser(population: Any) -> None:
    for examples in itertools.product(population.points, repeat=3):
        assert np.array(machine(examples), dtype=float) == pytest.approx(by_optimiser(examples), abs=1e-9)


@pytest.mark.parametrize("population", POPULATIONS, ids=lambda population: population.name)
def test_risk_and_support_vectors_are_those_of_all_samples_listed_by_hand(population: Any) -> None:
    n, points = 2, population.points
    world = HardMargin.world(population, n)
    risks = []
    for sample in itertools.product(points, repeat=n):
        w = by_optimiser(sample)
        risks.append(np.mean([np.dot(w, z) <= 1e-9 for z in points]))
    assert [float(entry) for entry in world.truths[EXPECTED_RISK]] == pytest.approx(risks)
    counts = []
    for sample in itertools.product(points, repeat=n + 1):
        w, left = by_optimiser(sample), (sample[:i] + sample[i + 1 :] for i in range(n + 1))
        counts.append(sum(not np.allclose(by_optimiser(rest), w) for rest in left))
    assert float(world.common["expected_support_vectors"]) == pytest.approx(np.mean(counts))


def test_a_sample_that_nothing_separates_is_refused() -> None:
    with pytest.raises(ValueError, match="separable"):
        machine([(1, 0), (-1, 0)])
    assert support_vectors([(1, 1)]) == 1


@pytest.mark.parametrize("name", ["vapnik1998margin", "vapnik1998support_vectors"])
def test_the_bounds_are_judged_and_hold(name: str) -> None:
    found = check(name, scenarios=HardMargin(), rungs="exact")
    assert found.judged
    assert not found.refuted, found.sentence()
    assert found.resolution >= 0.5


def test_support_vectors_over_twice_as_many_examples_are_refuted_in_a_world_that_is_not_vacuous() -> None:
    bound = get("vapnik1998support_vectors")
    assert isinstance(bound, Bound)
    found, world = match(bound, HardMargin()), HardMargin.world(basis(2), 2)
    assert judge(found, world, None).resolution == pytest.approx(1)
    assert judge(found, world, None).value == pytest.approx(1 / 4)

    def over_more(math: Any, *, expected_support_vectors: Any, n: Any) -> Mapping[str, Any]:
        return {"risk": expected_support_vectors / (n + 2)}

    assert judge(found, world, None, over_more).refuted


def test_a_margin_that_is_not_squared_is_refuted() -> None:
    bound = get("vapnik1998margin")
    assert isinstance(bound, Bound)
    found, world = match(bound, HardMargin()), HardMargin.world(basis(2), 1)
    assert world.truths[EXPECTED_RISK] == [Fraction(1, 2)] * 2

    def fourth_root(math: Any, *, radius: Any, margin: Any, n: Any) -> Mapping[str, Any]:
        return {"risk": math.floor(math.sqrt(radius / margin)) / (n + 2)}

    assert judge(found, world, None, fourth_root).refuted
