"""Networks of every kind that tracing must read, small enough for dense references; each with an example batch."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """conv-bn-relu-conv-bn plus the input, or a projection of it."""

    def __init__(self, channels: int, wider: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, wider, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(wider)
        self.conv2 = nn.Conv2d(wider, wider, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(wider)
        self.relu = nn.ReLU(inplace=True)
        self.skip: nn.Module | None = None
        if stride > 1 or channels != wider:
            self.skip = nn.Sequential(nn.Conv2d(channels, wider, 1, stride, bias=False), nn.BatchNorm2d(wider))

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += x if self.skip is None else self.skip(x)
        return self.relu(y)


def resnet18(width: int = 64, outputs: int = 10, blocks: tuple[int, ...] = (2, 2, 2, 2)) -> nn.Sequential:
    """The shape of ResNet-18 for 32 x 32 inputs; 11 million parameters at width 64."""
    layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    channels = width
    for stage, count in enumerate(blocks):
        for position in range(count):
            wider = width * 2**stage
            layers.append(ResidualBlock(channels, wider, 2 if stage and not position else 1))
            channels = wider
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, outputs))


class PreActivation(nn.Module):
    """A batch norm with no weight before it, and an in-place ReLU whose input is used again."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.inner = nn.Conv2d(4, 4, 3, padding="same", bias=False)
        self.head = nn.Linear(4 * 25, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv(x))
        y = self.inner(self.relu(self.bn(x)))
        return self.head((x + 0.5 * y).flatten(1))


class Concatenating(nn.Module):
    """Slices, concatenation, a product with a trained vector, and layers written as matrix products."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(6, 6)
        self.weight = nn.Parameter(torch.empty(6, 5))
        self.bias = nn.Parameter(torch.empty(5))
        self.gain = nn.Parameter(torch.empty(6))
        self.last = nn.Linear(11, 3)

    def forward(self, x: Tensor) -> Tensor:
        u, v = x.chunk(2, 1)
        h = torch.cat([v, u], 1)
        h = h + 0.3 * torch.tanh(self.a(h))
        z = torch.relu(h @ self.weight + self.bias) - 0.25 * x[:, :5]
        return self.last(torch.cat([z, x * self.gain], 1))


class Recurrent(nn.Module):
    """An Elman network, read at its last step."""

    def __init__(self, **options: object) -> None:
        super().__init__()
        self.rnn = nn.RNN(3, 4, batch_first=True, **options)  # type: ignore[arg-type]
        self.head = nn.Linear(8 if options.get("bidirectional") else 4, 2)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.rnn(x)
        return self.head(states[:, -1])


class Gated(nn.Module):
    """A gated convolution, squeeze-and-excite, and an LSTM over what is left of the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.gate = nn.Conv2d(2, 6, 3), nn.Linear(3, 3)
        self.cell, self.head = nn.LSTM(3, 3, batch_first=True), nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = nn.functional.glu(self.first(x), 1)
        h = h * torch.sigmoid(self.gate(h.mean((2, 3))))[:, :, None, None]
        return self.head(self.cell(h.mean(3)[:, :, :3].transpose(1, 2))[0][:, -1])


class Written(nn.Module):
    """Self-attention as people write it, with a mask and a layer norm before it."""

    def __init__(self, heads: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(8)
        self.qkv = nn.Linear(8, 24)
        self.out = nn.Linear(8, 8)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        n, tokens, width = x.shape
        q, k, v = self.qkv(self.norm(x)).view(n, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5
        scores = scores.masked_fill(~torch.ones(tokens, tokens, dtype=torch.bool).tril(), float("-inf"))
        y = torch.softmax(scores, dim=-1) @ v
        return self.head((x + self.out(y.transpose(1, 2).reshape(n, tokens, width))).mean(1))


class MultiHead(nn.Module):
    """torch's own attention, with no normalisation before it."""

    def __init__(self, weights: bool) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 3)
        self.weights = weights

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.attention(x, x, x, need_weights=self.weights)
        return self.head(y.mean(1))


class Transformer(nn.Module):
    """An encoder layer with a class token and trained positions."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.empty(1, 1, 8))
        self.positions = nn.Parameter(torch.empty(1, 6, 8))
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, activation="gelu", norm_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        return self.head(self.layer(x)[:, 0])


class Bag(nn.Module):
    """Embedded words, averaged."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 4)
        self.layer = nn.Linear(4, 5)
        self.head = nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.silu(self.layer(self.table(x)).mean(1)))


class Scaled(nn.Module):
    """A trained scale on a residual branch, softsign, SiLU written out, maxima and a global maximum."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 4, 3, padding=1)
        self.branch = nn.Conv1d(4, 4, 3, padding=2, dilation=2)
        self.alpha = nn.Parameter(torch.tensor(0.5))
        self.head = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv(x)
        h = h * torch.sigmoid(h)
        h = h + self.alpha * F.softsign(self.branch(h))
        h = torch.maximum(h, -0.5 * h).flip(1)
        return self.head(h.amax(-1))


def image(n: int = 4) -> Tensor:
    return torch.randn(n, 2, 5, 5, generator=torch.Generator().manual_seed(3))


def sequence(n: int = 4) -> Tensor:
    return torch.randn(n, 5, 8, generator=torch.Generator().manual_seed(4))


def line(n: int = 4) -> Tensor:
    return torch.randn(n, 2, 10, generator=torch.Generator().manual_seed(5))


def words(n: int = 4) -> Tensor:
    return torch.randint(0, 9, (n, 7), generator=torch.Generator().manual_seed(6))


CASES: dict[str, tuple[Callable[[], nn.Module], Callable[[], Tensor]]] = {
    "dense": (lambda: nn.Sequential(nn.Flatten(), nn.Linear(50, 7), nn.GELU(), nn.Dropout(), nn.Linear(7, 3)), image),
    "convolutional": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.Flatten(), nn.Linear(36, 3)
        ),
        image,
    ),
    "strided": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 4, 2, stride=2, padding=1, dilation=2, groups=2), nn.LeakyReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4, 3)
        ),
        image,
    ),
    "padded": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"),
            nn.ELU(),
            nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect"),
            nn.Tanh(),
            nn.Conv2d(3, 2, 3, padding=1, padding_mode="replicate"),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(8, 3),
        ),
        image,
    ),
    "transposed": (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(2, 3, 3, stride=2, output_padding=1), nn.BatchNorm2d(3), nn.Softplus(), nn.Flatten(), nn.Linear(432, 3)
        ),
        image,
    ),
    "one-dimensional": (
        lambda: nn.Sequential(
            nn.Conv1d(2, 4, 3),
            nn.GroupNorm(2, 4),
            nn.GELU(),
            nn.ConvTranspose1d(4, 2, 2, stride=2),
            nn.AdaptiveMaxPool1d(5),
            nn.Flatten(),
            nn.Linear(10, 3),
        ),
        line,
    ),
    "residual": (lambda: resnet18(4, 3, (1, 1)), lambda: torch.randn(4, 3, 6, 6, generator=torch.Generator().manual_seed(2))),
    "pre-activation": (PreActivation, image),
    "concatenating": (Concatenating, lambda: torch.randn(4, 6, generator=torch.Generator().manual_seed(1))),
    "recurrent": (Recurrent, lambda: torch.randn(4, 4, 3, generator=torch.Generator().manual_seed(1))),
    "recurrent in two layers and directions": (
        lambda: Recurrent(num_layers=2, bidirectional=True, nonlinearity="relu"),
        lambda: torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(1)),
    ),
    "gated": (Gated, image),
    "attention": (Written, sequence),
    "torch attention": (lambda: MultiHead(False), sequence),
    "torch attention with weights": (lambda: MultiHead(True), sequence),
    "transformer": (Transformer, sequence),
    "embedding": (Bag, words),
    "scaled": (Scaled, line),
    "normalised": (
        lambda: nn.Sequential(
            nn.LayerNorm([2, 10]), nn.Flatten(), nn.Linear(20, 6), nn.RMSNorm(6, eps=1e-5), nn.Hardtanh(), nn.Linear(6, 3)
        ),
        line,
    ),
}


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """All parameters and statistics drawn from a seed of their own, moderate in size."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            fan = parameter[0].numel() if parameter.ndim > 1 else 4
            parameter.copy_(torch.randn(parameter.shape, generator=generator) / fan**0.5)
        for module in network.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.copy_(torch.randn(module.running_mean.shape, generator=generator))  # type: ignore[union-attr]
                module.running_var.copy_(torch.rand(module.running_var.shape, generator=generator) + 0.5)  # type: ignore[union-attr]
    return network


def case(name: str, seed: int = 0) -> tuple[nn.Module, Tensor, Tensor]:
    """A network in eval mode, its batch, and labels in three classes (or as many as it has outputs)."""
    build, example = CASES[name]
    network, x = randomised(build(), seed).eval(), example()
    outputs = 2 if name.startswith("recurrent") else 3
    return network, x, torch.arange(len(x)) % outputs
