"""ReLU networks trained on draws from the unit interval, whose risk is exact by their kinks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    RELU_UNITS,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations.unit_interval import UnitInterval, pieces_of_network
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

WIDTHS = (1, 8, 1)
SETTINGS = ((UnitInterval((Fraction(1, 2),), Fraction(2, 5)), 8), (UnitInterval((Fraction(1, 4), Fraction(3, 4)), Fraction(1, 10)), 60))
"""The law, and the number of examples: few of much noise, and more of less."""
THINNING = 16
"""A network for every sixteenth key: its risk is computed in Fractions."""
TIE = 1e-9
"""A score so close to 0 counts as an error on the sample."""


class NetworkOnUnitInterval(Scenario):
    """Networks with eight hidden units, trained by gradient descent on all of the sample at once."""

    name = "ReLU network on the unit interval"
    description = "1-8-1 ReLU networks trained on noisy labels of [0, 1], and their exact risk from the kinks of their units"
    inputs = frozenset({"n", "errors", "empirical_risk", "widths"})
    truths = frozenset({RISK})
    audit = (
        holding("independent draws from the law", IID_SAMPLE)
        | holding("a sign is right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("the widths are constants of the scenario", CLASS_FIXED_IN_ADVANCE, ARCHITECTURE_FIXED_IN_ADVANCE)
        | holding("ReLU", RELU_UNITS)
        | violating("the network is trained on the sample", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One world for each law."""
        for law, n in SETTINGS:
            yield self.world(law, n, keys[::THINNING])

    @staticmethod
    def world(law: UnitInterval, n: int, keys: range) -> World:
        """One network for each key, on a sample of its own."""
        samples = [law.sample(("trained", key), n) for key in keys]
        inputs = torch.tensor(np.concatenate([x for x, _ in samples]))
        labels = torch.tensor(np.concatenate([y for _, y in samples]))
        ensemble = Ensemble(WIDTHS, networks=keys, stream=Stream("unit interval", "training"), dtype=torch.float64)
        rows = torch.arange(len(keys) * n).reshape(len(keys), n)
        ensemble.train(inputs, labels, IndexSamples(rows), steps=200, order="full", learning_rate=0.5)
        errors, risks = [], []
        for network in range(len(keys)):
            hidden, bias, output, last = (p.detach().double().numpy() for p in ensemble.extract(network).parameters())
            scores = np.maximum(samples[network][0] @ hidden.T + bias, 0) @ output[0] + float(last[0])
            errors.append(int((scores * samples[network][1] <= TIE).sum()))
            units = list(zip(hidden[:, 0].tolist(), bias.tolist(), strict=True))
            risks.append(law.risk(pieces_of_network(units, output[0].tolist(), float(last[0]))))
        shown: dict[str, Any] = {"errors": errors, "empirical_risk": [Fraction(entry, n) for entry in errors]}
        return World(f"cuts {', '.join(map(str, law.cuts))}, noise {law.noise}, n = {n}", {"n": n, "widths": WIDTHS}, shown, {RISK: risks})
