"""Attention networks: plain and residual chains of self-attention and a dense network for each token."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.networks.initialisation import Initialised, unset
from genbounds.models.networks.normalisation import Normalisation, of_tokens


class SelfAttention(nn.Module):
    """softmax(Q K^T / sqrt(d)) V of one head, and a linear layer (Vaswani et al., NeurIPS 2017): (n, T, width) -> (n, T, width)."""

    def __init__(self, width: int, dtype: torch.dtype, device: str | torch.device) -> None:
        super().__init__()
        self.width = width
        self.query, self.key, self.value, self.out = (unset(nn.Linear, width, width, dtype=dtype, device=device) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        """The tokens, each a mixture of all."""
        scores = self.query(x) @ self.key(x).transpose(-2, -1) / math.sqrt(self.width)
        mixed: Tensor = self.out(torch.softmax(scores, dim=-1) @ self.value(x))
        return mixed


class AttentionNetwork(Initialised):
    """Tokens W x_t + p_t, then blocks of h = A(N(h)) and h = V_2 sigma(V_1 N'(h) + c_1) + c_2, and a linear layer on the tokens' mean.

    A is self-attention with one head; N and N' are the normalisations, if any. With ``residual``, a block computes h = h + tau A(N(h)) and
    h = h + tau (V_2 sigma(V_1 N'(h) + c_1) + c_2), the transformer with normalisation before its branches.

    Args:
        tokens, features: of an example: how many tokens, and how many numbers in each.
        width: of the embedded tokens; the inner layer of a block is twice as wide.
        blocks: how many, 1 or more.
        outputs: how many logits.
        activation: a name of ``ACTIVATIONS``, or an ``Activation``.
        normalisation: None, "batch", "group" (``GROUPS`` groups of channels, over all tokens) or "layer" (each token).
        residual, tau: whether the branches are added to what they are given, and their scale.
        dtype, device: of the parameters.

    Parameters start at zero, gains of the normalisation at one; ``initialise`` draws the weights from a keyed stream.

    Shapes: (n, tokens, features) -> (n, outputs).

    Example:
        >>> from genbounds.models.randomness.streams import Stream
        >>> network = AttentionNetwork(8, 8, 16, 1, 10, residual=True).initialise(Stream("demo", "training"), 0)
        >>> sum(p.numel() for p in network.parameters())
        2602
    """

    def __init__(
        self,
        tokens: int,
        features: int,
        width: int,
        blocks: int,
        outputs: int,
        activation: str | Activation = "relu",
        *,
        normalisation: Normalisation | None = None,
        residual: bool = False,
        tau: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        super().__init__()
        if min(tokens, features, width, blocks, outputs) < 1:
            given = (tokens, features, width, blocks, outputs)
            raise ValueError(f"tokens, features, width, blocks and outputs must be positive, got {given}: for example 8, 8, 16, 1 and 10")
        self.activation = find_activation(activation)
        self.residual, self.tau = residual, float(tau)
        options = {"dtype": dtype, "device": device}
        self.embed = unset(nn.Linear, features, width, **options)
        self.positions = nn.Parameter(torch.zeros((tokens, width), dtype=dtype, device=device))
        branches: list[nn.Module] = []
        for _ in range(blocks):
            branches.append(nn.Sequential(of_tokens(normalisation, width, dtype, device), SelfAttention(width, dtype, device)))
            wide, narrow = (unset(nn.Linear, *sizes, **options) for sizes in ((width, 2 * width), (2 * width, width)))
            branches.append(nn.Sequential(of_tokens(normalisation, width, dtype, device), wide, self.activation.module(), narrow))
        self.branches = nn.ModuleList(branches)
        self.head = unset(nn.Linear, width, outputs, **options)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, outputs) of tokens (n, tokens, features)."""
        x = self.embed(x) + self.positions
        for branch in self.branches:
            x = x + self.tau * branch(x) if self.residual else branch(x)
        logits: Tensor = self.head(x.mean(dim=1))
        return logits
