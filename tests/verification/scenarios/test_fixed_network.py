"""One linear network fixed in advance: its law and norms against samples listed by hand, and faults in the bounds that it serves."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import get, margin
from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.fixed_network import NETWORKS, ConsistentOrNone, FixedNetwork

DEEP = Fraction(1, 10**6)
SERVED = {
    # vc, by the capacities of one function
    "growth_function": 0.9,
    "sauer": 0.9,
    "vapnik_chervonenkis1971": 0.21,
    "bousquet2004introduction": 0.22,
    "relative_deviation": 0.53,
    "relative_deviation_growth": 0.53,
    # rademacher
    "expected_deviation": 0.9,
    "uniform_deviation": 0.45,
    # margin
    "bartlett1998fat_shattering": 0.62,
    "bartlett2017spectral": 0.15,
    "mohri2018binary": 0.45,
    "mohri2018uniform": 0.87,
    "neyshabur2018pacbayes": 0.76,
    "neyshabur2018pacbayes_grid": 0.76,
    "neyshabur2018perturbed": 0.12,
    "norm_product": 0.31,
    "norm_product_fixed_class": 0.32,
    "spectral": 0.41,
    "spectral_closed": 0.41,
    "spectral_fixed_class": 0.45,
    "spectral_closed_fixed_class": 0.45,
    "spectral_graph": 0.31,
}


@pytest.mark.parametrize("network", NETWORKS)
def test_law_and_measurements_are_those_of_all_samples(network: tuple[float, float, float]) -> None:
    n, p = 3, Fraction(1, 5)
    world = FixedNetwork.world(n, p, network)
    radius, weight = world.common["input_radius"], world.common["spectral_norms"][0]
    law: Counter[Fraction] = Counter()
    for signs, flipped in itertools.product(itertools.product((-1, 1), repeat=n), itertools.product((False, True), repeat=n)):
        inputs = [sign * radius for sign in signs]
        labels = [-sign if flip else sign for sign, flip in zip(signs, flipped, strict=True)]
        margins = [label * weight * x for x, label in zip(inputs, labels, strict=True)]
        errors = sum(m <= 0 for m in margins)
        assert errors == sum(m <= world.common["margin"] for m in margins)  # the margin risk is the empirical risk
        # The Frobenius norm is rounded up, by no more than two units in the last place.
        squared = sum(Fraction(x) ** 2 for x in inputs)
        given = Fraction(world.common["data_norm"])
        assert squared <= given**2 <= squared * Fraction(1 + 2.0**-49)
        law[Fraction(errors, n)] += Fraction(1, 2**n) * math.prod((p if flip else 1 - p for flip in flipped), start=Fraction(1))
    assert dict(zip(world.inputs["margin_risk"], world.probabilities, strict=True)) == law
    assert set(world.truths[RISK]) == {p}
    assert world.common["norm_product"] == weight == np.linalg.norm([[weight]], 2)


def test_noise_of_the_stated_scale_is_small_enough_for_every_network() -> None:
    """``neyshabur2018pacbayes`` says something: its noise moves no output by a quarter of the margin."""
    for network in NETWORKS:
        world = FixedNetwork.world(50, Fraction(1, 20), network)
        inputs = {name: world.exact_input(name, 0) for name in margin.neyshabur2018pacbayes.inputs if name in world.names()}
        assert margin.neyshabur2018pacbayes(**inputs, delta=Fraction(1, 20)).value < 1


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVED)
def test_what_the_scenario_serves(name: str) -> None:
    result = check(name, scenarios=FixedNetwork(), rungs="exact")
    assert not result.refuted
    assert result.resolution >= SERVED[name]


@pytest.mark.parametrize("name", ["realizable", "realizable_growth"])
def test_consistent_or_none(name: str) -> None:
    result = check(name, scenarios=ConsistentOrNone(), rungs="exact")
    assert not result.refuted
    assert result.resolution > 0.3
    assert not check(name, scenarios=FixedNetwork()).judged  # it errs on its sample


def _without_confidence(math: Any, *, margin_risk: Any, **_: Any) -> Mapping[str, Any]:
    return {"margin risk": margin_risk}


def _confidence_of_one_side_halved(
    math: Any, *, empirical_risk: Any, n: Any, log_growth: Any = 0, complexity: Any = 0, delta: Any
) -> Mapping[str, Any]:
    capacity = math.sqrt(2 * log_growth / n) + 2 * complexity
    return {"empirical risk": empirical_risk, "rest": capacity + math.sqrt(math.log_quotient(1, delta) / (8 * n))}


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("norm_product_fixed_class", _without_confidence),
        ("spectral_graph", _without_confidence),
        ("growth_function", _confidence_of_one_side_halved),
        ("expected_deviation", _confidence_of_one_side_halved),
    ],
)
def test_a_fault_is_refuted_where_the_bound_is_not(name: str, formula: Any) -> None:
    bound = get(name)
    assert isinstance(bound, Bound)
    found, world = match(bound, FixedNetwork()), FixedNetwork.world(50, Fraction(1, 2))
    assert not judge(found, world, DEEP).refuted
    assert judge(found, world, DEEP, formula=formula).refuted


def test_a_consistency_bound_without_its_factor_is_refuted() -> None:
    def lost(math: Any, *, n: Any, log_growth_2n: Any, delta: Any) -> Mapping[str, Any]:
        return {"consistent": (log_growth_2n + math.log_quotient(2, delta)) / (4 * n)}

    bound = get("realizable_growth")
    assert isinstance(bound, Bound)
    found, world = match(bound, ConsistentOrNone()), ConsistentOrNone.world(50, Fraction(1, 5))
    assert not judge(found, world, DEEP).refuted
    assert judge(found, world, DEEP, formula=lost).refuted
