"""The cells of the study, and the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from genbounds.verification.populations.protocol import Array, generator

WIDTH = 5
HALF = 3.0
"""Inputs lie in [-3, 3]."""
ACTIVATIONS = ("leaky", "tanh")
SHORTCUTS = ("plain", "residual")
RATES = (0.01, 0.003)
"""Step sizes of Adam, of which each network takes the better."""
LABELS: Mapping[str, str] = {"leaky": "LeakyReLU", "tanh": "tanh"}


@dataclass(frozen=True)
class DepthCell:
    """One seed's data and its networks of one depth: both activations, plain and residual, both step sizes.

    ``directions`` is the number of lines along which the loss is sliced around each solution.
    """

    depth: int
    seed: int
    steps: int
    n: int = 20
    directions: int = 4


@dataclass(frozen=True)
class InterpolationCell:
    """One seed's data and residual networks of 30 layers that are trained until they interpolate, from starts of several sizes."""

    seed: int
    steps: int
    depth: int = 30
    n: int = 8
    scales: tuple[float, ...] = (1.0, 2.0, 3.0)


Cells: TypeAlias = DepthCell | InterpolationCell


def widths(depth: int) -> tuple[int, ...]:
    """Of the input, of so many hidden layers of width 5, of one of width 1, and of the output.

    >>> [sum((a + 1) * b for a, b in zip(widths(depth), widths(depth)[1:])) for depth in (3, 5, 10, 15, 30, 45)]
    [78, 138, 288, 438, 888, 1338]
    """
    return (1, *[WIDTH] * depth, 1, 1)


def truth(inputs: Array) -> Array:
    """The function behind the data."""
    return np.asarray(np.sin(2 * inputs) + inputs / 3)


def sample(cell: Cells, noise: float) -> tuple[Array, Array]:
    """Inputs, uniform on [-3, 3] and sorted, and targets: the truth with normal noise."""
    random = generator("residual: data", type(cell).__name__, cell.seed)
    inputs = np.sort(random.uniform(-HALF, HALF, cell.n))
    return inputs, truth(inputs) + noise * random.standard_normal(cell.n)
