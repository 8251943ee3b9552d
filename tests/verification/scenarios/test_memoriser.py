"""Classes that remember: their complexities and laws by enumeration, and faults in the bounds that they serve."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.memoriser import (
    MARGIN,
    Memoriser,
    MemoriserOfFew,
    PartMemoriser,
    PartMemoriserOverSamples,
    ScoresMemoriser,
)
from genbounds.verification.scenarios.scenario import Scenario

MOST = Fraction(9999, 10000)
SERVED = [
    ("growth_function", Memoriser, 0.84),
    ("sauer", Memoriser, 0.84),
    ("vapnik_chervonenkis1971", Memoriser, 0.299),
    ("bousquet2004introduction", Memoriser, 0.299),
    ("shalev_shwartz2014growth", Memoriser, 0.59),
    ("realizable", Memoriser, 0.24),
    ("realizable_growth", Memoriser, 0.24),
    ("uniform_deviation", Memoriser, 0.999),
    ("expected_deviation", Memoriser, 0.999),
    ("mohri2018binary", Memoriser, 0.999),
    ("mohri2018uniform", Memoriser, 0.499),
    ("uniform_deviation", PartMemoriser, 0.98),
    ("mohri2018binary", PartMemoriser, 0.98),
    ("expected_deviation", PartMemoriserOverSamples, 0.999),
    ("sauer", MemoriserOfFew, 0.43),
    ("relative_deviation", MemoriserOfFew, 0.35),
    ("mohri2018multiclass", ScoresMemoriser, 0.499),
]


def complexity_of(vectors: set[tuple[Fraction, ...]], n: int) -> Fraction:
    """(1/n) E sup over the vectors of <signs, vector>, by enumeration."""
    signs = list(itertools.product((-1, 1), repeat=n))
    total = sum(
        (max(sum((s * v for s, v in zip(sign, vector, strict=True)), Fraction(0)) for vector in vectors) for sign in signs), Fraction(0)
    )
    return total / (len(signs) * n)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (3, 3), (4, 2), (5, 3)])
def test_the_complexity_of_sets_is_that_of_all_signs(n: int, k: int) -> None:
    """k of the n examples can be in a set or not; the scores of the others are 1 and their losses 0."""
    scores = {(*map(Fraction, free), *[Fraction(1)] * (n - k)) for free in itertools.product((0, 1), repeat=k)}
    losses = {tuple(1 - score for score in vector) for vector in scores}
    given = PartMemoriser.world(n, Fraction(1, 2)).inputs["complexity"][k]
    assert complexity_of(losses, n) == complexity_of(scores, n) == given
    if n == k:
        assert next(world for world in Memoriser().listed("full") if world.common["n"] == 1).common["complexity"] == given


def test_the_complexity_of_two_scores_is_that_of_all_signs() -> None:
    """On k examples of the part the first score is 0 or 1/2, on the others 1/2; the second is its negative. The mean is over k."""
    for n, part in itertools.product((1, 4), (Fraction(1, 10), Fraction(1))):
        exact = Fraction(0)
        for k in range(n + 1):
            plus = {tuple(Fraction(bit, 2) for bit in (*bits, *(1,) * (n - k))) for bits in itertools.product((0, 1), repeat=k)}
            mean = complexity_of(plus | {tuple(-entry for entry in vector) for vector in plus}, n)
            exact += math.comb(n, k) * part**k * (1 - part) ** (n - k) * mean
        given = ScoresMemoriser.world(n, part).common["complexity"]
        assert exact <= given <= exact * Fraction(3, 2)
    assert Fraction(1, 2) - Fraction(-1, 2) > MARGIN


@pytest.mark.parametrize(("n", "part", "dimension"), [(3, Fraction(1, 5), 1), (4, Fraction(1, 2), 2), (4, Fraction(1), 3)])
def test_the_law_of_few_points_is_that_of_all_samples(n: int, part: Fraction, dimension: int) -> None:
    law: Counter[Fraction] = Counter()
    for inside in itertools.product((False, True), repeat=n):
        remembered, errors = 0, 0
        for point in inside:
            if point and remembered < dimension:
                remembered += 1
            elif point:
                errors += 1
        law[Fraction(errors, n)] += math.prod((part if point else 1 - part for point in inside), start=Fraction(1))
    world = MemoriserOfFew.world(n, part, dimension)
    given: Counter[Fraction] = Counter()
    for risk, mass in zip(world.inputs["empirical_risk"], world.probabilities, strict=True):
        given[risk] += Fraction(mass)
    assert +given == +law
    assert set(world.truths[RISK]) == {part}


@pytest.mark.parametrize(("name", "kind", "least"), SERVED)
def test_what_the_scenarios_serve(name: str, kind: type[Scenario], least: float) -> None:
    result = check(name, scenarios=kind(), rungs="exact")
    assert not result.refuted
    assert result.resolution >= least


def test_some_bounds_are_below_one_where_only_a_part_is_remembered() -> None:
    for name, world in (
        ("uniform_deviation", PartMemoriser.world(10**4, Fraction(1, 2))),
        ("sauer", MemoriserOfFew.world(4000, Fraction(1, 20), 200)),
        ("mohri2018multiclass", ScoresMemoriser.world(10**6, Fraction(1, 10))),
    ):
        bound = get(name)
        assert isinstance(bound, Bound)
        inputs = {entry: world.exact_input(entry, min(100, len(world) - 1)) for entry in bound.inputs if entry in world.names()}
        assert bound(**inputs, delta=Fraction(9, 10)).value < 1


def _growth_halved(math: Any, *, empirical_risk: Any, n: Any, log_growth: Any, **_: Any) -> Mapping[str, Any]:
    return {"empirical risk": empirical_risk, "capacity": math.sqrt(log_growth / n)}


def _one_complexity(math: Any, *, empirical_risk: Any, complexity: Any, **_: Any) -> Mapping[str, Any]:
    return {"empirical risk": empirical_risk, "complexity": complexity}


def _half_the_classes(math: Any, *, margin_risk: Any, complexity: Any, outputs: Any, margin: Any, **_: Any) -> Mapping[str, Any]:
    return {"margin risk": margin_risk, "complexity": 1.9 * outputs * complexity / margin}


@pytest.mark.parametrize(
    ("name", "kind", "formula"),
    [
        ("growth_function", Memoriser, _growth_halved),
        ("uniform_deviation", PartMemoriser, _one_complexity),
        ("expected_deviation", PartMemoriserOverSamples, _one_complexity),
        ("mohri2018multiclass", ScoresMemoriser, _half_the_classes),
    ],
)
def test_a_fault_is_refuted_where_the_bound_is_not(name: str, kind: type[Scenario], formula: Any) -> None:
    bound = get(name)
    assert isinstance(bound, Bound)
    scenario = kind()
    found, world = match(bound, scenario), scenario.listed("thumbnail")[-1]
    assert found.judged
    assert not judge(found, world, MOST).refuted
    assert judge(found, world, MOST, formula=formula).refuted


def test_what_the_book_prints_is_refuted() -> None:
    """(4 + sqrt(ln S(2n)))/(delta sqrt(2 n)) is below the risk 1 of a set that holds its sample."""

    def printed(math: Any, *, empirical_risk: Any, n: Any, vc_dimension: Any, delta: Any) -> Mapping[str, Any]:
        growth = math.log_binomial_sum(2 * n, vc_dimension)
        return {"empirical risk": empirical_risk, "deviation": (4 + math.sqrt(growth)) / (delta * math.sqrt(2 * n))}

    bound = get("vc.shalev_shwartz2014growth")
    assert isinstance(bound, Bound)
    found, world = match(bound, Memoriser()), Memoriser().listed("thumbnail")[-1]
    assert judge(found, world, Fraction(9, 10), formula=printed).refuted
    assert not judge(found, world, Fraction(9, 10)).refuted
