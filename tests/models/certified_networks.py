"""Samples and networks of every kind that the tests of certificates share."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import torch
from torch import Tensor, nn

from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream

DELTA = Fraction(1, 20)


def data(n: int = 200, seed: int = 0, classes: int = 3) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 4, generator=generator, dtype=torch.float64)
    return x, (x[:, 0] > 0).long() + ((x[:, 1] > 0.5).long() if classes == 3 else 0)


def mlp(outputs: int = 3, bias: bool = False, activation: type[nn.Module] = nn.ReLU, seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8, bias=bias), activation(), nn.Linear(8, outputs, bias=bias)).double()


def fit(model: nn.Module, x: Tensor, y: Tensor, steps: int = 100) -> nn.Module:
    model.train()
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(steps):
        optimiser.zero_grad()
        f = model(x)
        target = (2 * y - 1).double()
        loss = nn.functional.softplus(-target * f[:, 0]).mean() if f.shape[1] == 1 else nn.functional.cross_entropy(f, y)
        loss.backward()
        optimiser.step()
    optimiser.zero_grad()
    return model.eval()


class Elman(nn.Module):
    """Reads four numbers as four steps."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.last = nn.RNN(1, 6, batch_first=True), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.cell(x[..., None])[0][:, -1])


class Residual(nn.Module):
    """x + B relu(A x)."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.a, self.b, self.last = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.first(x))
        return self.last(h + self.b(torch.relu(self.a(h))))


class Attention(nn.Module):
    """Two tokens of two features, normalised, attending to each other."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.mix, self.last = nn.LayerNorm(2), nn.MultiheadAttention(2, 1, batch_first=True), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.norm(x.reshape(-1, 2, 2))
        return self.last((tokens + self.mix(tokens, tokens, tokens, need_weights=False)[0]).flatten(1))


def convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 2, 2)),
        nn.Conv2d(1, 4, 2, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(4, 3),
    )


KINDS: dict[str, Callable[[], nn.Module]] = {
    "dense": lambda: mlp(bias=True),
    "dense, no bias": lambda: mlp(),
    "tanh": lambda: mlp(activation=nn.Tanh),
    "sigmoid": lambda: mlp(activation=nn.Sigmoid),
    "residual dense": lambda: DenseNetwork((4, 8, 8, 3), residual=True, tau=0.5).initialise(Stream("certify", "test"), 0),
    "residual": Residual,
    "convolutional": convolutional,
    "recurrent": Elman,
    "attention": Attention,
}
