"""The machine that remembers n examples, written out as a function and trained on every sample; and faults that must be seen."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import RISK
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.memory_of_all import MemoryByReplacement, MemoryOfAll

B, N = Fraction(1, 5), 3
H = 1 - 2 * B
Point = tuple[int, int]


def trained(sample: tuple[Point, ...]) -> Callable[[Point], Fraction]:
    """The loss of the output as a function of the example."""
    known = {x for x, _ in sample}

    def loss(z: Point) -> Fraction:
        x, y = z
        return H * y + (B if len(sample) != N else Fraction(0) if x in known else 2 * B)

    return loss


def test_risks_and_stability_are_those_of_the_machine() -> None:
    world = MemoryOfAll.world(N, B, Fraction(1, 4))
    fresh = [(99, 0), (99, 1)]
    for coins in itertools.product((0, 1), repeat=N):
        sample = tuple(enumerate(coins))
        loss, k = trained(sample), sum(coins)
        assert world.inputs["empirical_risk"][k] == sum(loss(z) for z in sample) / N
        left = [trained(sample[:i] + sample[i + 1 :]) for i in range(N)]
        assert world.inputs["leave_one_out_risk"][k] == sum((f(z) for f, z in zip(left, sample, strict=True)), Fraction(0)) / N
        assert world.truths[RISK][k] == Fraction(3, 4) * loss(fresh[0]) + Fraction(1, 4) * loss(fresh[1])
        for f in left:
            assert max(abs(f(z) - loss(z)) for z in (*sample, *fresh)) == world.common["stability"]
        fewer = [trained(sample[1:][:j] + sample[1:][j + 1 :]) for j in range(N - 1)]
        assert all(f(z) == left[0](z) for f in fewer for z in (*sample, *fresh))
        assert all(0 <= loss(z) <= 1 for z in (*sample, *fresh))


@pytest.mark.parametrize("name", ["bousquet_elisseeff2002remove", "bousquet_elisseeff2002leave_one_out"])
def test_the_bounds_are_judged_and_hold_and_half_of_the_stability_is_too_little(name: str) -> None:
    bound = get(name)
    assert isinstance(bound, Bound)
    checked = check(bound, scenarios=MemoryOfAll(), rungs="exact")
    assert not checked.refuted, checked.sentence()
    assert checked.resolution > 0.95
    found, world = match(bound, MemoryOfAll()), MemoryOfAll.world(1, Fraction(2, 5), Fraction(0))
    formula = bound.forms[found.form].formula

    def half(math: Any, **given: Any) -> Mapping[str, Any]:
        terms = dict(formula(math, **given))
        return terms | {"stability": 0.5 * terms["stability"]}

    assert not judge(found, world, Fraction("0.9999")).refuted
    assert judge(found, world, Fraction("0.9999"), half).refuted
    assert judge(found, world, Fraction("0.9999")).value < 1


def test_replacing_is_not_removing() -> None:
    bound = get("bousquet_elisseeff2002")
    assert isinstance(bound, Bound)
    found = match(bound, MemoryOfAll())
    assert not found.judged
    judged = judge(found, MemoryOfAll.world(1, Fraction(2, 5), Fraction(0)), Fraction("0.9999"))
    assert judged.refuted, "with the remove-one stability in its place the replace-one bound is false here"


def test_the_stability_of_a_replacement_is_that_of_the_machine() -> None:
    """The largest change of a loss when an example is replaced, over all samples of coins; only the two points change."""
    world = MemoryByReplacement.replaced_world(N, B, Fraction(1, 4))
    for coins in itertools.product((0, 1), repeat=N):
        sample = tuple(enumerate(coins))
        other = trained((*sample[1:], (50, 0)))
        loss = trained(sample)
        changes = [abs(other(z) - loss(z)) for z in (*sample, (50, 0), (50, 1), (99, 0), (99, 1))]
        assert max(changes) == world.common["stability"]
        assert sum(change > 0 for change in changes) == 3  # the point that left, and both coins at the one that came


@pytest.mark.parametrize("name", ["feldman_vondrak2018", "bousquet_elisseeff2002"])
def test_bounds_by_uniform_stability_hold_there(name: str) -> None:
    checked = check(name, scenarios=MemoryByReplacement(), rungs="exact")
    assert checked.judged
    assert not checked.refuted, checked.sentence()


def test_a_stability_that_is_dropped_is_missed_where_examples_are_many() -> None:
    """8 sqrt(ln(8/delta)/n) is less than the gap .8 at n = 1000."""
    bound = get("feldman_vondrak2018")
    assert isinstance(bound, Bound)
    found, world = match(bound, MemoryByReplacement()), MemoryByReplacement.replaced_world(1000, Fraction(2, 5), Fraction(0))

    def faulty(math: Any, *, empirical_risk: Any, stability: Any, n: Any, delta: Any) -> Mapping[str, Any]:
        return {"risk": empirical_risk, "deviation": 8 * math.sqrt(1 / n * math.log_quotient(8, delta))}

    assert judge(found, world, Fraction(1, 20), formula=faulty).refuted
    assert not judge(found, world, Fraction(1, 20)).refuted
