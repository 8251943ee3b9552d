"""Online runs, against all sequences of examples run one by one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import MEAN_RISK_OF_ITERATES
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.online_run import OnlineRun, law_of_the_lucky
from genbounds.verification.scenarios.scenario import World


def law_of(world: World) -> dict[tuple[Fraction, Fraction], Fraction]:
    outcomes = zip(world.inputs["online_risk"], world.truths[MEAN_RISK_OF_ITERATES], world.probabilities, strict=True)
    law: dict[tuple[Fraction, Fraction], Fraction] = {}
    for shown, truth, mass in outcomes:
        law[shown, truth] = law.get((shown, truth), Fraction(0)) + Fraction(mass)
    return law


@pytest.mark.parametrize(("first", "second"), [(Fraction(1, 10), Fraction(3, 10)), (Fraction(1), Fraction(9, 10))])
def test_the_leader_is_followed_over_all_sequences(first: Fraction, second: Fraction) -> None:
    n, by_hand = 4, {}
    for sequence in itertools.product(itertools.product((0, 1), repeat=2), repeat=n):
        probability = math.prod((first if a else 1 - first) * (second if b else 1 - second) for a, b in sequence)
        totals, errors, risks = [0, 0], 0, Fraction(0)
        for losses in sequence:
            follows = int(totals[1] < totals[0])
            errors += losses[follows]
            risks += (first, second)[follows]
            totals = [total + loss for total, loss in zip(totals, losses, strict=True)]
        if probability:
            key = (Fraction(errors, n), risks / n)
            by_hand[key] = by_hand.get(key, Fraction(0)) + probability
    assert law_of(OnlineRun.leader(n, first, second, Fraction(1))) == by_hand


def test_the_lucky_stop_over_all_sequences() -> None:
    n, p, gain, loss, aim = 6, Fraction(1, 3), 1.0, 2.0, 0.6
    by_hand: dict[tuple[int, Fraction], Fraction] = {}
    for sequence in itertools.product((0, 1), repeat=n):
        probability, k, played = Fraction(1), 0, n
        for t, error in enumerate(sequence, 1):
            probability *= p if error else 1 - p
            k += error
            if gain * t * float(p) - loss * k >= aim:
                played = t
                break
        if all(error == 0 for error in sequence[played:]):  # what follows is not looked at: counted once
            by_hand[k, played * p] = by_hand.get((k, played * p), Fraction(0)) + probability
    law = law_of_the_lucky(n, p, gain, loss, aim)
    assert {key: pytest.approx(float(mass), rel=1e-12) for key, mass in by_hand.items()} == law
    assert math.fsum(law.values()) == pytest.approx(1, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reached"),
    [("online_to_batch", 0.91), ("progressive_validation", 0.999), ("progressive_validation_grid", 0.8), ("cesabianchi2008improved", 0.38)],
)
def test_these_are_judged(name: str, reached: float) -> None:
    found = check(name, scenarios=OnlineRun(), rungs="exact")
    assert not found.refuted
    assert found.resolution > reached


@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.9, 1.0])
def test_a_deviation_a_tenth_too_small_is_refuted(factor: float) -> None:
    bound = get("online_to_batch")
    assert isinstance(bound, Bound)

    def smaller(math: Any, *, online_risk: Any, n: Any, delta: Any) -> Mapping[str, Any]:
        return {"online risk": online_risk, "deviation": factor * math.sqrt(math.log_quotient(1, delta) / (2 * n))}

    found = match(bound, OnlineRun())
    judged = [judge(found, world, Fraction(1, 10**6), smaller).refuted for world in OnlineRun().listed("thumbnail")]
    assert any(judged) == (factor < 1)
