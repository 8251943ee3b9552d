"""Two networks, each trained on draws of its own from a pool of two classes: how often they disagree on draws that neither saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from genbounds.bounds.assumptions import IID_SAMPLE, MISCLASSIFICATION, SURROGATE_COMPARED, UNLABELLED_DRAWS, ZERO_ONE_LOSS
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.learners.small_networks import HELD_OUT, errors_on, pairs_of_networks
from genbounds.verification.populations import population
from genbounds.verification.scenarios.scenario import Scenario, World, holding


class SurrogateNetwork(Scenario):
    """A 30-8-2 ReLU network on breast cancer compared with another one, whose risk over the pool is known."""

    name = "network and surrogate"
    description = "two ReLU networks trained on 20 draws each from breast cancer, and their disagreements on 40 others"
    inputs = frozenset({"surrogate_risk", "disagreements", "unlabelled"})
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool, after both networks", UNLABELLED_DRAWS, IID_SAMPLE)
        | holding("one of two classes, right or wrong", MISCLASSIFICATION, ZERO_ONE_LOSS)
        | holding("one surrogate, its risk over the pool", SURROGATE_COMPARED)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Two settings, two networks for each key: compared with the second network, and with the labels, a surrogate that never errs."""
        pool = population("breast_cancer")
        wrong, surrogate, drawn = pairs_of_networks(pool, keys)
        for words, errs in (("another network", surrogate), ("one that never errs", surrogate & False)):
            # Of two classes the two name different ones where one is right and the other is not.
            inputs: dict[str, Any] = {"surrogate_risk": errs.mean(axis=1), "disagreements": errors_on(wrong != errs, drawn)}
            label = f"breast cancer, networks trained on 20 draws, compared with {words}, m = {HELD_OUT} others"
            yield World(label, {"unlabelled": HELD_OUT}, inputs, {RISK: wrong.mean(axis=1)})
