"""The k largest of n points as a compression set: the law by listing all samples, and bounds with a constant wrong."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import stats

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.checks.check import check
from genbounds.verification.checks.faults.listed import added_for_multiplied
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.largest_examples import LargestExamples, beyond_order_statistic
from genbounds.verification.scenarios.spacings import SampleMaximum


def bound(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


@pytest.mark.parametrize(("n", "k"), [(2, 1), (3, 2), (4, 4)])
def test_the_law_of_an_order_statistic_is_that_of_all_samples_of_a_grid(n: int, k: int) -> None:
    """Cells of width 1/6: the k-th largest lies in one of the lower cells exactly if fewer than k points lie above."""
    cells = 6
    for edge in range(cells + 1):
        x = Fraction(edge, cells)
        beyond = sum(sorted(sample)[n - k] < cells - edge for sample in itertools.product(range(cells), repeat=n))
        assert beyond_order_statistic(n, k, x) == Fraction(beyond, cells**n)


def test_doubles_agree_with_fractions() -> None:
    x = Fraction(1, 10)
    exact = beyond_order_statistic(64, 5, x)
    assert isinstance(exact, Fraction)
    assert float(exact) == pytest.approx(stats.binom.cdf(4, 64, 0.1), rel=1e-12)
    assert beyond_order_statistic(65, 5, x) == pytest.approx(stats.binom.cdf(4, 65, 0.1), rel=1e-12)


def test_the_worlds_hold_the_whole_law() -> None:
    world = LargestExamples.world(20, 5)
    assert sum(world.probabilities) == 1
    edges = world.truths[RISK]
    assert float(world.probability(np.array([edge >= edges[3] for edge in edges]))) == pytest.approx(
        stats.binom.cdf(4, 20, float(edges[3]))
    )


@pytest.mark.parametrize("name", ["campi2023compression", "sample_compression"])
def test_the_bounds_that_they_serve_are_judged_with_power(name: str) -> None:
    found = check(name, scenarios="largest examples", rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.9


def test_sets_that_are_not_paid_for_are_refuted() -> None:
    """Clopper and Pearson on the examples that were not kept, as if these had been named in advance."""
    one, world = bound("sample_compression"), LargestExamples.world(20, 5)

    def unpaid(math: Any, *, errors: Any, n: Any, size: Any, delta: Any, bits: Any) -> Mapping[str, Any]:
        return {"inversion": math.binomial_tail_inverse(errors, n - size, delta)}

    found = match(one, scenario("largest examples"))
    assert judge(found, world, Fraction(1, 20), formula=unpaid).refuted
    assert not judge(found, world, Fraction(1, 20)).refuted


def test_the_code_of_2025_prints_what_it_prints_and_fails_on_the_sample_maximum() -> None:
    """It adds delta/2 - delta/6 where the theorem multiplies by delta: its numbers, and how often the risk of the maximum is above them."""
    faulty = added_for_multiplied(lambda math, **inputs: {})
    root = {(k, n): float(faulty(None, size=k, n=n, delta=0.01)["root"]) for k, n in ((326, 24000), (1069, 48000), (1, 100))}
    assert root[326, 24000] == pytest.approx(0.0152, abs=5e-5)
    assert root[1069, 48000] == pytest.approx(0.0239, abs=5e-5)
    assert (1 - root[1, 100]) ** 100 == pytest.approx(0.167, abs=5e-4)  # the probability is at most .01 if the theorem holds
    sound = bound("campi2023compression").value(size=1, n=100, delta=0.01)
    assert (1 - sound) ** 100 == pytest.approx(1.23e-4, rel=0.01)
    found, world = match(bound("campi2023compression"), scenario("sample maximum")), SampleMaximum.world(10)
    assert judge(found, world, Fraction(1, 20), formula=faulty).refuted
    assert not judge(found, world, Fraction(1, 20)).refuted


def test_the_change_of_the_whole_sample_is_another_risk() -> None:
    """Two of ten kinds: c is empty if both are of one kind. Then a third changes c of the two with probability .9, far above the bound."""
    delta = Fraction(1, 50)
    assert bound("campi2023compression")(size=0, n=2, delta=delta).value < Fraction(9, 10)
    pairs = list(itertools.product(range(10), repeat=2))
    changed = sum(first == second for first, second in pairs) / len(pairs)
    assert changed > delta
