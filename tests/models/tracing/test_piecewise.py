"""The exact constant on a line, against functions whose slopes are known and against slopes on a fine grid of fractions."""

import math
from fractions import Fraction

import pytest
import torch
from tests.models.tracing.architectures import randomised
from torch import Tensor, nn

from genbounds.models import DenseNetwork, summarize


def tent(depth: int) -> nn.Sequential:
    """m(x) = 2 relu(x) - 4 relu(x - 1/2), ``depth`` times: slopes of size 2^depth (Telgarsky 2016)."""
    layers: list[nn.Module] = []
    for position in range(depth):
        into, out = nn.Linear(1, 2), nn.Linear(2, 1)
        with torch.no_grad():
            into.weight.copy_(torch.tensor([[1.0], [1.0]]))
            into.bias.copy_(torch.tensor([0.0, -0.5]))
            out.weight.copy_(torch.tensor([[2.0, -4.0]]))
            out.bias.zero_()
        layers += [into, nn.ReLU(), out] + ([nn.Identity()] if position < depth - 1 else [])
    return nn.Sequential(*layers)


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_the_tent_map_has_slope_two_to_the_depth(depth: int) -> None:
    summary = summarize(tent(depth), torch.linspace(0, 1, 9)[:, None], torch.tensor([1, -1] * 4 + [1]))
    assert summary.lipschitz_exact.kind == "exact"
    assert summary.lipschitz_exact.value == 2**depth
    assert float(summary.lipschitz_lower) <= 2**depth <= float(summary.lipschitz_upper)


def slopes(network: nn.Module, points: Tensor) -> Tensor:
    """Exact derivatives, in double, at points that no kink is likely to hit."""
    x = points.double()[:, None].requires_grad_(True)
    outputs = network.double()(x)
    return torch.stack([torch.autograd.grad(column.sum(), x, retain_graph=True)[0][:, 0] for column in outputs.T], 1)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("outputs", [1, 3])
def test_random_networks_against_a_fine_grid(activation: str, residual: bool, outputs: int) -> None:
    network = randomised(DenseNetwork([1, 7, 7, outputs], activation, residual=residual, tau=0.5), seed=outputs)
    x = torch.linspace(-2, 2, 12)[:, None]
    summary = summarize(network, x, torch.ones(12, dtype=torch.int64))
    grid = torch.cat([torch.linspace(-30, 30, 200_001, dtype=torch.float64), torch.tensor([-1e6, 1e6], dtype=torch.float64)])
    largest = float(slopes(network, grid).norm(dim=1).max())
    exact = float(summary.lipschitz_exact)
    assert largest * (1 - 1e-12) <= exact
    assert exact <= largest * (1 + 1e-9)  # the steepest piece is wide enough for the grid to hit it
    assert float(summary.lipschitz_lower) <= exact * (1 + 1e-12)
    assert exact <= float(summary.lipschitz_upper) * (1 + 1e-12)


class Mixed(nn.Module):
    """Absolute values, clamps and sums, in a forward that is not a dense chain."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(1, 3), nn.Linear(3, 3), nn.Linear(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.abs(self.a(x))
        return self.c(h - 0.5 * nn.functional.hardtanh(self.b(h)))


@pytest.mark.slow
def test_a_traced_network_is_exact_where_all_its_operations_are_known() -> None:
    network = randomised(Mixed(), seed=3)
    summary = summarize(network, torch.linspace(-2, 2, 12)[:, None], torch.ones(12, dtype=torch.int64))
    grid = torch.linspace(-30, 30, 200_001, dtype=torch.float64)
    largest = float(slopes(network, grid).abs().max())
    assert summary.lipschitz_exact.kind == "exact"
    assert float(summary.lipschitz_exact) == pytest.approx(largest, rel=1e-12)
    plain = summarize(DenseNetwork([1, 4, 1], "tanh"), torch.zeros(2, 1), torch.tensor([1, -1]))
    assert plain.lipschitz_exact is None


def test_slopes_are_fractions_not_floats() -> None:
    network = nn.Sequential(nn.Linear(1, 1, dtype=torch.float64), nn.ReLU(), nn.Linear(1, 1, dtype=torch.float64))
    with torch.no_grad():
        network[0].weight.fill_(0.1)
        network[0].bias.fill_(0.0)
        network[2].weight.fill_(0.3)
        network[2].bias.fill_(1.0)
    found = summarize(network, torch.ones(2, 1), torch.tensor([1, 1])).lipschitz_exact
    assert found.value == Fraction(0.1) * Fraction(0.3)
    assert found.value != 0.1 * 0.3
    both = nn.Sequential(nn.Linear(1, 2, bias=False))
    with torch.no_grad():
        both[0].weight.copy_(torch.tensor([[1.0], [1.0]]))
    root = summarize(both, torch.ones(2, 1), torch.tensor([0, 1])).lipschitz_exact
    assert root.kind == "upper"
    assert Fraction(root.value) ** 2 >= 2
    assert float(root) <= math.sqrt(2) * (1 + 1e-15)
