"""Descent that memorises, against vectors of few weights, and with faults that must be seen."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.descent_that_memorises import MemorisingDescent

HALF, ONE = Fraction(1, 2), Fraction(1)


@pytest.mark.parametrize(("n", "steps", "scale"), [(1, 1, HALF), (3, 2, Fraction(1, 3)), (4, 4, Fraction(1, 8))])
def test_gaps_are_those_of_vectors(n: int, steps: int, scale: Fraction) -> None:
    height, lipschitz = 0.5, 1.0
    world = MemorisingDescent.world(n, steps, HALF, ONE, scale, ONE)
    w = np.zeros(n + 1)  # the last weight is that of a fresh point
    for t in range(1, steps + 1):
        gradient = np.zeros(n + 1)
        gradient[t - 1] = -lipschitz
        w = np.clip(w - float(scale) / t * gradient, 0, height / lipschitz)
    losses = height - lipschitz * w
    assert float(world.truths[EXPECTED_GAP][0]) == pytest.approx(losses[-1] - losses[:n].mean())
    assert float(sum(world.probabilities)) == 1


@pytest.mark.parametrize(
    ("name", "resolution"),
    [("hardt2016nonconvex", 0.999), ("hardt2016nonconvex_steps", 0.999), ("kuzborskij_lampert2018", 0.42), ("hardt2016convex", 0.49)],
)
def test_the_bounds_are_judged_and_hold(name: str, resolution: float) -> None:
    found = check(name, scenarios=MemorisingDescent(), rungs="exact")
    assert found.judged
    assert not found.refuted, found.sentence()
    assert found.resolution > resolution


def _judged(name: str, world: Any, formula: Any) -> tuple[bool, bool]:
    bound = get(name)
    assert isinstance(bound, Bound)
    found = match(bound, MemorisingDescent())
    return judge(found, world, None).refuted, judge(found, world, None, formula).refuted


def test_examples_met_early_must_be_paid_for_where_the_bound_is_not_vacuous() -> None:
    world = MemorisingDescent.world(3, 1, HALF, ONE, HALF, Fraction(1, 10**9))

    def over_one_more(math: Any, *, n: Any, loss_range: Any, first: Any, **_: Any) -> Mapping[str, Any]:
        return {"met early": first * loss_range / (n + 1)}

    assert _judged("hardt2016nonconvex", world, over_one_more) == (False, True)
    bound = get("hardt2016nonconvex")
    assert isinstance(bound, Bound)
    assert bound(lipschitz=1, smoothness=Fraction(1, 10**9), step_scale=HALF, steps=1, n=3, loss_range=HALF).value < 0.17


def test_a_bound_by_expected_risk_without_its_square_root_is_refuted() -> None:
    world = next(w for w in MemorisingDescent().listed("thumbnail") if "n = 1024" in w.label)

    def without_growth(math: Any, *, lipschitz: Any, step_scale: Any, n: Any, **_: Any) -> Mapping[str, Any]:
        return {"stability": 2 / n * math.sqrt(2 * step_scale * lipschitz**2)}

    assert _judged("kuzborskij_lampert2018", world, without_growth) == (False, True)


def test_powers_that_lose_a_part_of_their_exponent_are_refuted_by_a_small_loss() -> None:
    """With F = L^2 = 1/100 and q = 1 the bound is sqrt(8) F; F in place of a square root of F takes a factor of 10."""
    world = MemorisingDescent.world(1, 1, Fraction(1, 100), Fraction(1, 10), ONE, ONE)

    def no_root(math: Any, *, lipschitz: Any, expected_risk: Any, **_: Any) -> Mapping[str, Any]:
        return {"stability": 2 * math.sqrt(2 * lipschitz**2) * expected_risk}

    assert _judged("kuzborskij_lampert2018", world, no_root) == (False, True)
