"""Consistent hypotheses, against all samples listed by hand."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.consistent_hypothesis import ConsistentHypothesis, some_region_missed


@pytest.mark.parametrize(("n", "size", "p"), [(2, 3, Fraction(1, 4)), (4, 2, Fraction(1, 3)), (3, 4, Fraction(1, 4))])
def test_missed_regions_are_those_of_all_samples(n: int, size: int, p: Fraction) -> None:
    places = [p] * size + [1 - size * p]
    missed = Fraction(0)
    for sample in itertools.product(range(size + 1), repeat=n):
        probability = Fraction(1)
        for place in sample:
            probability *= places[place]
        missed += probability * (not set(range(size)) <= set(sample))
    assert some_region_missed(n, size, p) == missed


def test_doubles_agree_with_fractions() -> None:
    exact = some_region_missed(64, 64, Fraction(1, 80))
    p = Fraction(1, 80)
    assert float(exact) == pytest.approx(1 - _all_met(64, 64, p), rel=1e-9)
    assert some_region_missed(65, 3, Fraction(1, 10)) == pytest.approx(3 * 0.9**65 - 3 * 0.8**65 + 0.7**65, rel=1e-12)


def _all_met(n: int, size: int, p: Fraction) -> float:
    """P(n points meet all regions), by the number of regions met so far."""
    law = [Fraction(1)] + [Fraction(0)] * size
    for _ in range(n):
        law = [law[met] * (1 - (size - met) * p) + (law[met - 1] * (size - met + 1) * p if met else 0) for met in range(size + 1)]
    return float(law[size])


@pytest.mark.parametrize(("n", "size", "p"), [(2, 2, Fraction(1, 4)), (3, 2, Fraction(2, 3))])
def test_consistent_coins_are_those_of_all_tables(n: int, size: int, p: Fraction) -> None:
    found = Fraction(0)
    for table in itertools.product(itertools.product((0, 1), repeat=n), repeat=size):
        probability = Fraction(1)
        for error in itertools.chain(*table):
            probability *= p if error else 1 - p
        found += probability * any(sum(coin) == 0 for coin in table)
    assert ConsistentHypothesis.coins(n, size, p).probabilities[0] == found


@pytest.mark.parametrize(
    ("name", "reached"), [("realizable_finite_class", 0.999), ("vc.realizable", 0.32), ("realizable_growth", 0.33), ("occam_kl", 0.99)]
)
def test_these_are_judged(name: str, reached: float) -> None:
    found = check(name, scenarios=ConsistentHypothesis(), rungs="exact")
    assert not found.refuted
    assert found.resolution > reached


def test_a_union_that_is_not_paid_is_refuted() -> None:
    bound = get("realizable_finite_class")
    assert isinstance(bound, Bound)

    def unpaid(math: Any, *, n: Any, class_size: Any, delta: Any) -> Mapping[str, Any]:
        return {"consistent hypotheses": math.log_quotient(1, delta) / n}

    found, world = match(bound, ConsistentHypothesis()), ConsistentHypothesis.coins(50, 2, Fraction(11, 100))
    assert judge(found, world, Fraction(1, 200), unpaid).refuted
    assert not judge(found, world, Fraction(1, 200)).refuted
