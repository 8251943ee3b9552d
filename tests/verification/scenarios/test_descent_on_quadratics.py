"""The bounds for gradient descent on quadratic losses: judged, not refuted, and their faults seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from genbounds.bounds import Bound, get
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.descent_on_quadratics import ConcaveDescent, DecayingDescent, LinearDescent, StronglyConvexDescent
from genbounds.verification.scenarios.scenario import Scenario

SERVED: list[tuple[type[Scenario], str, float]] = [
    (LinearDescent, "hardt2016convex", 0.49),
    (LinearDescent, "bassily2020nonsmooth", 0.16),
    (LinearDescent, "hardt2016nonconvex_steps", 0.49),
    (StronglyConvexDescent, "hardt2016convex", 0.3),
    (StronglyConvexDescent, "hardt2016strongly_convex", 0.49),
    (DecayingDescent, "hardt2016decaying", 0.47),
    (ConcaveDescent, "hardt2016nonconvex", 0.49),
    (ConcaveDescent, "hardt2016nonconvex_steps", 0.49),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name", "resolution"), SERVED)
def test_the_bounds_are_judged_and_hold(kind: Any, name: str, resolution: float) -> None:
    found = check(name, scenarios=kind(), rungs="exact")
    assert found.judged
    assert not found.refuted, found.sentence()
    assert found.resolution > resolution


def _refuted(name: str, kind: type[Scenario], formula: Any) -> list[str]:
    """The worlds in which another formula is refuted; the bound itself is in none."""
    bound = get(name)
    assert isinstance(bound, Bound)
    found, worlds = match(bound, kind()), kind().listed("thumbnail")
    judged = []
    for world in worlds:
        try:
            assert not judge(found, world, None).refuted
        except ValueError:
            continue
        judged.append((world.label, judge(found, world, None, formula).refuted))
    return [label for label, refuted in judged if refuted]


@pytest.mark.slow
def test_a_strongly_convex_bound_for_twice_as_many_examples_and_more_is_refuted() -> None:
    def fewer(math: Any, *, lipschitz: Any, strong_convexity: Any, n: Any, **_: Any) -> Mapping[str, Any]:
        return {"stability": 2 * lipschitz**2 / (strong_convexity * 2.2 * n)}

    assert any("one pass" in label for label in _refuted("hardt2016strongly_convex", StronglyConvexDescent, fewer))


@pytest.mark.slow
def test_half_of_the_growth_is_refuted_where_runs_grow_apart() -> None:
    def half_the_growth(math: Any, *, lipschitz: Any, smoothness: Any, step_sizes: Any, n: Any, **_: Any) -> Mapping[str, Any]:
        grown = math.cumulative(math.log1p(step_sizes * math.along(smoothness / 2)))
        return {"divergence": 2 * lipschitz**2 / n * math.sum(step_sizes * math.exp(math.along(math.last(grown)) - grown))}

    assert any("T = 50000" in label for label in _refuted("hardt2016nonconvex_steps", ConcaveDescent, half_the_growth))


def test_concave_losses_are_no_place_for_convex_bounds() -> None:
    bound = get("hardt2016convex")
    assert isinstance(bound, Bound)
    assert not match(bound, ConcaveDescent()).judged
