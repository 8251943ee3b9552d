"""Closed forms against draws (five standard errors, false alarm 6e-7 each) and integrals; and what the linear example is for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from genbounds.verification.populations.nagarajan_kolter import Hyperspheres, SignalAndNoise


def close(wrong: float, risk: float, draws: int) -> bool:
    return abs(wrong - risk) <= 5 * math.sqrt(max(risk * (1 - risk), 1e-9) / draws)


def test_the_risk_of_a_linear_rule_on_signal_and_noise() -> None:
    law, random = SignalAndNoise(np.array([0.1, -0.2]), 40), np.random.default_rng(1)
    weights = random.normal(size=42) * np.array([3.0, 3.0] + [0.2] * 40)
    inputs, labels = law.sample("draws", 100_000)
    wrong = float((labels * (inputs @ weights) <= 0).mean())
    assert close(wrong, law.risk(weights), 100_000)
    assert not close(wrong, SignalAndNoise(law.signal, 80).risk(weights), 100_000)


def test_a_rule_of_small_risk_errs_on_all_of_a_sample_that_is_as_probable_as_its_own() -> None:
    """The sum of y x errs on none of 50 examples, has a small risk, and errs on all of them once their noise is turned round."""
    n, noisy = 50, 40_000
    law = SignalAndNoise(np.array([1 / math.sqrt(n)]), noisy)
    inputs, labels = law.sample("example", n)
    weights = labels @ inputs
    assert (labels * (inputs @ weights) > 0).all()
    assert law.risk(weights) < 0.01
    assert (labels * (law.turned(inputs) @ weights) <= 0).all()


@pytest.mark.parametrize(("dimension", "bias"), [(2, 0.3), (3, -0.8), (50, 0.1)])
def test_the_risk_of_a_linear_rule_on_hyperspheres(dimension: int, bias: float) -> None:
    """The coordinate of a uniform point has the density c (1 - t^2)^((d - 3)/2); in the angle it is c sin^(d - 2)."""
    law = Hyperspheres(dimension, 1.1)
    weights = np.zeros(dimension)
    weights[0] = 1.0
    whole, _ = integrate.quad(lambda a: math.sin(a) ** (dimension - 2), 0, math.pi)

    def above(height: float) -> float:
        if abs(height) >= 1:
            return float(height < 0)
        return integrate.quad(lambda a: math.sin(a) ** (dimension - 2), 0, math.acos(height))[0] / whole

    expected = (above(-bias) + 1 - above(-bias / 1.1)) / 2
    assert law.risk(weights, bias) == pytest.approx(expected, abs=1e-9)
    inputs, labels = law.sample("draws", 100_000)
    assert close(float((labels * (inputs @ weights + bias) <= 0).mean()), law.risk(weights, bias), 100_000)
    for threshold in (0.9, 1.05, 1.2):
        said = np.where(np.linalg.norm(inputs, axis=1) > threshold, 1, -1)
        assert float((said != labels).mean()) == pytest.approx(law.risk_of_norm(threshold), abs=0.01)
    assert np.linalg.norm(inputs, axis=1).max() <= law.input_radius


def test_bad_parameters_are_refused_and_hashes_tell_laws_apart() -> None:
    with pytest.raises(ValueError, match="signal"):
        SignalAndNoise(np.array([]), 4)
    with pytest.raises(ValueError, match="noisy"):
        SignalAndNoise(np.ones(1), 0)
    with pytest.raises(ValueError, match="dimension"):
        Hyperspheres(1, 1.1)
    with pytest.raises(ValueError, match="outer"):
        Hyperspheres(3, 1.0)
    assert Hyperspheres(3, 1.1).content_hash != Hyperspheres(3, 1.2).content_hash
    assert SignalAndNoise(np.ones(1), 4).content_hash != SignalAndNoise(np.ones(1), 5).content_hash
