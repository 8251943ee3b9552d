"""Losses of several values, against all samples listed by hand."""

from __future__ import annotations

import itertools
import math
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
from genbounds.verification.scenarios.scenario import World
from genbounds.verification.scenarios.valued_losses import RARE_AND_LARGE, SPREAD, ValuedLosses


def law_by_hand(values: list[tuple[Fraction, Fraction]], n: int) -> dict[tuple[Fraction, Fraction], Fraction]:
    """The law of (mean, unbiased variance) over all sequences of n losses."""
    law: dict[tuple[Fraction, Fraction], Fraction] = {}
    for sample in itertools.product(values, repeat=n):
        losses = [value for value, _ in sample]
        mean = sum(losses) / Fraction(n)
        variance = sum((loss - mean) ** 2 for loss in losses) / Fraction(max(n - 1, 1))
        law[mean, variance] = law.get((mean, variance), Fraction(0)) + math.prod(mass for _, mass in sample)
    return law


def law_of(world: World) -> dict[tuple[Fraction, Fraction], Fraction]:
    law: dict[tuple[Fraction, Fraction], Fraction] = {}
    for mean, variance, mass in zip(world.inputs["empirical_risk"], world.inputs["variance"], world.probabilities, strict=True):
        law[mean, variance] = law.get((mean, variance), Fraction(0)) + Fraction(mass)
    return law


@pytest.mark.parametrize("values", [RARE_AND_LARGE, SPREAD])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_means_and_variances_are_those_of_all_samples(values: list[tuple[Fraction, Fraction]], n: int) -> None:
    world = ValuedLosses.world(n, values)
    assert law_of(world) == law_by_hand(values, n)
    risk = sum(value * mass for value, mass in values)
    assert set(world.truths[RISK]) == {risk}
    assert world.common["variance_bound"] == sum((value - risk) ** 2 * mass for value, mass in values)


def test_pairs_are_those_of_all_samples() -> None:
    low, high, p = Fraction(1, 100), Fraction(9, 10), Fraction(1, 5)
    assert law_of(ValuedLosses.pair(5, low, high, p)) == law_by_hand([(low, 1 - p), (high, p)], 5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hoeffding", "chernoff_kl", "bernstein", "empirical_bernstein", "bennett"])
def test_these_are_judged(name: str) -> None:
    found = check(name, scenarios=ValuedLosses(), rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.8


def test_a_bound_for_losses_of_0_and_1_only_is_not_judged() -> None:
    assert not check("clopper_pearson", scenarios=ValuedLosses()).judged


@pytest.mark.slow
def test_a_variance_divided_by_n_is_refuted() -> None:
    """The fault is in what is passed, ddof=0; of two losses the variance is then half."""
    bound = get("empirical_bernstein")
    assert isinstance(bound, Bound)

    def halved(math: Any, **inputs: Any) -> Mapping[str, Any]:
        terms = bound.forms[bound.declaration.form].formula(math, **inputs | {"variance": inputs["variance"] / 2})
        return {name: term for name, term in terms.items() if name != "estimated variance"}

    world = ValuedLosses.pair(10**6, Fraction(0), Fraction(99, 100), Fraction(1, 2))
    assert judge(match(bound, ValuedLosses()), world, Fraction(1, 10**6), formula=halved).refuted
    assert not judge(match(bound, ValuedLosses()), world, Fraction(1, 10**6)).refuted
