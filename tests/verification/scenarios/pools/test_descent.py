"""Descent with a penalty on draws from a pool: faults of the bounds that it serves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.verification.scenarios.pools.planted import bound, tells, times

from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.populations import population
from genbounds.verification.scenarios import scenario

CONSTANT, DECAYING = "regularised gradient descent", "regularised gradient descent with decaying steps"


@pytest.mark.parametrize(("name", "length"), [(CONSTANT, 40), (DECAYING, 5)])
def test_a_run_by_hand(name: str, length: int) -> None:
    pool, world = population("separable"), next(iter(scenario(name).draws(range(2))))
    signed, sample = pool.inputs * pool.labels[:, None], pool.sample(("descent", 1), 100)
    assert pool.separator is not None
    first = -length * pool.separator / math.sqrt(float(pool.separator @ pool.separator))
    weights = first.copy()
    assert (signed @ weights < 0).all()
    for t, row in enumerate(sample.tolist(), 1):
        step = world.common["step_size"] if name == CONSTANT else 1 / t
        slope = 1 / (1 + math.exp(float(weights @ signed[row])))
        weights = weights + step * (slope * signed[row] - (weights - first))
        away = math.sqrt(float((weights - first) @ (weights - first)))
        weights = first + (weights - first) * min(1.0, 0.25 / max(away, 1e-300))
    losses = np.log1p(np.exp(-(signed @ weights)))
    assert float(world.truth(EXPECTED_GAP)[1]) == pytest.approx(float(losses.mean() - losses[sample].mean()), abs=1e-10)
    assert float(losses.max()) <= world.common["loss_range"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "served", "factor"), [(CONSTANT, "hardt2016strongly_convex", 0.15), (DECAYING, "hardt2016decaying", 0.03)]
)
def test_a_part_of_the_bound_on_the_gap_is_refuted(name: str, served: str, factor: float) -> None:
    assert tells(name, bound(served), times(bound(served), factor))
