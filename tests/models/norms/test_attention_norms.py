"""Self-attention: the Lipschitz constant against Jacobians of torch's own layer, and its outputs against their norm."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from genbounds.bounds import DirectionError, Quantity
from genbounds.models.norms import attention_lipschitz, attention_token_norm

FEATURES, HEADS = 6, 2


def layer(seed: int, scale: float) -> nn.MultiheadAttention:
    attention = nn.MultiheadAttention(FEATURES, HEADS, batch_first=True).double().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in attention.parameters():
            parameter.copy_(scale * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return attention


def bounds(attention: nn.MultiheadAttention, tokens: int, radius: float) -> tuple[float, float]:
    query, key, value = attention.in_proj_weight.detach().chunk(3)
    query_bias, _, value_bias = attention.in_proj_bias.detach().chunk(3)
    output = attention.out_proj.weight
    slope = attention_lipschitz(query, key, value, output, heads=HEADS, tokens=tokens, radius=radius, query_bias=query_bias)
    size = attention_token_norm(
        value, output, heads=HEADS, radius=radius, value_bias=value_bias, output_bias=attention.out_proj.bias.detach()
    )
    return float(slope), float(size)


@pytest.mark.slow
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("scale", [0.1, 0.5, 2.0])
def test_jacobians_stay_below(scale: float, causal: bool) -> None:
    worst = 0.0
    for seed in range(12):
        tokens, radius = 2 + seed % 4, (0.3, 1.0, 4.0)[seed % 3]
        attention, generator = layer(seed, scale), torch.Generator().manual_seed(100 + seed)
        x = torch.randn(tokens, FEATURES, generator=generator, dtype=torch.float64)
        x = radius * x / x.norm(dim=1, keepdim=True)  # on the sphere, where the slopes are largest
        mask = torch.full((tokens, tokens), -math.inf, dtype=torch.float64).triu(1) if causal else None

        def function(v: torch.Tensor, attention: nn.MultiheadAttention = attention, mask: torch.Tensor | None = mask) -> torch.Tensor:
            return attention(v[None], v[None], v[None], attn_mask=mask, need_weights=False)[0][0]

        jacobian = torch.autograd.functional.jacobian(function, x).reshape(tokens * FEATURES, -1)
        slope, size = bounds(attention, tokens, radius)
        worst = max(worst, float(torch.linalg.matrix_norm(jacobian, 2)) / slope)
        assert float(function(x).detach().norm(dim=1).max()) <= size
    assert 0.05 < worst <= 1.0


def test_one_direction_is_attained() -> None:
    """A single token attends to itself: Y = X V."""
    zero, value = np.zeros((2, 3)), np.diag([2.0, 1.0, 0.5])
    one = attention_lipschitz(zero, zero, value[:2], heads=1, tokens=1, radius=5.0)
    assert float(one) == pytest.approx(2.0, rel=1e-12)


def test_formula_without_bias_is_that_of_the_formula_sheet() -> None:
    query, key, value = np.diag([3.0, 1.0]), np.diag([2.0, 1.0]), np.diag([5.0, 1.0])
    bound = attention_lipschitz(query, key, value, heads=1, tokens=9, radius=0.5)
    expected = 5 * (3 + 0.25 * 6 / math.sqrt(2) * (1 + 3))
    assert expected <= float(bound) <= expected * (1 + 1e-12)


def test_estimates_and_bad_shapes_are_refused() -> None:
    eye = np.eye(2)
    with pytest.raises(DirectionError, match=r"block\.0.*estimate"):
        attention_lipschitz(eye, eye, eye, heads=1, tokens=2, radius=Quantity(1.0, "estimate", "largest seen"), name="block.0")
    assert float(attention_token_norm(eye, heads=1, radius=Quantity(1.0, "upper", "declared"))) == pytest.approx(1.0)
    with pytest.raises(ValueError, match=r"block\.0.*heads"):
        attention_lipschitz(eye, eye, eye, heads=3, tokens=2, radius=1, name="block.0")
    with pytest.raises(ValueError, match=r"block\.0.*radius"):
        attention_lipschitz(eye, eye, eye, heads=1, tokens=2, radius=math.inf, name="block.0")
    with pytest.raises(ValueError, match=r"block\.0.*tokens"):
        attention_lipschitz(eye, eye, eye, heads=1, tokens=0, radius=1, name="block.0")
    with pytest.raises(ValueError, match=r"block\.0.*finite"):
        attention_lipschitz(eye * np.nan, eye, eye, heads=1, tokens=2, radius=1, name="block.0")
