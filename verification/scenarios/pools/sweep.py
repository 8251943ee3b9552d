"""The best of finitely many networks on validation draws: the checkpoints of a sweep, and many random classifiers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import torch

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    CANDIDATES_INDEPENDENT_OF_SAMPLE,
    CLASS_FIXED_IN_ADVANCE,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    PRIOR_CODE_FIXED_IN_ADVANCE,
    UNBIASED_VARIANCE,
    VARIANCE_BOUND,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.voters import wrong_classifiers
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.pools.held_out_network import shown_by
from genbounds.verification.scenarios.scenario import Scenario, World, holding, log_up, violating

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
    inputs = frozenset(
        {
            "n",
            "errors",
            "empirical_risk",
            "variance",
            "variance_bound",
            "loss_range",
            "class_size",
            "candidates",
            "log_inverse_prior",
            "bits",
        }
    )
    truths = frozenset({RISK})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS)
        | holding("all were trained, or drawn, before the validation draws", CLASS_FIXED_IN_ADVANCE, CANDIDATES_INDEPENDENT_OF_SAMPLE)
        | holding("each has weight 1/K, and a word of log2 K bits rounded up", PRIOR_CODE_FIXED_IN_ADVANCE)
        | holding("errors (n - errors)/(n (n - 1)), by its definition", UNBIASED_VARIANCE)
        | holding("the largest variance over the pool among all of them, rounded up", VARIANCE_BOUND)
        | violating("the best on the sample is picked", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """The two classes, on the same validation draws."""
        drawn = np.stack([population("breast_cancer").sample(("sweep", key), VALIDATION, purpose="validation") for key in keys])
        yield self.world("checkpoints", checkpoints(), drawn)
        yield self.world("random classifiers", wrong_classifiers(population("breast_cancer"), CLASSIFIERS), drawn)

    @staticmethod
    def world(what: str, wrong: Array, drawn: Array) -> World:
        """The best on each sample of a class that is given by its errors on the pool, (K, N); the first of equals."""
        size, n = len(wrong), drawn.shape[1]
        errors = np.stack([wrong[:, sample].sum(axis=1) for sample in drawn])
        picked, risks = errors.argmin(axis=1), wrong.mean(axis=1)
        common: dict[str, Any] = {
            "n": n,
            "loss_range": 1,
            "variance_bound": float(np.nextafter((risks * (1 - risks)).max(), 1)),
            "class_size": size,
            "candidates": size,
            "log_inverse_prior": log_up(size),
            "bits": max((size - 1).bit_length(), 1),
        }
        return World(f"the best of {size} {what}, n = {n}", common, shown_by(errors.min(axis=1), n), {RISK: risks[picked]})
