"""Curvature of networks as people write them: of the user's parameters, on a copy in float64, with no step on the user's own modules."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from tests.models.snapshots import global_state, snapshot
from tests.models.user_networks import READABLE, REFUSED, prepared
from torch import nn

from genbounds.models.curvature import gradient_norms, hessian_top_eigenvalue, hessian_trace, initial_curvature, tangent_kernel

X = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))
Y = torch.arange(7) % 2
NO_VMAP = {"a first state of zeros", "a first state of ones"}
"""torch has no batching rule for its recurrent layers."""


def built(make: Callable[[], nn.Module]) -> nn.Module:
    torch.manual_seed(0)
    return prepared(make())


def gradients(model: nn.Module) -> list[float]:
    """The norm of each example's gradient, by autograd on a copy in the user's dtype."""
    twin, found = copy.deepcopy(model).eval(), []
    for x, y in zip(X, Y, strict=True):
        twin.zero_grad()
        outputs = twin(x[None])
        if isinstance(outputs, dict):
            outputs = outputs.get("logits", outputs.get("out"))
        logits = outputs if isinstance(outputs, torch.Tensor) else next(part for part in outputs if isinstance(part, torch.Tensor))
        nn.functional.cross_entropy(logits, y[None]).backward()
        squares = [
            parameter.grad.square().sum() for parameter in twin.parameters() if parameter.requires_grad and parameter.grad is not None
        ]
        found.append(float(sum(squares)) ** 0.5)
    return found


@pytest.mark.parametrize("name", sorted(set(READABLE) - {"a Python list of layers", "a branch on the dtype", "an output with its history"}))
def test_gradients_are_those_of_the_users_network_which_stays_as_it_is(name: str) -> None:
    model = built(READABLE[name])
    before, world = snapshot(model), global_state()
    if name in NO_VMAP:
        assert np.isfinite(float(hessian_top_eigenvalue(model, X, Y)))
    else:
        np.testing.assert_allclose(gradient_norms(model, X, Y).value, gradients(model), rtol=2e-5, atol=1e-6)
    assert snapshot(model) == before
    assert global_state() == world


@pytest.mark.parametrize("name", ["a layer that stands twice", "tied weights", "a spectral norm"])
def test_every_measurement_leaves_shared_and_parametrised_weights(name: str) -> None:
    pytest.importorskip("curvlinops")
    model = built(READABLE[name])
    before, world = snapshot(model), global_state()
    hessian_top_eigenvalue(model, X, Y)
    hessian_trace(model, X, Y, repetitions=2, products=2)
    initial_curvature(model, X, Y, examples=2)
    tangent_kernel(model, X)
    assert snapshot(model) == before
    assert global_state() == world


def test_the_hessian_of_a_shared_layer_is_that_of_its_one_weight() -> None:
    """Compared with nested differentiation of the loss written as a function of the weights."""
    pytest.importorskip("curvlinops")
    torch.manual_seed(0)
    layer, last = nn.Linear(4, 4, bias=False), nn.Linear(4, 2, bias=False)
    model = nn.Sequential(layer, nn.Tanh(), layer, nn.Tanh(), last).double()

    def loss(vector: torch.Tensor) -> torch.Tensor:
        shared, head = vector[:16].reshape(4, 4), vector[16:].reshape(2, 4)
        return nn.functional.cross_entropy(torch.tanh(torch.tanh(X.double() @ shared.T) @ shared.T) @ head.T, Y)

    start = torch.cat([layer.weight.detach().flatten(), last.weight.detach().flatten()])
    wanted = float(torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, start)).max())
    assert float(hessian_top_eigenvalue(model, X, Y)) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("name", ["scripted", "two outputs", "a state", "a wrong size", "its own error", "a layer outside", "a hook"])
def test_what_cannot_be_read_is_refused_in_our_words(name: str) -> None:
    make, message = REFUSED[name]
    model, world = built(make), global_state()
    before = None if name == "scripted" else snapshot(model)
    with pytest.raises(ValueError, match=message):
        gradient_norms(model, X, Y)
    assert global_state() == world
    assert before is None or snapshot(model) == before


def test_a_branch_on_the_dtype_and_layers_in_a_list_are_refused() -> None:
    with pytest.raises(ValueError, match="must compute in float32 what its layers compute"):
        gradient_norms(built(READABLE["a branch on the dtype"]), X, Y)
    with pytest.raises(ValueError, match=r"listed\[0\]\.weight must be a parameter that model\.parameters\(\) gives.*ModuleList"):
        gradient_norms(built(READABLE["a Python list of layers"]), X, Y)
