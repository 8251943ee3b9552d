"""The adaptive analyst and the leaderboard, against all tables of answers listed by hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.adaptive_analyst import AdaptiveAnalyst, Leaderboard, law_of_releases, law_of_the_vote


@pytest.mark.parametrize(("n", "features"), [(1, 1), (2, 3), (3, 3), (4, 1)])
def test_the_vote_is_that_of_all_tables(n: int, features: int) -> None:
    law = [Fraction(0)] * (n + 1)
    for table in itertools.product(itertools.product((0, 1), repeat=n), repeat=features):
        turned = [[1 - wrong for wrong in feature] if 2 * sum(feature) > n else feature for feature in table]
        errors = sum(2 * sum(votes) > features for votes in zip(*turned, strict=True))
        law[errors] += Fraction(1, 2 ** (n * features))
    assert law_of_the_vote(n, features) == law


def test_releases_are_those_of_all_submissions() -> None:
    n, step, p = 3, Fraction(1, 3), Fraction(3, 4)
    by_hand: dict[tuple[Fraction, Fraction], Fraction] = {}
    for coins in itertools.product(itertools.product((0, 1), repeat=n), repeat=3):
        probability, score, best, risk = Fraction(1), None, p, p
        for errors in coins:
            probability *= math.prod(risk if error else 1 - risk for error in errors)
            shown = Fraction(sum(errors), n)
            if score is None or shown < score - step:
                score, best = math.floor(shown / step) * step, risk
            risk = min(score + step / 2, Fraction(1))
        assert score is not None
        if probability:
            by_hand[score, best] = by_hand.get((score, best), Fraction(0)) + probability
    assert {key: mass for key, mass in law_of_releases(n, 3, step, p).items() if mass} == by_hand


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "scenario", "reached"),
    [
        ("adaptive_reuse", AdaptiveAnalyst(), 0.9),
        ("adaptive_reuse_rounded", AdaptiveAnalyst(), 0.9),
        ("ladder", Leaderboard(), 0.9),
    ],
)
def test_these_are_judged(name: str, scenario: AdaptiveAnalyst | Leaderboard, reached: float) -> None:
    found = check(name, scenarios=scenario, rungs="exact")
    assert not found.refuted
    assert found.resolution > reached
    assert not check("hoeffding", scenarios=scenario).judged


def test_a_tree_that_is_not_paid_is_refuted() -> None:
    bound = get("adaptive_reuse_rounded")
    assert isinstance(bound, Bound)

    def unpaid(math: Any, *, empirical_risk: Any, n: Any, queries: Any, bits: Any, delta: Any) -> Mapping[str, Any]:
        return {"empirical risk": empirical_risk, "deviation": math.sqrt(math.log_quotient(1, delta) / (2 * n))}

    found = match(bound, AdaptiveAnalyst())
    assert judge(found, AdaptiveAnalyst.vote(1, 2), Fraction(9, 10), unpaid).refuted
    assert not judge(found, AdaptiveAnalyst.vote(1, 2), Fraction(9, 10)).refuted


def test_stubborn_submissions_are_those_of_one_risk() -> None:
    """Three coins of one risk, listed: a score is released that is better by a step than the last one."""
    n, step, p = 2, Fraction(1, 4), Fraction(1, 3)
    by_hand: dict[tuple[Fraction, Fraction], Fraction] = {}
    for counts in itertools.product(range(n + 1), repeat=3):
        score = None
        for count in map(Fraction, counts):
            if score is None or count / n < score - step:
                score = step * ((count / n) // step)
        assert score is not None
        mass = math.prod((math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in counts), start=Fraction(1))
        by_hand[score, p] = by_hand.get((score, p), Fraction(0)) + mass
    assert {key: mass for key, mass in law_of_releases(n, 3, step, p, stubborn=True).items() if mass} == by_hand


@pytest.mark.slow
def test_transcripts_that_are_not_paid_for_are_refuted_by_many_submissions() -> None:
    bound = get("ladder")
    assert isinstance(bound, Bound)
    found, world = match(bound, Leaderboard()), Leaderboard.world(20, 60, Fraction(1, 50), Fraction(1, 2), stubborn=True)

    def faulty(math: Any, *, reported_risk: Any, n: Any, queries: Any, step: Any, delta: Any) -> Mapping[str, Any]:
        return {"risk": reported_risk + step, "deviation": math.sqrt((1 + math.log_quotient(1, delta)) / (2 * n))}

    assert judge(found, world, Fraction(1, 2), formula=faulty).refuted
    assert not judge(found, world, Fraction(1, 2)).refuted
