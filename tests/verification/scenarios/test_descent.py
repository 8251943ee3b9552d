"""Runs of gradient descent, against plain loops over vectors; the distances of coupled runs, against every pair of twins."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Capacity, get
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.descent import Loss, Order, fresh_run, fresh_world, line_world, orders, run_on_the_line

LOSSES = [
    Loss(Fraction(1), Fraction(0), Fraction(2)),
    Loss(Fraction(1), Fraction(1, 2), Fraction(1, 2)),
    Loss(Fraction(1), Fraction(-1, 2), Fraction(3, 2)),
]


def by_vectors(loss: Loss, examples: list[np.ndarray], steps: list[float]) -> np.ndarray:
    """Projected descent on (k/2) ||w||^2 - g <z, w>, written with arrays."""
    w = np.zeros_like(examples[0])
    for z, step in zip(examples, steps, strict=True):
        w = w - step * (float(loss.curvature) * w - float(loss.slope) * z)
        norm = np.linalg.norm(w)
        w = w * min(1.0, float(loss.radius) / norm) if norm else w
    return w


def value(loss: Loss, w: np.ndarray, z: np.ndarray) -> float:
    return float(float(loss.curvature) / 2 * w @ w - float(loss.slope) * z @ w)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize(("n", "steps", "order"), [(1, 2, "cyclic"), (2, 4, "permutations"), (2, 3, "with replacement"), (3, 4, "cyclic")])
def test_gaps_are_those_of_every_sample_and_order_run_by_hand(loss: Loss, n: int, steps: int, order: Order) -> None:
    sizes = [Fraction(1, t + 1) for t in range(steps)]
    world = line_world(loss, n, sizes, order, {})
    for index, sample in enumerate(itertools.product((1.0, -1.0), repeat=n)):
        gaps = []
        for run in orders(n, steps, order):
            w = by_vectors(loss, [np.array([sample[i]]) for i in run], [float(step) for step in sizes])
            risk = np.mean([value(loss, w, np.array([s])) for s in (1.0, -1.0)])
            gaps.append(risk - np.mean([value(loss, w, np.array([s])) for s in sample]))
        assert float(world.truths[EXPECTED_GAP][index]) == pytest.approx(float(np.mean(gaps)), abs=1e-12)


def test_orders_are_all_of_their_kind() -> None:
    assert len(orders(3, 3, "permutations")) == 6
    assert len(orders(3, 2, "with replacement")) == 9
    assert all(sorted(one) == [0, 0, 1, 1, 2, 2] for one in orders(3, 6, "permutations"))


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("steps", [[0.5] * 6, [1.0, 0.5, 0.25, 0.125]])
def test_two_numbers_say_how_a_run_over_different_examples_goes(loss: Loss, steps: list[float]) -> None:
    examples = list(np.eye(len(steps)))
    w = by_vectors(loss, examples, steps)
    assert fresh_run(loss, steps) == pytest.approx((w @ w, w.sum()))
    world = fresh_world(loss, len(steps), steps, {})
    unseen = np.zeros(len(steps))
    gap = value(loss, w, unseen) - np.mean([value(loss, w, z) for z in examples])
    assert world.truths[EXPECTED_GAP][0] == pytest.approx(gap)
    assert world.truths[EXPECTED_GAP][1] <= -abs(gap)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_constants_are_those_of_the_whole_ball(loss: Loss) -> None:
    w = np.linspace(-float(loss.radius), float(loss.radius), 1001)[:, None]
    values = np.array([[value(loss, row, np.array([s])) for s in (1.0, -1.0)] for row in w])
    assert np.ptp(values) == pytest.approx(float(loss.range))
    slopes = np.abs(np.diff(values, axis=0) / np.diff(w, axis=0))
    assert float(loss.lipschitz) * 0.99 < slopes.max() <= float(loss.lipschitz) * (1 + 1e-9)


def test_a_ball_on_which_the_range_would_be_another_is_refused() -> None:
    with pytest.raises(ValueError, match="smaller ball"):
        Loss(Fraction(1), Fraction(2), Fraction(1))


@pytest.mark.parametrize(
    ("name", "loss"),
    list(zip(["hardt2016distance_convex", "hardt2016distance_strongly_convex", "hardt2016distance_nonconvex"], LOSSES, strict=True)),
)
@pytest.mark.parametrize("radius", [Fraction(1, 100), Fraction(1, 2), Fraction(3, 2)])
def test_twins_are_never_farther_apart_than_the_capacity_says_and_half_of_it_is_too_little(name: str, loss: Loss, radius: Fraction) -> None:
    distance = get(name)
    assert isinstance(distance, Capacity)
    curved = Loss(loss.slope, loss.curvature, radius)
    steps = (Fraction(1, 4), Fraction(1, 2), Fraction(1, 8), Fraction(1, 1000)) if radius > 1 else (Fraction(1, 1000),) * 4
    given: dict[str, Any] = {"lipschitz": curved.lipschitz, "step_sizes": steps, "smoothness": abs(curved.curvature) or Fraction(1)}
    if "strong_convexity" in distance.inputs:
        given["strong_convexity"] = curved.curvature
    closest = 0.0
    for n, kind in ((1, "cyclic"), (2, "permutations"), (2, "with replacement"), (4, "cyclic")):
        for order in orders(n, len(steps), kind):  # type: ignore[arg-type]
            bound = Fraction(distance(**given, replaced=tuple(int(i == 0) for i in order)).value)
            for rest in itertools.product((1, -1), repeat=n - 1):
                one, other = (run_on_the_line(curved, [(s, *rest)[i] for i in order], steps) for s in (1, -1))
                assert abs(one - other) <= bound
                closest = max(closest, float(abs(one - other) / bound) if bound else 0.0)
    assert closest > 0.5, "a capacity half as large would have gone unnoticed"
    assert math.isclose(closest, 1, rel_tol=0.05) or radius > Fraction(1, 50)
