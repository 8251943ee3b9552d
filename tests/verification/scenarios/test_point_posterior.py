"""Posteriors over coins, against all samples and draws listed by hand."""

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
from genbounds.verification.scenarios.point_posterior import DrawnVoter, PointPosterior


def test_draws_are_those_of_all_samples() -> None:
    n, risks, base = 2, (Fraction(1, 10), Fraction(9, 10)), Fraction(2)
    world = DrawnVoter.world(n, risks, base)
    by_hand: dict[tuple[Fraction, float, Fraction], Fraction] = {}
    for table in itertools.product(itertools.product((0, 1), repeat=n), repeat=2):
        probability = math.prod(risk if error else 1 - risk for risk, errors in zip(risks, table, strict=True) for error in errors)
        counts = [sum(errors) for errors in table]
        weights = [base**-count for count in counts]
        for drawn in (0, 1):
            chance = weights[drawn] / sum(weights)
            key = (Fraction(counts[drawn], n), round(math.log(chance / Fraction(1, 2)), 12), risks[drawn])
            by_hand[key] = by_hand.get(key, Fraction(0)) + probability * chance
    law: dict[tuple[Fraction, float, Fraction], Fraction] = {}
    rows = zip(world.inputs["empirical_risk"], world.inputs["log_ratio"], world.truths[RISK], world.probabilities, strict=True)
    for shown, ratio, risk, mass in rows:
        law[shown, round(ratio, 12), risk] = law.get((shown, round(ratio, 12), risk), Fraction(0)) + Fraction(mass)
    assert law == by_hand


def test_the_fewest_errors_of_few_coins_are_those_of_all_tables() -> None:
    world = PointPosterior.world(3, 2, Fraction(1, 2), Fraction(1), Fraction(1))
    tables = list(itertools.product(itertools.product((0, 1), repeat=3), repeat=2))
    for shown, mass in zip(world.inputs["empirical_risk"][:-1], world.probabilities[:-1], strict=True):
        assert float(mass) == pytest.approx(sum(Fraction(min(map(sum, table)), 3) == shown for table in tables) / len(tables), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reached"), [("mcallester", 0.94), ("thiemann", 0.9), ("quadratic", 0.9), ("tolstikhin_seldin", 0.85), ("disintegrated", 0.95)]
)
def test_these_are_judged(name: str, reached: float) -> None:
    found = check(name, scenarios=[PointPosterior(), DrawnVoter()], rungs="exact")
    assert not found.refuted
    assert found.resolution > reached


@pytest.mark.parametrize("part", [0.8, 1.0])
def test_a_divergence_a_fifth_too_small_is_refuted(part: float) -> None:
    bound = get("disintegrated")
    assert isinstance(bound, Bound)

    def smaller(math: Any, **inputs: Any) -> Mapping[str, Any]:
        return bound.forms[bound.declaration.form].formula(math, **inputs | {"log_ratio": part * inputs["log_ratio"]})

    world = next(iter(PointPosterior().listed("thumbnail")))
    assert judge(match(bound, PointPosterior()), world, Fraction(1, 10**6), smaller).refuted == (part < 1)
