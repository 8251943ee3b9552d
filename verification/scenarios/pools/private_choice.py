"""The exponential mechanism: one of 50 random linear classifiers, drawn with odds that fall with its errors on the sample."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    APPROXIMATE_PRIVACY,
    DIFFERENTIAL_PRIVACY,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP, RISK
from genbounds.verification.learners.voters import GibbsPosteriors, wrong_classifiers
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import generator
from genbounds.verification.scenarios.scenario import Scenario, World, holding

SETTINGS = ((2, Fraction(4)), (100, Fraction(1, 4)))
"""Examples in a sample, and the privacy."""


class PrivateChoice(Scenario):
    """A classifier drawn with weight exp(-epsilon errors/2): a replaced example changes weights and their sum by e^(epsilon/2) at most."""

    name = "private choice of a classifier"
    description = "one of 50 random linear classifiers on breast cancer, drawn by the exponential mechanism"
    inputs = frozenset({"n", "empirical_risk", "privacy", "slack"})
    truths = frozenset({RISK, EXPECTED_GAP})
    audit = (
        holding("draws with replacement from the pool", IID_SAMPLE)
        | holding("an error or none", LOSS_IN_UNIT_INTERVAL)
        | holding("a weight and their sum change by e^(epsilon/2) at most", DIFFERENTIAL_PRIVACY, APPROXIMATE_PRIVACY)
        | holding("classifiers and weights were fixed before any sample", ALGORITHM_FIXED_IN_ADVANCE)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Two examples that are hardly private, so that they are fitted; and many that are."""
        pool = population("breast_cancer")
        wrong = wrong_classifiers(pool)
        for n, privacy in SETTINGS:
            drawn = np.stack([pool.sample(("private", key), n) for key in keys])
            found = GibbsPosteriors.of(wrong, drawn, float(privacy) * n / 2)
            coins = np.array([generator("private choice", str(key)).random() for key in keys])
            chosen = np.minimum((np.cumsum(found.posterior, axis=0) < coins).sum(axis=0), len(wrong) - 1)
            shown = found.empirical[chosen, np.arange(len(keys))]
            risk = wrong.mean(axis=1)[chosen]
            label = f"breast cancer, n = {n}, epsilon = {privacy}"
            common = {"n": n, "privacy": privacy, "slack": 0}
            truths = {RISK: risk, EXPECTED_GAP: risk - shown}
            yield World(label, common, {"empirical_risk": np.clip(shown, 0, 1)}, truths, truth_range=(-1.0, 1.0))
