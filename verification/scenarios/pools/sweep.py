"""The best of finitely many networks on validation draws: the checkpoints of a sweep, and many random classifiers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import torch

from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, RISK
from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.voters import wrong_classifiers
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.picked_best import CHARGED, INFORMED, SHOWN, audit_of_the_picked, best_on_samples
from genbounds.verification.scenarios.scenario import Scenario, World

RATES, SEEDS, EPOCHS = (0.01, 0.03, 0.1, 0.3), 6, (5, 20, 80)
CLASSIFIERS = 1000
VALIDATION = 20


@cache
def checkpoints() -> Array:
    """Which points of breast cancer each checkpoint of a sweep gets wrong: four rates, six seeds, three times each; (72, N).

    All are trained on the same 50 draws, which no validation sample meets.
    """
    pool = population("breast_cancer")
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    sample = IndexSamples(torch.from_numpy(pool.sample("sweep", 50, purpose="training")))
    ensemble = Ensemble((30, 4, 2), networks=len(RATES) * SEEDS, stream=Stream("sweep", "training"))
    rates = torch.tensor(RATES, dtype=torch.float64).repeat_interleave(SEEDS)
    found = []
    for before, until in zip((0, *EPOCHS), EPOCHS, strict=False):
        ensemble.train(inputs, labels, sample, steps=until - before, batch_size=10, learning_rate=rates)
        found.append(ensemble.margins(inputs, labels, dtype=torch.float64).numpy() <= 0)
    return np.concatenate(found)


class BestOfSweep(Scenario):
    """The checkpoint, or the random classifier, with the fewest errors on 20 validation draws."""

    name = "best of a sweep"
    description = (
        "72 checkpoints of a sweep, or 1000 random classifiers, on breast cancer: the one with the fewest errors on validation draws"
    )
    inputs = SHOWN | CHARGED | INFORMED
    truths = frozenset({RISK, EXPECTED_RISK, EXPECTED_GAP})
    audit = audit_of_the_picked(
        examples="draws with replacement from the pool",
        fixed="all were trained, or drawn, before the validation draws",
        words="each has weight 1/K, and a word of log2 K bits rounded up",
        variance="the largest variance over the pool among all of them, rounded up",
    )

    def draws(self, keys: range) -> Iterator[World]:
        """The two classes, on the same validation draws."""
        drawn = np.stack([population("breast_cancer").sample(("sweep", key), VALIDATION, purpose="validation") for key in keys])
        pool = population("breast_cancer")
        for what, wrong in (("checkpoints", checkpoints()), ("random classifiers", wrong_classifiers(pool, CLASSIFIERS))):
            risks = wrong.mean(axis=1)
            largest = float(np.nextafter((risks * (1 - risks)).max(), 1))
            yield best_on_samples(f"the best of {len(wrong)} {what}, n = {VALIDATION}", wrong, drawn, largest)
