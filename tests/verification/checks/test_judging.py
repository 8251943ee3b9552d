"""Judging one world: against all samples listed by hand, and with faults that must be seen."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import EXPECTED_GAP, RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.judging import DELTAS, certificate_value, judge, judge_ready
from genbounds.verification.checks.matching import Match, match
from genbounds.verification.checks.reading import made_ready, read
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.fixed_hypothesis import FixedHypothesis
from genbounds.verification.scenarios.scenario import World


def matched(name: str, where: str = "fixed hypothesis") -> Match:
    bound = get(name)
    assert isinstance(bound, Bound)
    return match(bound, scenario(where))


def failure_by_hand(bound: Bound, n: int, p: Fraction, delta: Fraction, factor: Fraction = Fraction(1)) -> Fraction:
    """P(bound < p), over all 2^n sequences of errors, from the formula of Hoeffding's bound written out."""
    total = Fraction(0)
    for errors in itertools.product((0, 1), repeat=n):
        k = sum(errors)
        probability = Fraction(1)
        for error in errors:
            probability *= p if error else 1 - p
        deviation = float(np.sqrt(np.log(1 / float(delta)) / (2 * n)))
        if k / n + float(factor) * deviation < p:
            total += probability
    return total


@pytest.mark.parametrize("delta", [Fraction(9, 10), Fraction(1, 2), Fraction(1, 20)])
@pytest.mark.parametrize(("n", "p"), [(2, Fraction(1, 2)), (5, Fraction(7, 10)), (8, Fraction(9, 10))])
def test_the_failure_probability_is_that_of_all_samples(n: int, p: Fraction, delta: Fraction) -> None:
    found = matched("holdout.hoeffding")
    assert Fraction(judge(found, FixedHypothesis.world(n, p), delta).failure) == pytest.approx(failure_by_hand(found.bound, n, p, delta))


@pytest.mark.parametrize("delta", [Fraction(1, 5), Fraction(1, 20), Fraction(1, 1000)])
def test_the_resolution_is_where_a_smaller_deviation_is_refuted(delta: Fraction) -> None:
    n, p = 10, Fraction(7, 10)
    resolution = judge(matched("holdout.hoeffding"), FixedHypothesis.world(n, p), delta).resolution
    assert 0 < resolution < 1
    bound = matched("holdout.hoeffding").bound
    assert failure_by_hand(bound, n, p, delta, Fraction(resolution) * Fraction(999, 1000)) > delta
    assert failure_by_hand(bound, n, p, delta, Fraction(resolution) * Fraction(1001, 1000)) <= delta


def test_a_deviation_just_below_the_resolution_is_refuted_and_one_just_above_is_not() -> None:
    found, world, delta = matched("holdout.chernoff_kl"), FixedHypothesis.world(10, Fraction(9, 10)), Fraction(1, 20)
    resolution = judge(found, world, delta).resolution

    def shrunk(factor: float) -> Any:
        def formula(math: Any, *, empirical_risk: Any, n: Any, delta: Any) -> Mapping[str, Any]:
            value = found.bound.__wrapped__(math, empirical_risk=empirical_risk, n=n, delta=delta)["kl inversion"]
            return {"shrunk": empirical_risk + factor * (value - empirical_risk)}

        return formula

    assert judge(found, world, delta, shrunk(resolution - 1e-6)).refuted
    assert not judge(found, world, delta, shrunk(resolution + 1e-6)).refuted


def test_a_tie_is_no_failure_and_is_decided_by_the_certificate() -> None:
    found = matched("holdout.clopper_pearson")
    at_zero = Fraction(found.bound(errors=0, n=2, delta=Fraction(1, 4)).value)
    law = [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)]

    def failure(truth: Fraction) -> float:
        return judge(found, World("", {"n": 2}, {"errors": [0, 1, 2]}, {RISK: [truth] * 3}, law), Fraction(1, 4)).failure

    # Floats decide nothing within 1e-9: the certificate is not a failure at its own value, and one a hair above it is.
    assert failure(at_zero) == 0
    assert failure(at_zero + Fraction(1, 2**60)) == 0.25


def test_a_cap_hides_no_fault_from_the_resolution() -> None:
    # The complexity is cut at 1/2 inside the formula: with the cap on, 100 times as large a complexity looks just as tight.
    found = matched("rademacher.uniform_deviation", "memoriser")
    world = next(iter(scenario("memoriser").worlds("thumbnail")))

    def capped(math: Any, *, empirical_risk: Any, complexity: Any, n: Any, delta: Any) -> Mapping[str, Any]:
        return {"risk": empirical_risk, "complexity": 2 * math.minimum(100 * complexity, math.ratio(1, 2))}

    judged = judge(found, world, Fraction(1, 2), capped)
    assert judged.with_cap == 1.0
    assert judged.resolution == pytest.approx(0.01)


@pytest.mark.parametrize("delta", DELTAS)
def test_the_law_of_a_world_adds_up_exactly(delta: Fraction) -> None:
    assert sum(FixedHypothesis.world(10, Fraction(3, 10)).probabilities) == 1


def test_a_world_refuses_samples_that_do_not_fit_together() -> None:
    with pytest.raises(ValueError, match="one entry per sample"):
        World("", {}, {"errors": [0, 1]}, {RISK: [1]}, [Fraction(1)])
    with pytest.raises(ValueError, match="add up to 1"):
        World("", {}, {"errors": [0, 1]}, {RISK: [1, 1]}, [Fraction(1, 2), Fraction(1, 4)])


@pytest.mark.parametrize("name", ["realizable_growth", "relative_deviation_growth", "growth_function"])
def test_a_certificate_reads_a_capacity_at_the_number_of_examples_that_the_bound_asks_for(name: str) -> None:
    """The growth function of 2n points feeds the bounds that read it there, in floats and in certificates alike."""
    bound, memoriser = get(name), scenario("memoriser")
    assert isinstance(bound, Bound)
    found, world = match(bound, memoriser), next(entry for entry in memoriser.listed("thumbnail") if entry.common["n"] == 10)
    assert [feed.formula.name for feed in found.feeds] == ["vc.log_growth_sauer"]
    in_floats = read(found, world, 0.05).values[0]
    assert certificate_value(found, world, 0, Fraction(1, 20)) == pytest.approx(in_floats, rel=1e-12)
    points = 10 if name == "growth_function" else 20
    growth = np.log(sum(math.comb(points, i) for i in range(11)))
    by_hand = {
        "realizable_growth": 2 * (growth + np.log(40)) / (10 * np.log(2)),
        "relative_deviation_growth": 4 * (growth + np.log(80)) / 10,
        "growth_function": np.sqrt(2 * growth / 10) + np.sqrt(np.log(20) / 20),
    }[name]
    assert in_floats == pytest.approx(by_hand, rel=1e-12)


def test_a_dimension_that_is_no_whole_number_is_read_as_certificates_read_it() -> None:
    found = matched("vc.sauer", "logistic network on a line")
    world = found.scenario.listed("thumbnail")[0]
    assert certificate_value(found, world, 0, Fraction(1, 20)) == pytest.approx(read(found, world, 0.05).values[0], rel=1e-12)


def test_the_rounding_of_a_mean_of_both_signs_refutes_nothing() -> None:
    bound = get("expected_gap")
    assert isinstance(bound, Bound)
    fresh = scenario("fresh weights")
    world = World(
        "gaps of 1e9 + 1 and -1e9", {"stability": Fraction(1, 2)}, {}, {EXPECTED_GAP: [10**9 + 1, -(10**9)]}, [Fraction(1, 2)] * 2
    )
    assert not judge(match(bound, fresh), world, None).refuted
    thirds = World(
        "the same in thirds",
        {"stability": Fraction(1, 6)},
        {},
        {EXPECTED_GAP: [Fraction(10**9 + 1, 3), -Fraction(10**9, 3)]},
        [Fraction(1, 2)] * 2,
    )
    assert not judge(match(bound, fresh), thirds, None).refuted
    larger = World(
        "a gap that is a little larger", {"stability": Fraction(1, 2)}, {}, {EXPECTED_GAP: [10**9 + 2, -(10**9)]}, [Fraction(1, 2)] * 2
    )
    assert judge(match(bound, fresh), larger, None).refuted


def test_a_bound_that_is_infinite_in_expectation_notices_nothing() -> None:
    # The printed form divides by n - 1: at n = 1 it says nothing, so that no factor on it could be refuted.
    bound = get("hardt2016nonconvex")
    assert isinstance(bound, Bound)
    found = match(bound, scenario("descent that memorises"), "printed")
    seen = 0
    for world in scenario("descent that memorises").listed("thumbnail"):
        if world.common["n"] == 1:
            judged = judge(found, world, None)
            assert (judged.refuted, judged.resolution, judged.value) == (False, 0.0, float("inf"))
            seen += 1
    assert seen


@pytest.mark.parametrize("value", [-math.inf, -1.0])
def test_a_value_below_zero_is_refuted_however_far_below(value: float) -> None:
    """Minus infinity comes out of a price whose logarithm is that of 0; in expectation the size of a negative bound is no bound."""
    found = matched("hoeffding")
    world = FixedHypothesis().world(5, Fraction(1, 2))
    (judged,) = judge_ready(made_ready(found, world, [0.5]), [Fraction(1, 2)], lambda math, **inputs: {"risk": value})
    assert judged.refuted
    found = matched("hardt2016convex", "descent that memorises")
    world = next(iter(found.scenario.worlds("thumbnail")))
    (judged,) = judge_ready(made_ready(found, world, [None]), [None], lambda math, **inputs: {"gap": value})
    assert judged.refuted
