"""Tangent kernels and trajectories: exact for linear models, near for wide networks, and planted faults are seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from genbounds.models.curvature import tangent_kernel
from genbounds.verification.checks import optimisation
from genbounds.verification.checks.optimisation import arc_cosine_kernel, kernel_disagreement, kernel_drift, trajectory

INPUTS = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 3)))
TARGETS = torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0, -1.0], dtype=torch.float64)


def two_layers(width: int, seed: int, scale: float = 1.0) -> nn.Sequential:
    generator = torch.Generator().manual_seed(seed)
    network = nn.Sequential(nn.Linear(3, width, bias=False), nn.ReLU(), nn.Linear(width, 1, bias=False)).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(scale * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return network


@pytest.mark.slow
def test_the_two_ways_agree_and_a_wrong_one_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    network = two_layers(20, 0)
    assert kernel_disagreement(network, INPUTS) < 1e-12
    right = optimisation.tangent_kernel_product
    monkeypatch.setattr(optimisation, "tangent_kernel_product", lambda *given: 2 * right(*given))
    assert kernel_disagreement(network, INPUTS) > 0.5


@pytest.mark.slow
def test_the_analytic_kernel_is_the_mean_over_networks() -> None:
    """400 networks of 30 units, entry by entry within six standard errors: false alarm below 36 * 2e-9."""
    found = np.array([tangent_kernel(two_layers(30, seed, 0.5), INPUTS).matrix for seed in range(400)])
    error = found.std(axis=0, ddof=1) / 20
    analytic = arc_cosine_kernel(INPUTS.numpy(), 30, 0.25, 0.25)
    assert (np.abs(found.mean(axis=0) - analytic) <= 6 * error).all()
    assert (np.abs(found.mean(axis=0) - arc_cosine_kernel(INPUTS.numpy(), 30, 0.5, 0.25)) > 6 * error).any()  # sd for variance is seen


def test_a_linear_model_follows_its_kernel_exactly() -> None:
    model = nn.Linear(3, 1).double()
    found = trajectory(model, INPUTS, TARGETS, step=0.2, steps=30)
    assert found.drift == pytest.approx(0.0, abs=1e-12)
    assert found.deviation < 1e-12
    assert np.linalg.norm(found.real[-1] - TARGETS.numpy()) < np.linalg.norm(found.real[0] - TARGETS.numpy())


def test_the_drift_and_the_deviation_fall_with_the_width() -> None:
    """At a step of 1/width: the same functions in the limit."""
    found = [trajectory(two_layers(width, 1, width**-0.25), INPUTS, TARGETS, step=0.5 / width**0.5, steps=20) for width in (16, 4096)]
    assert found[1].drift < found[0].drift / 3
    assert found[1].deviation < found[0].deviation / 2


def test_drift_by_hand() -> None:
    assert kernel_drift(np.array([[3.0, 0.0], [0.0, 4.0]]), np.array([[3.0, 0.0], [0.0, 9.0]])) == pytest.approx(1.0)
