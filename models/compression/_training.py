"""Training with the quantisation in the loop: the forward pass sees ternary weights, the loss pays for their code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from genbounds.models.compression._family import Architecture
from genbounds.models.compression._network import TernaryNetwork
from genbounds.models.randomness.streams import Stream

HALF = 0.5
"""A weight rounds to zero if it is at most this in absolute value, and to its sign otherwise."""
WARM_UP, RAMP = 100, 0.4
"""Steps over which the learning rate grows to its value; the part of the training over which the price of a bit does."""
REPRICED = 20
"""Steps between two looks at how many weights are not zero."""


@dataclass(frozen=True)
class Compression:
    """How a ternary network is trained.

    Args:
        epochs, batch_size: passes over the sample, and examples per step.
        learning_rate: Adam's, which falls to a fiftieth along half a cosine.
        price: of each bit of the code, in nats of the mean cross-entropy.

    >>> Compression(epochs=5, price=0.01).batch_size
    256
    """

    epochs: int
    price: float
    batch_size: int = 256
    learning_rate: float = 5e-3

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1 or not self.learning_rate > 0 or not self.price >= 0:
            raise ValueError(f"epochs, batch_size and learning_rate must be positive and price at least 0, got {self}: correct that one")


def train_ternary(
    architecture: Architecture, features: Tensor, labels: Tensor, recipe: Compression, stream: Stream, *, network: int = 0
) -> TernaryNetwork:
    """Train a ternary network of this architecture on ``architecture.features(images)`` and labels 0, ..., classes - 1.

    The result is a ``TernaryNetwork``.

    Every weight has a real value behind it. The forward pass uses its level, and the gradient passes through the rounding unchanged (the
    straight-through estimator). The loss is the cross-entropy, with a learnt temperature that does not affect the network's decisions, plus
    the price times an estimate of the code length. The estimate for a weight is the number of bits that a nonzero level in its layer now
    costs above a zero, times the fraction of the way from 0 to the rounding threshold that its real value has gone. So zeros are cheap, and
    weights that are not worth their bits return to zero. Training runs in float32 on any number of threads; the initialisation and the
    order of the examples are those of ``stream``.
    """
    features = features.float()
    n, size = len(features), min(recipe.batch_size, len(features))
    values = [torch.nn.Parameter(_start(shape, stream.sub(f"layer {i}"), network)) for i, shape in enumerate(architecture.shapes)]
    temperature = torch.nn.Parameter(torch.zeros(()))
    optimiser = torch.optim.Adam([{"params": values, "lr": recipe.learning_rate}, {"params": [temperature], "lr": 1e-2}], betas=(0.9, 0.99))
    steps, batches = recipe.epochs * (n // size), n // size
    prices = torch.zeros(len(values))
    for step in range(steps):
        if step % batches == 0:
            order = stream.sub("order").permutation([network], step // batches, n)[0]
        if step % REPRICED == 0:
            prices = recipe.price * torch.stack([_cost_of_a_nonzero(value) for value in values])
        progress = step / steps
        optimiser.param_groups[0]["lr"] = recipe.learning_rate * min(1.0, step / WARM_UP) * (0.51 + 0.49 * math.cos(math.pi * progress))
        rows = order[step % batches * size : (step % batches + 1) * size]
        logits = architecture.logits([_straight_through(value) for value in values], features[rows])
        loss = functional.cross_entropy(logits * temperature.exp() * 0.25, labels[rows])
        length = torch.stack([(value.abs() / HALF).clamp_max(1.5).sum() for value in values])
        (loss + min(1.0, progress / RAMP) * (prices * length).sum()).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.zero_grad()
        with torch.no_grad():
            for value in values:
                value.clamp_(-3 * HALF, 3 * HALF)
    return TernaryNetwork(architecture, tuple(_levels(value.detach()).to(torch.int8) for value in values))


def _start(shape: Sequence[int], stream: Stream, network: int) -> Tensor:
    """Normal values of which a third round to zero."""
    return HALF * stream.normal([network], 0, math.prod(shape))[0].reshape(tuple(shape)).float()


def _levels(value: Tensor) -> Tensor:
    return value.sign() * (value.abs() > HALF)


def _straight_through(value: Tensor) -> Tensor:
    """The levels, with the gradient of the identity."""
    return value + (_levels(value) - value).detach()


def _cost_of_a_nonzero(value: Tensor) -> Tensor:
    """Bits that a level -1 or 1 costs above a zero, at the present shares in the layer."""
    share = (value.detach().abs() > HALF).float().mean().clamp(0.002, 0.7)
    return torch.log2((1 - share) / (share / 2)).clamp_min(0.2)
