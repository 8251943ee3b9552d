"""The least of several sums of losses, against all samples listed by hand; a mistake in what it serves is seen."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.point_posterior import PointPosterior
from genbounds.verification.scenarios.valued_posterior import RARE, ValuedPosterior


def test_the_least_of_two_sums_is_that_of_all_samples() -> None:
    """Two hypotheses, two examples: every table of losses, the sums and second moments of the one with the least sum."""
    by_hand: dict[tuple[Fraction, Fraction], Fraction] = {}
    samples = [((a, b), p * q) for (a, p), (b, q) in itertools.product(RARE, repeat=2)]
    for (first, p), (second, q) in itertools.product(samples, repeat=2):
        picked = min(first, second, key=sum)
        key = (sum(picked) / Fraction(2), sum(loss**2 for loss in picked) / Fraction(2))
        by_hand[key] = by_hand.get(key, Fraction(0)) + p * q
    world = ValuedPosterior.world(2, 2, RARE)
    rows = zip(world.inputs["empirical_risk"], world.inputs["second_moment"], world.probabilities, strict=True)
    assert {(mean, square): pytest.approx(float(mass), rel=1e-12) for mean, square, mass in rows} == {
        k: float(v) for k, v in by_hand.items()
    }
    assert set(world.truths[GIBBS_RISK]) == {sum(value * mass for value, mass in RARE)}


@pytest.mark.slow
def test_segments_add_up_to_the_average_loss() -> None:
    for world in ValuedPosterior().listed("thumbnail"):
        gaps = world.common["gaps"]
        for average, parts in zip(world.inputs["empirical_risk"], world.inputs["segment_risks"], strict=True):
            assert sum(gap * part for gap, part in zip(gaps, parts, strict=True)) == average


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pac_bayes.split_kl", "pac_bayes.unexpected_bernstein"])
def test_these_are_judged(name: str) -> None:
    found = check(name, scenarios=ValuedPosterior(), rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.69


@pytest.mark.slow
def test_a_split_that_forgets_the_divergence_or_a_second_moment_that_is_halved_is_refuted() -> None:
    split, unexpected = get("pac_bayes.split_kl"), get("pac_bayes.unexpected_bernstein")
    assert isinstance(split, Bound)
    assert isinstance(unexpected, Bound)
    worlds = [world for world in ValuedPosterior().listed("thumbnail") if world.common["n"] == 60 and world.common["kl"] > 0]

    def forgetful(math: Any, **inputs: Any) -> Mapping[str, Any]:
        return split.forms[""].formula(math, **inputs | {"kl": 0})

    def without_squares(math: Any, **inputs: Any) -> Mapping[str, Any]:
        return unexpected.forms[""].formula(math, **inputs | {"second_moment": 0, "index": 6.0})

    level = Fraction(1, 20)
    assert any(judge(match(split, ValuedPosterior()), world, level, forgetful).refuted for world in worlds)
    coins = PointPosterior().listed("thumbnail")
    assert any(judge(match(unexpected, PointPosterior()), world, level, without_squares).refuted for world in coins)
    assert not any(judge(match(bound, ValuedPosterior()), world, level).refuted for bound in (split, unexpected) for world in worlds)


@pytest.mark.slow
def test_the_probabilities_of_many_hypotheses_add_up() -> None:
    for world in ValuedPosterior().listed("thumbnail"):
        assert math.fsum(map(float, world.probabilities)) == pytest.approx(1, abs=1e-12)
