"""The best of K scores: its law and capacities against tables listed by hand, and faults in the bounds that it serves."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.rademacher import massart
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.best_of_scores import BestOfScores


def test_law_and_complexity_are_those_of_all_tables() -> None:
    """Each of K rows of right and wrong is a function on the n examples; no table has a larger complexity than Massart's lemma gives."""
    n, size, p = 3, 2, Fraction(1, 5)
    world = BestOfScores.world(n, size, p)
    given = massart(**{name: world.common[name] for name in ("log_cardinality", "radius", "n")}).value
    law: Counter[Fraction] = Counter()
    for table in itertools.product(itertools.product((0, 1), repeat=n), repeat=size):
        errors = [sum(row) for row in table]
        law[Fraction(min(errors), n)] += math.prod((p if wrong else 1 - p for row in table for wrong in row), start=Fraction(1))
        signs = list(itertools.product((-1, 1), repeat=n))
        mean = sum(max(sum(s * (1 - wrong) for s, wrong in zip(sign, row, strict=True)) for row in table) for sign in signs) / len(signs)
        assert mean / n <= given
        assert len(set(table)) <= math.exp(world.common["log_growth"]) * (1 + 1e-12)
    assert dict(zip(world.inputs["margin_risk"], world.probabilities, strict=True)) == law
    # A class of VC dimension d has 2^d functions at least.
    assert 2 ** world.common["vc_dimension"] <= size
    assert world.common["kl"] >= math.log(size)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("neyshabur2018perturbed", 0.149),
        ("growth_function", 0.63),
        ("relative_deviation_growth", 0.32),
        ("sauer", 0.44),
        ("uniform_deviation", 0.42),
        ("mohri2018binary", 0.42),
        ("bartlett1998fat_shattering", 0.13),
    ],
)
def test_what_the_scenario_serves(name: str, least: float) -> None:
    result = check(name, scenarios=BestOfScores(), rungs="exact")
    assert not result.refuted
    assert result.resolution >= least


def _union_forgotten(math: Any, *, empirical_risk: Any, n: Any, delta: Any, **_: Any) -> Mapping[str, Any]:
    return {"empirical risk": empirical_risk, "confidence": math.sqrt(math.log_quotient(1, delta) / (2 * n))}


def _complexity_of_a_quarter(math: Any, *, margin_risk: Any, complexity: Any, margin: Any, **_: Any) -> Mapping[str, Any]:
    return {"margin risk": margin_risk, "complexity": complexity / (2 * margin)}


def _divergence_without_its_factor(math: Any, *, margin_risk: Any, kl: Any, n: Any, **_: Any) -> Mapping[str, Any]:
    return {"margin risk": margin_risk, "deviation": math.sqrt(kl / (4 * n))}


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("growth_function", _union_forgotten),
        ("mohri2018binary", _complexity_of_a_quarter),
        ("neyshabur2018perturbed", _divergence_without_its_factor),
    ],
)
def test_a_fault_is_refuted_where_the_bound_is_not(name: str, formula: Any) -> None:
    bound = get(name)
    assert isinstance(bound, Bound)
    found, world = match(bound, BestOfScores()), BestOfScores.world(200, 2**30, Fraction(1, 2))
    assert found.judged
    assert not judge(found, world, Fraction(1, 2)).refuted
    assert judge(found, world, Fraction(1, 2), formula=formula).refuted
