"""Activations that a forward writes out are recognised, each with the slope of its name; what only looks like one is not."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genbounds.models.tracing import read_graph

FORMS: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "cubic": (lambda x: 0.5 * x * (1.0 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0)))), "gelu"),
    "factored": (lambda x: 0.5 * x * (1.0 + torch.tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x))), "gelu"),
    "erf": (lambda x: x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0))), "gelu"),
    "twice": (lambda x: x * (1.0 + torch.erf(x / math.sqrt(2.0))), "2 gelu"),
    "sigmoid": (lambda x: x * torch.sigmoid(1.702 * x), "silu"),
    "mish": (lambda x: x * torch.tanh(F.softplus(x)), "mish"),
}
OTHERS: dict[str, Callable[[Tensor], Tensor]] = {
    "another cubic": lambda x: 0.5 * x * (1.0 + torch.tanh(0.8 * (x + 0.06 * torch.pow(x, 3.0)))),
    "another shift": lambda x: 0.5 * x * (0.9 + torch.erf(x)),
    "a falling gate": lambda x: 0.5 * x * (1.0 - torch.erf(x)),
    "another argument": lambda x: x * torch.sigmoid(1.702 * torch.relu(x)),
    "a sharper softplus": lambda x: x * torch.tanh(F.softplus(x, 2.0)),
}


class Network(nn.Module):
    """One activation between two layers."""

    def __init__(self, activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.first, self.last, self.activation = nn.Linear(3, 4), nn.Linear(4, 2), activation

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(self.activation(self.first(x)))
        return found


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_forms_have_the_slope_that_a_fine_grid_finds(name: str) -> None:
    form, kind = FORMS[name]
    graph = read_graph(Network(form), torch.randn(2, 3))
    node = next(node for node in graph.nodes if node.options.get("activation"))
    assert node.kind == kind
    assert not any(node.kind == "product" for node in graph.nodes)
    grid = torch.linspace(-12, 12, 200_001, dtype=torch.float64, requires_grad=True)
    values = form(grid)
    (slopes,) = torch.autograd.grad(values.sum(), grid)
    largest = float(slopes.abs().max())
    assert largest <= node.gains[0] <= largest * (1 + 1e-4)
    torch.testing.assert_close(node.function(grid), values, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_what_only_looks_like_one_stays_a_product(name: str) -> None:
    graph = read_graph(Network(OTHERS[name]), torch.randn(2, 3))
    assert any(node.kind == "product" for node in graph.nodes)
