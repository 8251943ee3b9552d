"""Layers that the hand-written networks are made of, each as its users write it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from docs.architectures.kinds import CLASSES, TOKENS
from torch import Tensor, nn


class Residual(nn.Module):
    """x + branch(x)."""

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return x + self.branch(x)


class Parallel(nn.Module):
    """The outputs of several branches, concatenated."""

    def __init__(self, *branches: nn.Module, keep: bool = False) -> None:
        super().__init__()
        self.branches, self.keep = nn.ModuleList(branches), keep

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return torch.cat([*([x] if self.keep else []), *(branch(x) for branch in self.branches)], 1)


class SqueezeExcite(nn.Module):
    """Channels scaled by a sigmoid of their means."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(channels, channels // 2), nn.Linear(channels // 2, channels)

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        scale = torch.sigmoid(self.up(F.relu(self.down(x.mean((2, 3))))))
        return x * scale[:, :, None, None]


class Highway(nn.Module):
    """t h + (1 - t) x."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate, self.change = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        gate = torch.sigmoid(self.gate(x))
        return gate * torch.tanh(self.change(x)) + (1 - gate) * x


class Gated(nn.Module):
    """A gated linear unit with any gate."""

    def __init__(self, width: int, gate: nn.Module) -> None:
        super().__init__()
        self.left, self.right, self.out, self.gate = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width), gate

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return self.out(self.gate(self.left(x)) * self.right(x))


class WrittenLayerNorm(nn.Module):
    """Layer normalisation by its formula."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        return self.scale * (x - mean) / torch.sqrt(variance + 1e-5) + self.shift


class WrittenRMSNorm(nn.Module):
    """Root-mean-square normalisation by its formula."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return self.scale * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


class GroupSort(nn.Module):
    """Pairs, each sorted."""

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return x.unflatten(1, (-1, 2)).sort(2).values.flatten(1)


class Maxout(nn.Module):
    """The larger of two linear maps."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear, self.outputs = nn.Linear(inputs, 2 * outputs), outputs

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return self.linear(x).unflatten(1, (self.outputs, 2)).amax(2)


class Last(nn.Module):
    """The last step of a recurrent layer of torch, then a linear layer."""

    def __init__(self, layer: nn.Module, width: int) -> None:
        super().__init__()
        self.layer, self.head = layer, nn.Linear(width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return self.head(self.layer(x)[0][:, -1])


class Cells(nn.Module):
    """A recurrent cell, step by step."""

    def __init__(self, cell: nn.LSTMCell | nn.GRUCell) -> None:
        super().__init__()
        self.cell, self.head = cell, nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        hidden = x.new_zeros(x.shape[0], 8)
        memory = torch.zeros_like(hidden)
        for step in range(x.shape[1]):
            if isinstance(self.cell, nn.LSTMCell):
                hidden, memory = self.cell(x[:, step], (hidden, memory))
            else:
                hidden = self.cell(x[:, step], hidden)
        return self.head(hidden)


class WrittenAttention(nn.Module):
    """One head of attention, perhaps causal."""

    def __init__(self, width: int, causal: bool) -> None:
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(width, width) for _ in range(3))
        self.causal = causal

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        scores = self.query(x) @ self.key(x).transpose(1, 2) / x.shape[-1] ** 0.5
        if self.causal:
            scores = scores.masked_fill(torch.ones(x.shape[1], x.shape[1]).triu(1).bool(), float("-inf"))
        return scores.softmax(-1) @ self.value(x)


class Encoder(nn.Module):
    """torch's transformer encoder, pooled by the mean."""

    def __init__(self, norm_first: bool, layers: int = 2) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=norm_first)
        self.encoder, self.head = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False), nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return self.head(self.encoder(x).mean(1))


class Text(nn.Module):
    """An embedding, a body on (n, length, width), a pooled head."""

    def __init__(self, body: nn.Module, turned: bool = False) -> None:
        super().__init__()
        self.embedding, self.body, self.turned, self.head = nn.Embedding(TOKENS, 8), body, turned, nn.Linear(8, CLASSES)

    def forward(self, tokens: Tensor) -> Tensor:
        """As the class says."""
        x = self.embedding(tokens)
        x = self.body(x.transpose(1, 2)).transpose(1, 2) if self.turned else self.body(x)
        return self.head(x.mean(1))


class Outputs(nn.Module):
    """A network that returns its logits in a dictionary or a tuple."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.body, self.kind = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, CLASSES)), kind

    def forward(self, *inputs: Tensor) -> dict[str, Tensor] | tuple[Tensor, ...]:
        """As the class says."""
        logits = self.body(inputs[0])
        return {"logits": logits} if self.kind == "dict" else (logits,)


class Function(nn.Module):
    """Any function of a tensor as a layer."""

    def __init__(self, function: object) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        """As the class says."""
        return self.function(x)  # type: ignore[operator,no-any-return]
