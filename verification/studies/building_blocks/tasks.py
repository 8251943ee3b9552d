"""A task for each kind of layer, and its network with a given activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import nn

from genbounds.models.networks import AttentionNetwork, ConvolutionalNetwork, DenseNetwork, RecurrentNetwork

KINDS = ("dense", "convolutional", "recurrent", "attention")
IDENTITY = "identity"


@dataclass(frozen=True)
class Task:
    """The population, how an example is shaped for the network, and the number of logits (1: two classes)."""

    population: str
    shape: tuple[int, ...]
    outputs: int
    words: str


TASKS: Mapping[str, Task] = {
    "dense": Task("breast_cancer", (30,), 1, "30 measurements of a tumour"),
    "convolutional": Task("digits", (1, 8, 8), 10, "digits as images of 8 x 8 pixels"),
    "recurrent": Task("mnist1d", (10, 4), 10, "MNIST-1D as a sequence of 10 steps of 4"),
    "attention": Task("digits", (8, 8), 10, "digits as 8 tokens, their rows"),
}


def build(kind: str, activation: str) -> nn.Module:
    """The untrained network of a kind with ReLU units, or with the identity in the place of each.

    Raises:
        ValueError: another kind or activation.

    >>> sum(parameter.numel() for parameter in build("dense", "relu").parameters())
    785
    """
    makers: dict[str, Callable[[], nn.Module]] = {
        "dense": lambda: DenseNetwork((30, 16, 16, 1)),
        "convolutional": lambda: ConvolutionalNetwork((1, 8, 8), (4, 4), 10),
        "recurrent": lambda: RecurrentNetwork(4, 24, 10, "relu"),
        "attention": lambda: AttentionNetwork(8, 8, 12, 1, 10),
    }
    if activation not in ("relu", IDENTITY):
        raise ValueError(f"activation must be relu or {IDENTITY}, got {activation!r}")
    if kind not in makers:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    network = makers[kind]()
    if activation == IDENTITY:
        units = [(part, name) for part in network.modules() for name, child in part.named_children() if isinstance(child, nn.ReLU)]
        for part, name in units:
            setattr(part, name, nn.Identity())
    return network


def _dense(inputs: int, units: int) -> int:
    return units * (inputs + 1)


def _convolution(channels: int, units: int) -> int:
    return units * (9 * channels + 1)


def formulas() -> dict[str, int]:
    """The number of parameters of each network, from the formulas of its layers.

    A dense layer of m units on d inputs has m (d + 1); a convolution of m channels on c, 3 x 3 filters, m (9 c + 1), however large the
    image; a recurrence of m states on d features m (d + m + 1), however long the sequence; self-attention on tokens of m numbers 4 m (m
    + 1), however many tokens.

    >>> formulas()["recurrent"]  # 24 * 29 + 10 * 25
    946
    """
    width, tokens, features = 12, 8, 8
    return {
        "dense": _dense(30, 16) + _dense(16, 16) + _dense(16, 1),
        "convolutional": _convolution(1, 4) + _convolution(4, 4) + _dense(4 * 64, 10),
        "recurrent": 24 * (4 + 24 + 1) + _dense(24, 10),
        "attention": _dense(features, width)
        + tokens * width
        + 4 * _dense(width, width)
        + _dense(width, 2 * width)
        + _dense(2 * width, width)
        + _dense(width, 10),
    }
