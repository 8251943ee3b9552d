"""The private release with few points, every sample and every set: its privacy, its errors, and mistakes that are seen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.stability import differential_privacy_gap
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.private_release import LeakyRelease, PrivateRelease

Sample = tuple[int, ...]


def releases(points: int, size: int, n: int, factor: Fraction) -> dict[Sample, dict[frozenset[int], Fraction]]:
    """The probability of each set of errors, for every sample of n points: weights 1/factor for each different point that is missed."""
    sets = [frozenset(chosen) for chosen in itertools.combinations(range(points), size)]
    laws = {}
    for sample in itertools.product(range(points), repeat=n):
        weights = {errors: factor ** -len(errors & set(sample)) for errors in sets}
        whole = sum(weights.values())
        laws[sample] = {errors: weight / whole for errors, weight in weights.items()}
    return laws


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_release_is_as_private_as_it_says(n: int) -> None:
    factor = Fraction(9, 4)
    laws = releases(4, 2, n, factor)
    worst = Fraction(0)
    for sample, law in laws.items():
        for place, point in itertools.product(range(n), range(4)):
            other = laws[(*sample[:place], point, *sample[place + 1 :])]
            worst = max(worst, *(law[errors] / other[errors] for errors in law))
    assert worst == factor if n == 1 else worst <= factor


def test_one_example_is_missed_with_the_stated_odds_and_the_gap_is_attained() -> None:
    """Five points of which three are errors: e^epsilon = 9/4, and the gap is tanh(epsilon/4) = 1/5."""
    laws = releases(5, 3, 1, Fraction(9, 4))
    missed = sum(Fraction(1, 5) * mass for (point,), law in laws.items() for errors, mass in law.items() if point in errors)
    assert missed == Fraction(2, 5)
    world = PrivateRelease.world(1, Fraction(3, 5), missed)
    assert list(world.probabilities) == [1 - missed, missed]
    gap = sum(mass * truth for mass, truth in zip(world.probabilities, world.truths[EXPECTED_GAP], strict=True))
    assert gap == Fraction(1, 5)
    assert gap <= differential_privacy_gap(privacy=world.common["privacy"]).value <= float(gap) * (1 + 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["differential_privacy", "differential_privacy_gap", "approximate_privacy_gap"])
def test_these_are_judged(name: str) -> None:
    found = check(f"stability.{name}", scenarios=[PrivateRelease(), LeakyRelease()], rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.99


@pytest.mark.parametrize("name", ["differential_privacy", "differential_privacy_gap"])
def test_half_of_the_privacy_is_too_little(name: str) -> None:
    bound = get(f"stability.{name}")
    assert isinstance(bound, Bound)

    def halved(math: Any, **inputs: Any) -> Mapping[str, Any]:
        return bound.forms[""].formula(math, **inputs | {"privacy": inputs["privacy"] / 2})

    delta = None if bound.mode == "EXP" else Fraction(1, 20)
    worlds = PrivateRelease().listed("thumbnail")
    assert any(judge(match(bound, PrivateRelease()), world, delta, halved).refuted for world in worlds)
    assert not any(judge(match(bound, PrivateRelease()), world, delta).refuted for world in worlds)


def test_a_leak_that_is_not_stated_is_refuted() -> None:
    bound = get("stability.approximate_privacy_gap")
    assert isinstance(bound, Bound)

    def tight(math: Any, **inputs: Any) -> Mapping[str, Any]:
        return bound.forms[""].formula(math, **inputs | {"slack": 0})

    assert any(judge(match(bound, LeakyRelease()), world, None, tight).refuted for world in LeakyRelease().listed("thumbnail"))
    assert not match(get("stability.differential_privacy_gap"), LeakyRelease()).judged  # type: ignore[arg-type]
