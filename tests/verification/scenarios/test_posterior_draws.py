"""Draws from a posterior, against every sequence of draws listed by hand."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.posterior_draws import PosteriorDraws


def test_draws_are_those_of_all_sequences() -> None:
    m, risks, q = 3, (Fraction(1, 5), Fraction(4, 5)), Fraction(1, 10)
    world = PosteriorDraws.world(m, *risks, q)
    by_hand: dict[tuple[Fraction, int], Fraction] = {}
    for draws in itertools.product(itertools.product((0, 1), repeat=2), repeat=m):  # which voter, and whether it errs on its example
        probability = Fraction(1)
        for voter, error in draws:
            probability *= (q if voter else 1 - q) * (risks[voter] if error else 1 - risks[voter])
        key = (sum(risks[voter] for voter, _ in draws) / m, sum(error for _, error in draws))
        by_hand[key] = by_hand.get(key, Fraction(0)) + probability
    assert dict(zip(zip(world.inputs["sampled_risk"], world.inputs["errors"], strict=True), world.probabilities, strict=True)) == by_hand
    assert set(world.truths[EMPIRICAL_GIBBS_RISK]) == {risks[0] * (1 - q) + risks[1] * q}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "reached"), [("monte_carlo_risk", 0.999), ("monte_carlo_errors", 0.999)])
def test_these_are_judged(name: str, reached: float) -> None:
    found = check(name, scenarios=PosteriorDraws(), rungs="exact")
    assert not found.refuted
    assert found.resolution > reached


def test_twice_as_many_draws_than_there_were_are_refuted() -> None:
    bound = get("monte_carlo_errors")
    assert isinstance(bound, Bound)

    def doubled(math: Any, *, errors: Any, pairs: Any, delta: Any) -> Mapping[str, Any]:
        return {"inversion": math.binomial_tail_inverse(2 * errors, 2 * pairs, delta)}

    found, world = match(bound, PosteriorDraws()), PosteriorDraws.world(20, Fraction(0), Fraction(1), Fraction(1, 2))
    assert judge(found, world, Fraction(1, 20), doubled).refuted
    assert not judge(found, world, Fraction(1, 20)).refuted
