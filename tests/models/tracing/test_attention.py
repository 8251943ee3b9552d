"""Attention with queries, keys and masks of its own: brackets from finite differences, and margins against 40 digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from genbounds.models.measuring.summary import summarize
from genbounds.models.tracing._attention import attention_slopes


class Cross(nn.Module):
    """Sixteen queries and one key, which every query takes: the value is repeated sixteen times."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.v, self.head = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False), nn.Linear(48, 48, bias=False)
        with torch.no_grad():
            self.q.weight.mul_(0.01)
            self.v.weight.copy_(torch.eye(3))
            self.head.weight.copy_(torch.eye(48))

    def forward(self, x: Tensor) -> Tensor:
        first = x[:, :1]
        return self.head(F.scaled_dot_product_attention(self.q(x), first, self.v(first)).flatten(1))


@pytest.mark.slow
def test_one_key_for_sixteen_queries_is_a_factor_of_four() -> None:
    torch.manual_seed(0)
    x = 0.1 * torch.randn(8, 16, 3, dtype=torch.float64)
    summary = summarize(Cross().double(), x, torch.zeros(8, dtype=torch.int64))
    assert summary.lipschitz_lower is not None
    assert summary.lipschitz_upper is not None
    assert 3.999 < float(summary.lipschitz_lower) <= float(summary.lipschitz_upper) < 4.2


@pytest.mark.parametrize("queries", [1, 3, 7])
@pytest.mark.parametrize("keys", [1, 2, 5])
def test_slopes_hold_at_random_tokens(queries: int, keys: int) -> None:
    """The Jacobians in Q, K and V, for tokens of norm 2, 3 and 1."""
    generator = torch.Generator().manual_seed(queries + 10 * keys)
    bounds = attention_slopes(0.5, queries, 2.0, 3.0, 1.0)
    for _ in range(20):
        parts = [torch.randn(count, 3, generator=generator, dtype=torch.float64) for count in (queries, keys, keys)]
        q, k, v = (size * part / part.norm(dim=1, keepdim=True) for size, part in zip((2.0, 3.0, 1.0), parts, strict=True))
        if keys > 1:
            v[1] = -v[0]

        def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            return torch.softmax(0.5 * q @ k.T, -1) @ v

        found = torch.autograd.functional.jacobian(attend, (q, k, v))
        for jacobian, bound in zip(found, bounds, strict=True):
            assert float(torch.linalg.matrix_norm(jacobian.reshape(queries * 3, -1), 2)) <= bound * (1 + 1e-12)


class Lifted(nn.Module):
    """Scores to which a large constant is added, or which are far below their largest but for a few: softmax(Q K^T + M) V."""

    def __init__(self, mask: Tensor) -> None:
        super().__init__()
        self.q, self.k, self.head = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.q(x) @ self.k(x).transpose(-2, -1) + self.mask
        return self.head((torch.softmax(scores, -1) @ x).sum(1))


def exact_margin(network: Lifted, x: Tensor, label: int) -> mpmath.mpf:
    q, k, head = (mpmath.matrix(layer.weight.tolist()) for layer in (network.q, network.k, network.head))
    tokens, mask = mpmath.matrix(x.tolist()), mpmath.matrix(network.mask.tolist())
    scores = (tokens * q.T) * (tokens * k.T).T + mask
    total = mpmath.matrix(1, 2)
    for row in range(scores.rows):
        weights = [mpmath.exp(scores[row, column] - max(scores[row, :])) for column in range(scores.cols)]
        total += sum((w * tokens[column, :] for column, w in enumerate(weights)), mpmath.matrix(1, 2)) / mpmath.fsum(weights)
    logits = total * head.T
    return logits[label] - logits[1 - label]


@pytest.mark.slow
@pytest.mark.parametrize("size", [0.0, 1e6, 1e9, -1e9])
@pytest.mark.parametrize("everywhere", [True, False])
def test_margins_allow_for_what_a_mask_rounds(size: float, everywhere: bool) -> None:
    """A constant of 1e9 on all scores costs them seven digits; on some scores it costs the others nothing."""
    torch.manual_seed(2)
    mask = torch.full((4, 4), size, dtype=torch.float64)
    if not everywhere:
        mask = torch.where(torch.eye(4, dtype=torch.bool), 0.0, -mask.abs())
    network = Lifted(mask).double()
    x, y = torch.randn(30, 4, 2, dtype=torch.float64), torch.arange(30) % 2
    margins = summarize(network, x, y).margins
    with mpmath.workdps(40):
        exact = [exact_margin(network, example, int(label)) for example, label in zip(x, y, strict=True)]
        slack = np.array([float(wanted - mpmath.mpf(float(found))) for wanted, found in zip(exact, margins, strict=True)])
    assert (slack >= 0).all()
    assert slack.max() < (1e-11 + 1e-12 * abs(size) if everywhere else 1e-10)
