"""Invariances of what is measured of a network: true ones hold, and what is none is seen to change."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from genbounds.models import summarize
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.invariances import changes


def measured(network: DenseNetwork, inputs: Tensor) -> dict[str, float]:
    labels = torch.arange(len(inputs)) % network.widths[-1]
    summary = summarize(network, inputs, labels)
    return {
        "margin": float(summary.margins.min()),
        "product of spectral norms": float(summary.norm_product("spectral_norms").value),  # type: ignore[arg-type]
        "product of Frobenius norms": float(summary.norm_product().value),  # type: ignore[arg-type]
        "data norm": float(summary.data_norm.value),  # type: ignore[arg-type]
        "largest column": float(summary.data_norm_columns.value),  # type: ignore[arg-type]
        "first spectral norm": float(summary.spectral_norms.value[0]),  # type: ignore[index]
    }


@pytest.mark.slow
def test_what_a_network_is_measured_to_have_is_that_of_its_function() -> None:
    network = DenseNetwork([5, 7, 6, 3], bias=False, dtype=torch.float64).initialise(Stream("metamorphic", "training"), 0)
    inputs = torch.from_numpy(np.random.default_rng(0).standard_normal((20, 5)))
    found = changes(measured, network, inputs)
    for name in ("permuted", "rotated", "rescaled"):
        for invariant in ("margin", "product of spectral norms", "product of Frobenius norms", "data norm"):
            assert found[name][invariant] < 1e-6, (name, invariant)
    # The check can fail: a single layer's norm is not a function of the function, nor is the largest column of the inputs.
    assert found["rescaled"]["first spectral norm"] == pytest.approx(3.0, abs=1e-6)
    assert found["rotated"]["largest column"] > 1e-3
