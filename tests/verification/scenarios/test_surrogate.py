"""Two predictors compared: the law against all sequences, and what the worlds refute."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.holdout import disagreement
from genbounds.verification.checks.check import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.surrogate import Surrogate


def test_three_voters_by_every_input_and_every_draw() -> None:
    """Inputs 0..9: the predictor errs on 0..4, the second voter on 5; every pair of voter and input, twice."""
    m, wrong, voters = 2, set(range(5)), (set(), {5}, set())
    outcomes = [int((x in wrong) != (x in errs)) for errs in voters for x in range(10)]
    law = [Fraction(0)] * (m + 1)
    for pair in itertools.product(outcomes, repeat=m):
        law[sum(pair)] += Fraction(1, len(outcomes) ** m)
    world = Surrogate.random(m)
    assert list(world.probabilities) == law
    assert world.common["surrogate_risk"] == Fraction(sum(len(errs) for errs in voters), 30)
    assert world.truths[RISK] == [Fraction(len(wrong), 10)] * (m + 1)


def unpaid(math: Any, *, surrogate_risk: Any, disagreements: Any, unlabelled: Any, delta: Any) -> Mapping[str, Any]:
    """The share of disagreements taken for how often they occur."""
    return {"surrogate": surrogate_risk, "disagreement": disagreements / unlabelled + 0 * delta}


def forgotten(math: Any, *, surrogate_risk: Any, disagreements: Any, unlabelled: Any, delta: Any) -> Mapping[str, Any]:
    """The surrogate's own errors are left out."""
    return {"disagreement": math.binomial_tail_inverse(disagreements, unlabelled, delta) + 0 * surrogate_risk}


@pytest.mark.parametrize("formula", [unpaid, forgotten])
def test_a_planted_fault_is_refuted_and_the_bound_is_not(formula: Any) -> None:
    found = match(disagreement, Surrogate())
    world = Surrogate.world(50, Fraction(1, 4), Fraction(1, 2))
    assert judge(found, world, Fraction(1, 20), formula=formula).refuted
    assert not judge(found, world, Fraction(1, 20)).refuted


@pytest.mark.slow
def test_the_bound_is_judged_and_nearly_no_smaller_one_would_stand() -> None:
    found = check("holdout.disagreement", scenarios=Surrogate(), rungs="every sample")
    assert not found.refuted
    assert found.resolution > 0.99


@pytest.mark.parametrize(
    "choice", ["the unlabelled examples", "the draws of a random surrogate", "what the compared classes say of the loss"]
)
def test_the_bound_fails_where_an_assumption_does(choice: str) -> None:
    (trial,) = check("holdout.disagreement", scenarios=scenario(f"hostile: {choice}")).trials
    assert trial.fails_there is True
