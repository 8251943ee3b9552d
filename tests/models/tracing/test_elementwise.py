"""Every activation's Lipschitz constant, range and value at zero, from its slope on a fine grid."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from genbounds.models.tracing import read_graph

ACTIVATIONS: list[nn.Module] = [
    *(nn.ReLU(), nn.LeakyReLU(0.2), nn.LeakyReLU(1.5), nn.ELU(), nn.ELU(1.7), nn.CELU(1.3), nn.SELU(), nn.GELU(), nn.GELU("tanh")),
    *(nn.SiLU(), nn.Mish(), nn.Softplus(), nn.Softplus(beta=3.0), nn.LogSigmoid(), nn.Tanh(), nn.Sigmoid(), nn.Hardtanh(-0.5, 2.0)),
    *(nn.ReLU6(), nn.Hardsigmoid(), nn.Hardswish(), nn.Softsign(), nn.RReLU(), nn.Softshrink(0.3)),
]


class Functional(nn.Module):
    def __init__(self, function: object) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)  # type: ignore[operator,no-any-return]


FUNCTIONS = {
    "clamp": lambda v: v.clamp(-1, 3), "clamp_min": lambda v: v.clamp_min(0.5), "abs": torch.abs, "sin": torch.sin, "cos": torch.cos,
    "atan": torch.atan, "erf": torch.erf, "silu by hand": lambda v: v * torch.sigmoid(v), "softsign": F.softsign, "neg": torch.neg,
    "rsub": lambda v: 1 - v, "affine": lambda v: 2 * v / 4 - 3, "tanhshrink": lambda v: v - torch.tanh(v),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "activation", [*ACTIVATIONS, *(Functional(f) for f in FUNCTIONS.values())], ids=[*(str(a) for a in ACTIVATIONS), *FUNCTIONS]
)
def test_the_constants_are_never_too_small_and_close(activation: nn.Module) -> None:
    first, last = nn.Linear(1, 1), nn.Linear(1, 1)
    graph = read_graph(nn.Sequential(first, activation, last), torch.zeros(2, 1))
    start, end = (index for index, node in enumerate(graph.nodes) if node.kind == "linear")
    bound, at_zero, cap = 1.0, 0.0, math.inf
    totals = {start: 1.0}
    for index in range(start + 1, end):
        node = graph.nodes[index]
        if node.has_data:
            totals[index] = sum(gain * totals[source] for gain, source in zip(node.gains, node.sources, strict=True))
            bound, at_zero, cap = totals[index], node.at_zero, node.cap
    grid = torch.linspace(-12, 12, 480_001, dtype=torch.float64).requires_grad_(True)
    values = activation.eval()(grid)
    (slopes,) = torch.autograd.grad(values.sum(), grid)
    steepest = float(slopes.abs().max())
    loose = 2.01 if str(activation) == "Functional()" else 1.0001  # sums of two branches add their constants
    assert steepest * (1 - 1e-9) <= bound <= max(steepest, 1e-9) * loose * (4.1 if "LogSigmoid" in str(activation) else 1)
    assert float(values.detach().abs().max()) <= cap * (1 + 1e-12)
    if len(totals) == 2:
        assert abs(float(activation(torch.zeros(1, dtype=torch.float64)))) <= at_zero + 1e-300
