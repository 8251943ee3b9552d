"""The kinked losses: convex, Lipschitz and smooth as they claim, run again by finite differences; and a fault that must be seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.descent_on_kinks import DescentOnKinks, DescentOnRoundedKinks

Function = Callable[[np.ndarray], float]


def loss_of(z: int, points: int, reach: float, softness: float) -> Function:
    """The loss of one point, from its formula in words."""

    def loss(w: np.ndarray) -> float:
        listed = [w[z]] + [(w[z] - w[y]) / math.sqrt(2) - reach * (1 - 1 / math.sqrt(2)) for y in range(points) if y != z]
        top = max(listed)
        return float(top + (softness * math.log(sum(math.exp((a - top) / softness) for a in listed)) if softness else 0.0))

    return loss


def slope(loss: Function, w: np.ndarray) -> np.ndarray:
    """Its gradient, by differences."""
    unit = np.eye(w.size) * 1e-6
    return np.array([(loss(w + e) - loss(w - e)) / 2e-6 for e in unit])


@pytest.mark.parametrize(("kind", "softness"), [(DescentOnKinks, 0.0), (DescentOnRoundedKinks, 1 / 128)])
@pytest.mark.parametrize(("points", "steps"), [(2, 1), (3, 4), (4, 16)])
def test_gaps_are_those_of_runs_by_differences(kind: Any, softness: float, points: int, steps: int) -> None:
    world = kind.world(points, steps, Fraction(1, 16), Fraction(1, 8) if softness else None, 1)
    losses = [loss_of(z, points, steps / 16, softness) for z in range(points)]
    for z in range(points):
        w = np.zeros(points)
        for _ in range(steps):
            w -= slope(losses[z], w) / 16
        gap = np.mean([loss(w) for loss in losses]) - losses[z](w)
        assert world.truths[EXPECTED_GAP][z] == pytest.approx(gap, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("softness", [0.0, 1 / 128])
def test_the_losses_are_convex_lipschitz_and_smooth(softness: float) -> None:
    rng = np.random.default_rng(5)
    loss = loss_of(1, 4, 1.0, softness)
    largest = 0.0
    for _ in range(2000):
        v, w = rng.normal(size=(2, 4)) * rng.choice([0.01, 0.3, 2.0])
        assert loss((v + w) / 2) <= (loss(v) + loss(w)) / 2 + 1e-12
        assert abs(loss(v) - loss(w)) <= np.linalg.norm(v - w) * (1 + 1e-9)
        if softness:
            largest = max(largest, float(np.linalg.norm(slope(loss, v) - slope(loss, w)) / np.linalg.norm(v - w)))
    assert largest <= 1 / (4 * softness) * 1.001 if softness else True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "name", "resolution"),
    [
        (DescentOnKinks, "bassily2020nonsmooth", 0.32),
        (DescentOnRoundedKinks, "hardt2016convex", 0.68),
        (DescentOnRoundedKinks, "hardt2016nonconvex", 0.68),
        (DescentOnRoundedKinks, "hardt2016nonconvex_steps", 0.68),
    ],
)
def test_the_bounds_are_judged_and_hold(kind: Any, name: str, resolution: float) -> None:
    found = check(name, scenarios=kind(), rungs="exact")
    assert found.judged
    assert not found.refuted, found.sentence()
    assert found.resolution > resolution


def test_half_of_the_convex_bound_is_refuted() -> None:
    bound = get("hardt2016convex")
    assert isinstance(bound, Bound)
    found, world = match(bound, DescentOnRoundedKinks()), DescentOnRoundedKinks.world(48, 256, Fraction(1, 16), Fraction(1, 8))

    def half(math: Any, *, lipschitz: Any, step_sizes: Any, n: Any, **_: Any) -> Mapping[str, Any]:
        return {"stability": lipschitz**2 * math.sum(step_sizes) / n}

    assert not judge(found, world, None).refuted
    assert judge(found, world, None, half).refuted


def test_stretched_losses_have_stretched_runs() -> None:
    one, eight = (DescentOnRoundedKinks.world(3, 4, Fraction(1, 16), Fraction(1, 8), slope) for slope in (1, 8))
    losses = [loss_of(z, 3, 4 / 16, 1 / 128) for z in range(3)]
    w = np.zeros(3)
    for _ in range(4):
        w -= 8 * slope(losses[0], w / 8) / 16
    gap = 64 * (np.mean([loss(w / 8) for loss in losses]) - losses[0](w / 8))
    assert eight.truths[EXPECTED_GAP][0] == pytest.approx(gap, abs=1e-4)
    assert eight.truths[EXPECTED_GAP][0] == pytest.approx(64 * one.truths[EXPECTED_GAP][0])


def test_kinks_are_no_place_for_smooth_bounds() -> None:
    bound = get("hardt2016convex")
    assert isinstance(bound, Bound)
    assert not match(bound, DescentOnKinks()).judged
