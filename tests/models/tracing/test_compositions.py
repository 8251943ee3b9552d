"""Operations one after another, drawn at random: bounds that hold for each must hold for what they compose to."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import torch
from tests.models.tracing.test_operations import CASES, RADIUS, TOKENS, Applied, Operation, jacobian_norm, points
from torch import Tensor, nn

from genbounds.models.tracing import read_graph
from genbounds.models.tracing.graph import resolve
from genbounds.models.tracing.propagation import _resolved, fused_lipschitz, propagate
from genbounds.models.tracing.weights import weight_norms


class Composed(nn.Module):
    """Operations that keep five tokens of four entries, each on what the one before gives; perhaps added to it."""

    def __init__(self, operations: list[Operation], skips: list[bool]) -> None:
        super().__init__()
        self.operations, self.skips = operations, skips
        self.parts = nn.ModuleList(operation for operation in operations if isinstance(operation, nn.Module))

    def forward(self, x: Tensor) -> Tensor:
        for operation, skip in zip(self.operations, self.skips, strict=True):
            made = operation(x).reshape(-1, *TOKENS)
            x = x - 0.5 * made if skip else made
        return x


def keeping() -> list[Operation]:
    zeros = torch.zeros(2, *TOKENS, dtype=torch.float64)
    with torch.no_grad():
        return [operation for operation, shape in CASES.values() if shape == TOKENS and operation(zeros).numel() == zeros.numel()]


@pytest.mark.slow
def test_random_compositions_stay_within_their_bounds() -> None:
    """Forty chains of two to five operations with skips: values, Jacobians, sizes of examples and of tokens at every node."""
    for module in (operation for operation, _ in CASES.values() if isinstance(operation, nn.Module)):
        module.double().eval()
    operations, x = keeping(), points(TOKENS)
    assert len(operations) > 30
    for seed in range(40):
        draw = random.Random(seed)
        chosen = [draw.choice(operations) for _ in range(draw.randint(2, 5))]
        composed = Composed(chosen, [draw.random() < 0.3 for _ in chosen])
        graph = read_graph(Applied(TOKENS, composed), points(TOKENS, 3)[:2])
        norms = weight_norms(graph.weights, None)["spectral_norms"]
        part = replace(graph, output=graph.nodes[graph.output].sources[0])
        with torch.no_grad():
            torch.testing.assert_close(part.outputs(x), composed(x).flatten(1), rtol=1e-9, atol=1e-9)
        slope, together = jacobian_norm(composed, x), fused_lipschitz(part, norms, RADIUS)
        assert slope <= together * (1 + 1e-12), seed
        assert together <= propagate(part, norms, data_norm=RADIUS, n=1, radius=RADIUS).lipschitz, seed
        _gains, sizes, tokens, entries = _resolved(graph, norms, RADIUS)
        values: list[Any] = []
        for index, node in enumerate(graph.nodes):
            with torch.no_grad():
                value = x if node.kind == "input" else node.function(*resolve(node.arguments, values), **resolve(node.keywords, values))
            values.append(value)
            if node.has_data and isinstance(value, Tensor) and value.ndim > 1:
                assert float(value.abs().max()) <= entries[index] * (1 + 1e-12), (seed, node.kind)
                assert float(value.norm(dim=-1).max()) <= tokens[index] * (1 + 1e-12), (seed, node.kind)
                if len(value) == len(x):
                    assert float(value.flatten(1).norm(dim=1).max()) <= sizes[index] * (1 + 1e-12), (seed, node.kind)
