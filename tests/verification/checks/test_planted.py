"""Planted faults of the PAC-Bayes procedure: the right rungs catch each, and none fires where nothing is planted."""

from __future__ import annotations

import pytest
import torch

from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianDenseNetwork, gaussian_kl
from genbounds.verification.checks.planted import FAULTS, RUNGS, Fault, caught, kl_without_biases

EXPECTED: dict[Fault, set[str]] = {
    "none": set(),
    "prior fitted on the bound's sample": {"audit"},
    "n doubled": {"enumeration", "audit"},
    "KL without the biases": {"identity"},
    "no Monte-Carlo term": {"enumeration", "audit"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_caught_by_the_rungs_that_can_see_it(fault: Fault) -> None:
    found = caught(fault)
    assert set(found) == EXPECTED[fault]
    assert all(found.values())
    assert set(found) <= set(RUNGS)


def test_the_planted_kl_leaves_out_the_biases_and_nothing_else() -> None:
    stream = Stream("planted", "training")
    prior = GaussianDenseNetwork(DenseNetwork((3, 4, 2)).initialise(stream, 0), std=0.1)
    posterior = prior.copy()
    with torch.no_grad():
        posterior.bias_means[0] += 0.2
    # Four biases two standard deviations away: 4 * 2^2 / 2.
    assert float(gaussian_kl(posterior, prior)) == pytest.approx(8.0, rel=1e-6)
    assert float(kl_without_biases(posterior, prior)) == pytest.approx(0.0, abs=1e-12)
    with torch.no_grad():
        posterior.weight_means[0] += 0.1
    assert float(kl_without_biases(posterior, prior)) == pytest.approx(6.0, rel=1e-6)
