"""Layers bounded together are never bounded below what they do, and less than one by one; ascent finds where normalisations are steep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genbounds.models.measuring.summary import summarize
from genbounds.models.tracing import fused, read_graph
from genbounds.models.tracing.propagation import fused_lipschitz, propagate
from genbounds.models.tracing.weights import weight_norms

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "gelu by tanh": lambda: nn.GELU("tanh"),
    "silu": nn.SiLU,
    "hardswish": nn.Hardswish,
    "leaky": lambda: nn.LeakyReLU(0.2),
    "turned": lambda: nn.LeakyReLU(-0.5),
    "steep": lambda: nn.LeakyReLU(3.0),
    "softplus": nn.Softplus,
    "hardtanh": nn.Hardtanh,
    "none": nn.Identity,
}


class Residual(nn.Module):
    """a x + b f(x)."""

    def __init__(self, inner: nn.Module, own: float, scale: float) -> None:
        super().__init__()
        self.inner, self.own, self.scale = inner, own, scale

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.own * x + self.scale * self.inner(x)
        return found


def bounds(network: nn.Module, x: Tensor) -> tuple[float, float]:
    """(layers together, one by one)."""
    graph = read_graph(network, x)
    norms = weight_norms(graph.weights, None)["spectral_norms"]
    return fused_lipschitz(graph, norms, 9.0), propagate(graph, norms, data_norm=9.0, n=1, radius=9.0).lipschitz


def steepest(network: nn.Module, points: Tensor) -> float:
    """The largest norm of a Jacobian."""
    jacobians = [torch.autograd.functional.jacobian(lambda v: network(v[None])[0], point) for point in points]
    return max(float(torch.linalg.matrix_norm(jacobian.reshape(len(jacobian), -1), 2)) for jacobian in jacobians)


@pytest.mark.slow
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_two_layers_together(name: str) -> None:
    """Attacked by the Jacobians at eighty points of networks of every activation, with and without a residual connection."""
    torch.manual_seed(0)
    tight = False
    for network in (
        nn.Sequential(nn.Linear(4, 6), ACTIVATIONS[name](), nn.Linear(6, 4)),
        nn.Sequential(nn.Linear(4, 4), Residual(nn.Sequential(nn.Linear(4, 6), ACTIVATIONS[name](), nn.Linear(6, 4)), 1.0, -0.7)),
    ):
        network.double().eval()
        x = torch.cat([torch.randn(60, 4), 4 * torch.randn(20, 4)]).double()
        together, apart = bounds(network, x[:2])
        assert steepest(network, x) <= together * (1 + 1e-12)
        assert together <= apart
        tight = tight or together < 0.97 * apart
    assert tight


@pytest.mark.slow
def test_the_slopes_are_what_the_activations_have() -> None:
    """Found again on a fine grid, and attained: a smaller range would be wrong."""
    grid = torch.linspace(-8.0, 8.0, 400_001, dtype=torch.float64, requires_grad=True)
    for make in ACTIVATIONS.values():
        network = nn.Sequential(nn.Linear(1, 1), make(), nn.Linear(1, 1)).double().eval()
        graph = read_graph(network, torch.zeros(2, 1))
        found = next((fused._slopes(node) for node in graph.nodes if node.options.get("activation")), None)
        if found is None:
            continue
        (slopes,) = torch.autograd.grad(make()(grid).sum(), grid)
        low, high = float(slopes.min()), float(slopes.max())
        assert found[0] <= low + 1e-12
        assert high <= found[1] + 1e-12
        assert low - found[0] + found[1] - high < 1e-2


@pytest.mark.slow
def test_a_range_of_slopes_that_is_too_small_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: GELU as if its slopes were between 0 and 1. One unit, so that the bound is the largest slope itself."""
    network = nn.Sequential(nn.Linear(1, 1), nn.GELU(), nn.Linear(1, 1)).double().eval()
    nn.init.ones_(network[0].weight)
    nn.init.ones_(network[2].weight)
    nn.init.zeros_(network[0].bias)
    x = torch.tensor([[2.0**0.5]], dtype=torch.float64)
    found = bounds(network, torch.zeros(2, 1))[0]
    assert steepest(network, x) <= found
    monkeypatch.setattr(fused, "_slopes", lambda node: (0.0, 1.0) if node.options.get("activation") else None)
    assert bounds(network, torch.zeros(2, 1))[0] < steepest(network, x)


@pytest.mark.parametrize("rms", [False, True])
def test_a_layer_after_a_normalisation(rms: bool) -> None:
    """||W G P|| / sqrt(eps) is attained where all entries agree; numpy gives it again."""
    torch.manual_seed(1)
    norm = nn.RMSNorm(5, eps=0.01) if rms else nn.LayerNorm(5, eps=0.01)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([4.0, 0.1, -0.2, 0.1, 0.3]))
    network = nn.Sequential(norm, nn.Linear(5, 3)).double().eval()
    with torch.no_grad():
        network[1].weight[:, 0] = 0.05
    gained = (network[1].weight * network[0].weight).detach().numpy()
    centred = gained if rms else gained @ (np.eye(5) - 0.2)
    exact = float(np.linalg.norm(centred, 2)) / 0.1
    together, apart = bounds(network, torch.zeros(2, 5))
    assert exact <= together < exact * (1 + 1e-9)
    assert together < 0.6 * apart
    assert steepest(network, torch.full((1, 5), 0.0 if rms else 2.0, dtype=torch.float64)) == pytest.approx(exact, rel=1e-6)


@pytest.mark.slow
def test_a_gain_along_another_axis_is_left_alone() -> None:
    """A group normalisation's gains are those of channels, not of the last axis, though there are as many."""
    torch.manual_seed(2)
    network = nn.Sequential(nn.GroupNorm(1, 4), nn.Linear(4, 2), nn.Flatten(), nn.Linear(8, 2)).double().eval()
    graph = read_graph(network, torch.zeros(2, 4, 4))
    norms = weight_norms(graph.weights, None)["spectral_norms"]
    part = replace(graph, output=2)
    assert not fused.fused_constants(part, norms) or all(anchor > 1 for anchor, _ in fused.fused_constants(part, norms).values())


@pytest.mark.slow
def test_ascent_finds_where_a_normalisation_is_steep() -> None:
    """The examples lie where the slope is below 1; tokens that are nearly constant have 100 times that, which is the constant itself."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.LayerNorm(6, eps=1e-4), nn.Flatten(), nn.Linear(24, 3)).double().eval()
    x = torch.randn(8, 4, 6, dtype=torch.float64) + 3
    found = summarize(network, x, torch.arange(8) % 3)
    lower, upper = float(found.lipschitz_lower or 0.0), float(found.lipschitz_upper or 0.0)
    near = steepest(network, x[:4])
    assert near < 2
    assert 30 * near < lower <= upper
    assert lower > 0.6 * upper


@pytest.mark.parametrize("size", [1e-200, 1e-130, 1e130])
def test_products_that_leave_the_doubles_are_not_made(size: float) -> None:
    """Where a product of two matrices underflows its norm would be 0: below the slope of the network."""
    layers = nn.Sequential(nn.Linear(3, 3, bias=False), nn.GELU(), nn.Linear(3, 3, bias=False)).double()
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.copy_(size * torch.eye(3, dtype=torch.float64))
    graph = read_graph(layers, torch.zeros(2, 3, dtype=torch.float64))
    assert fused.fused_constants(graph, [size * (1 + 1e-12)] * 2) == {}
