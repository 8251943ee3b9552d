"""Declared directions and invariances: true ones hold, planted ones are caught."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from genbounds.bounds.lookup import get
from genbounds.bounds.theorem import Bound
from genbounds.models import summarize
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.matching import match
from genbounds.verification.checks.metamorphic import DeclaredDirections, changes
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios import scenario

CASES = [
    ("hoeffding", "fixed hypothesis"),
    ("clopper_pearson", "fixed hypothesis"),
    ("empirical_bernstein", "fixed hypothesis"),
    ("seeger2002", "crowd of voters"),
    ("mcallester", "posterior on random classifiers"),
    ("sauer", "memoriser"),
    ("hardt2016convex", "logistic gradient descent"),
]


def look(name: str, where: str, **declared: Any) -> Verdict:
    bound = get(name)
    assert isinstance(bound, Bound)
    found = match(bound, scenario(where))
    copy = object.__new__(type(bound))
    copy.__dict__.update(bound.__dict__)
    copy.__dict__["declaration"] = replace(bound.declaration, **declared)
    finding = DeclaredDirections().look(replace(found, bound=copy), "thumbnail", 1e-3)
    assert finding is not None
    assert finding.looked_at > 0
    return finding.verdict


@pytest.mark.parametrize(("name", "where"), CASES)
def test_declared_directions_hold(name: str, where: str) -> None:
    assert look(name, where) is Verdict.NOT_REFUTED


@pytest.mark.parametrize(
    ("name", "where", "declared"),
    [
        ("hoeffding", "fixed hypothesis", {"increasing": ("empirical_risk", "n"), "decreasing": ("delta",)}),
        ("seeger2002", "crowd of voters", {"increasing": (), "decreasing": ("n", "delta", "kl")}),
        ("empirical_bernstein", "fixed hypothesis", {"increasing": (), "decreasing": ("variance",)}),
    ],
)
def test_a_direction_that_is_declared_wrongly_is_caught(name: str, where: str, declared: dict[str, tuple[str, ...]]) -> None:
    assert look(name, where, **declared) is Verdict.REFUTED


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


def test_what_a_network_is_measured_to_have_is_that_of_its_function() -> None:
    network = DenseNetwork([5, 7, 6, 3], bias=False, dtype=torch.float64).initialise(Stream("metamorphic", "training"), 0)
    inputs = torch.from_numpy(np.random.default_rng(0).standard_normal((20, 5)))
    found = changes(measured, network, inputs)
    for name in ("permuted", "rotated", "rescaled"):
        for invariant in ("margin", "product of spectral norms", "product of Frobenius norms", "data norm"):
            assert found[name][invariant] < 1e-6, (name, invariant)
    # The check can fail: a single layer's norm is no function of the function, nor is the largest column of the inputs.
    assert found["rescaled"]["first spectral norm"] == pytest.approx(3.0, abs=1e-6)
    assert found["rotated"]["largest column"] > 1e-3
