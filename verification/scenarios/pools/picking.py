"""Pick-to-learn, the whole procedure, on draws from a pool: trained, picked from and certified again for each sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from genbounds.bounds.assumptions import (
    ERRORS_CHANGE_COMPRESSION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    PREFERENT_COMPRESSION,
    REBUILT_FROM_COMPRESSION,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.models.picking import Picked, Picking, margin_loss, pick_to_learn
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

POOL, DRAWS = "digits_0_vs_rest", 80
THINNING = 16
"""A network is trained for every sixteenth key: a run takes far longer than a bound."""
SETTINGS = (
    Picking(rounds=6, at_most=2, steps=8, batch_size=16, later_rate=0.05),
    Picking(spent=20, first_steps=20, rounds=3, at_most=4, steps=8, batch_size=16, learning_rate=0.05, later_rate=0.02, averaging=0.5),
)
"""Without a spent part, and with one; what is still wrong after the last round is charged."""


class PickToLearn(Scenario):
    """Linear classifiers of digits, 0 against the rest, whose examples pick themselves; exact risks over the pool."""

    name = "pick-to-learn on digits"
    description = "pick-to-learn on draws from digits, 0 against the rest: what was picked, what is wrong at the end, and the exact risk"
    inputs = frozenset({"n", "size"})
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("examples are compared by loss and position, and training sees the picked ones alone", PREFERENT_COMPRESSION)
        | holding("an example that is wrong at the end would be picked, or counted", ERRORS_CHANGE_COMPRESSION)
        | violating("the network is trained on the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
        | violating("the size counts what is wrong at the end, which is not a part of what rebuilds the network", REBUILT_FROM_COMPRESSION)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """With and without a spent part."""
        for settings in SETTINGS:
            found = [trained(key, settings) for key in keys[::THINNING]]
            n = DRAWS - settings.spent
            inputs = {"size": [run.size for run, _ in found]}
            yield World(f"digits, {settings.spent} spent, n = {n}", {"n": n}, inputs, {RISK: np.array([risk for _, risk in found])})


def trained(key: int, settings: Picking) -> tuple[Picked, float]:
    """The run on the sample of a key, and the exact risk of its network over the pool (ties and NaN are errors)."""
    pool = population(POOL)
    inputs, labels = torch.tensor(pool.inputs, dtype=torch.float32), torch.tensor(pool.labels > 0).long()
    rows = torch.from_numpy(pool.sample(("picking", key), DRAWS))
    model = nn.Linear(inputs.shape[1], 2)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    run = pick_to_learn(model, inputs[rows], labels[rows], settings, Stream("scenario of picking", "run"), network=key)
    with torch.no_grad():
        wrong = ~(margin_loss(run.model(inputs), labels) < 0)
    return run, int(wrong.sum()) / pool.size
