"""The closed form against draws: 200 000 each, within five standard errors (false alarm 6e-7 each)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genbounds.verification.populations.gaussian_pair import GaussianPair

PAIR = GaussianPair(np.array([0.6, -0.3, 0.2]), 0.8)


@pytest.mark.parametrize("bias", [0.0, 0.3, -1.0])
@pytest.mark.parametrize("weights", [[1.0, 0.0, 0.0], [0.6, -0.3, 0.2], [-1.0, 2.0, 0.5]])
def test_the_risk_of_a_rule(weights: list[float], bias: float) -> None:
    inputs, labels = PAIR.sample(("risk", 1), 200_000)
    wrong = float((labels * (inputs @ np.array(weights) + bias) <= 0).mean())
    risk = PAIR.risk(np.array(weights), bias)
    assert abs(wrong - risk) <= 5 * math.sqrt(risk * (1 - risk) / 200_000)
    assert risk >= PAIR.bayes_risk - 1e-15
    # Another spread has another risk: the comparison can fail.
    assert abs(wrong - GaussianPair(PAIR.mean, 1.6).risk(np.array(weights), bias)) > 0.005


def test_the_rule_of_the_means_is_best() -> None:
    assert PAIR.risk(PAIR.mean) == pytest.approx(PAIR.bayes_risk, abs=1e-15)
    assert PAIR.risk(np.zeros(3)) == 1.0
    assert PAIR.risk(np.zeros(3), 1.0) == 0.5


@pytest.mark.parametrize(("mean", "spread", "said"), [([], 1.0, "mean"), ([math.nan], 1.0, "mean"), ([1.0], 0.0, "spread")])
def test_bad_parameters_are_refused(mean: list[float], spread: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        GaussianPair(np.array(mean), spread)
