"""Two networks trained on draws from a pool, and the share of them that is wrong on one further draw after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, IID_STREAM, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.learners.small_networks import HELD_OUT, pairs_of_networks
from genbounds.verification.populations import population
from genbounds.verification.scenarios.scenario import Scenario, World, holding


class LossesOnPool(Scenario):
    """The loss is 0, 1/2 or 1: how many of two 30-8-2 ReLU networks are wrong, halved."""

    name = "losses in order on held-out draws"
    description = "two ReLU networks trained on 20 draws each from breast cancer, and their mean loss on each of 40 others"
    inputs = frozenset({"losses"})
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool, one after the other", IID_STREAM, IID_SAMPLE)
        | holding("0, 1/2 or 1", LOSS_IN_UNIT_INTERVAL)
        | holding("the networks were trained on other draws", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One setting; two networks for each key."""
        first, second, drawn = pairs_of_networks(population("breast_cancer"), keys)
        loss = (first.astype(float) + second) / 2
        label = f"breast cancer, two networks trained on 20 draws each, n = {HELD_OUT} others"
        yield World(label, {}, {"losses": np.take_along_axis(loss, drawn, axis=1)}, {RISK: loss.mean(axis=1)})
