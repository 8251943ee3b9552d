"""A network trained on some draws from a pool, and judged by others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_AT_MOST_HIGHEST,
    LOSS_IN_UNIT_INTERVAL,
    LOSS_SPLIT_AT_LEVELS,
    UNBIASED_VARIANCE,
    VARIANCE_BOUND,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.learners.small_networks import HELD_OUT, held_out_networks
from genbounds.verification.populations import population
from genbounds.verification.scenarios.picked_best import SHOWN, shown_by
from genbounds.verification.scenarios.scenario import Scenario, World, holding


class HeldOutNetwork(Scenario):
    """A 30-8-2 ReLU network on breast cancer, trained on 20 draws and held against 40 others."""

    name = "network on held-out draws"
    description = "a ReLU network trained on 20 draws from breast cancer, and its errors on 40 others"
    revision = 2
    inputs = SHOWN | {"variance_bound", "loss_range", "second_moment", "highest", "segment_risks", "gaps"}
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS, LOSS_AT_MOST_HIGHEST, LOSS_SPLIT_AT_LEVELS)
        | holding("the network was trained on other draws", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
        | holding("errors (n - errors)/(n (n - 1)), by its definition", UNBIASED_VARIANCE)
        | holding("the variance over the pool of the network that was trained before, rounded up", VARIANCE_BOUND)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One setting; a network for each key."""
        pool = population("breast_cancer")
        errors, over_pool = held_out_networks(pool, keys)
        risk = over_pool / pool.size
        inputs: dict[str, Any] = shown_by(errors, HELD_OUT) | {"variance_bound": np.nextafter(risk * (1 - risk), 1)}
        inputs |= {"second_moment": errors / HELD_OUT, "segment_risks": errors[:, None] / HELD_OUT}
        label = f"breast cancer, networks trained on 20 draws, n = {HELD_OUT} others"
        yield World(label, {"n": HELD_OUT, "loss_range": 1, "highest": 1, "gaps": (1,)}, inputs, {RISK: risk})
