"""The families of small ternary networks, fixed before any sample: what can vary, and what each choice means."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod

import torch
from torch import Tensor
from torch.nn import functional

from genbounds.models.compression._front import CHANNELS, NORMALISATIONS, normalised, oriented_features

BATCH = 1000
"""Examples are evaluated in batches of this many, so that an output does not depend on who asks."""
THRESHOLDS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""The ReLU of a normalised layer passes what is above one of these."""
FILTERS = (1, 3, 6, 9)
"""How many of ``filters`` a layer's weights combine."""


@dataclass(frozen=True)
class Family:
    """Networks on square images: what the networks of a family have in common. An ``Architecture`` is one choice in a family.

    Args:
        side: pixels along a side of an image.
        cell: pixels along a side of a cell of the fixed features.
        spread: standard deviation of the vertical position, in pixels, of an image with normalised moments.
        pool: side and stride of the windows whose largest value reaches the linear layer.
        widths: for each hidden layer, the numbers of channels to choose from.
        classes: number of labels.

    >>> from genbounds.models.compression import DIGITS
    >>> DIGITS.side, DIGITS.classes
    (8, 10)
    """

    side: int
    cell: int
    spread: float
    pool: tuple[int, int]
    widths: tuple[tuple[int, ...], ...]
    classes: int = 10

    @property
    def positions(self) -> int:
        """How many windows there are."""
        window, stride = self.pool
        return ((self.side // self.cell - window) // stride + 1) ** 2


MNIST = Family(28, 4, 5.6, (3, 2), ((4, 6, 8, 10, 12, 16, 20, 24), (8, 12, 16, 20, 24, 32, 40, 48)))
DIGITS = Family(8, 2, 2.2, (2, 2), ((4, 6, 8, 10, 12, 16, 20, 24),))


@dataclass(frozen=True)
class Architecture:
    """One choice in a family. ``ValueError`` for a choice that the family does not have.

    Args:
        family: the family.
        normalisation: a word of ``NORMALISATIONS``.
        filters: a number of ``FILTERS``.
        threshold: a number of ``THRESHOLDS``.
        widths: channels of each hidden layer.

    >>> from genbounds.models.compression import DIGITS
    >>> Architecture(DIGITS, "none", 1, 0.5, (4,)).shapes
    [(4, 13, 1), (10, 4, 4)]
    """

    family: Family
    normalisation: str
    filters: int
    threshold: float
    widths: tuple[int, ...]

    def __post_init__(self) -> None:
        self.choices()

    def choices(self) -> list[tuple[int, int]]:
        """(number of options, index of the chosen one) for each thing that can be chosen."""
        if len(self.widths) != len(self.family.widths):
            raise ValueError(
                f"widths must be {len(self.family.widths)} numbers, got {self.widths}: one for each hidden layer of the family"
            )
        asked: list[tuple[str, tuple[object, ...], object]] = [
            ("normalisation", NORMALISATIONS, self.normalisation),
            ("filters", FILTERS, self.filters),
            ("threshold", THRESHOLDS, self.threshold),
            *(("width", options, width) for options, width in zip(self.family.widths, self.widths, strict=True)),
        ]
        for name, options, value in asked:
            if value not in options:
                raise ValueError(f"{name} must be one of {options}, got {value!r}: the code has no word for another")
        return [(len(options), options.index(value)) for _, options, value in asked]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shapes of the weights: (out, in, filters) for each hidden layer, (classes, channels, positions) for the last."""
        channels = (CHANNELS, *self.widths)
        hidden = [(after, before, self.filters) for before, after in pairwise(channels)]
        return [*hidden, (self.family.classes, channels[-1], self.family.positions)]

    @property
    def size(self) -> int:
        """Number of weights."""
        return sum(prod(shape) for shape in self.shapes)

    def features(self, images: Tensor) -> Tensor:
        """The fixed features of images (N, side, side) with values in [0, 1]: float64 (N, 13, side / cell, side / cell)."""
        return fixed_features(self.family, self.normalisation, images)

    def logits(self, weights: list[Tensor], features: Tensor) -> Tensor:
        """The network's outputs (N, classes) on features, in the type of the features.

        A hidden layer convolves with kernels of 3 x 3, which its weights combine from fixed filters. It subtracts the mean of all outputs
        of the example, divides by their standard deviation, and passes on what exceeds the threshold. So no layer needs a scale for its
        ternary weights. The last layer is linear in the largest values of windows, normalised in the same way.
        """
        return self.pooled(weights[:-1], features) @ weights[-1].flatten(1).T

    def pooled(self, weights: list[Tensor], features: Tensor) -> Tensor:
        """What the last layer sees (N, channels * positions), given the weights of the hidden ones."""
        kernels = filters(self.filters).to(features.dtype)
        for weight in weights:
            features = functional.conv2d(features, torch.einsum("oik,kyx->oiyx", weight, kernels), padding=1)
            features = functional.relu(functional.layer_norm(features, features.shape[1:]) - self.threshold)
        windows = functional.max_pool2d(features, *self.family.pool).flatten(1)
        return functional.layer_norm(windows, windows.shape[1:])


def fixed_features(family: Family, normalisation: str, images: Tensor) -> Tensor:
    """``Architecture.features`` as a function of the choices that it depends on, so that networks can share the features; in batches
    of 1000.

    >>> from genbounds.models.compression import DIGITS
    >>> tuple(fixed_features(DIGITS, "none", torch.zeros(2, 8, 8)).shape)
    (2, 13, 4, 4)
    """
    if images.dim() != 3 or tuple(images.shape[1:]) != (family.side, family.side):
        raise ValueError(f"images must have shape (N, {family.side}, {family.side}), got {tuple(images.shape)}: reshape them")
    parts = [oriented_features(normalised(part.double(), normalisation, family.spread), family.cell) for part in torch.split(images, BATCH)]
    return torch.cat(parts).contiguous(memory_format=torch.channels_last)


def filters(count: int) -> Tensor:
    """The first ``count`` filters of 3 x 3, float64: for one the identity; otherwise blur, its first derivatives, the second, and the rest.

    >>> filters(3)[1].tolist()
    [[-0.125, 0.0, 0.125], [-0.25, 0.0, 0.25], [-0.125, 0.0, 0.125]]
    """
    if count == 1:
        return functional.pad(torch.ones(1, 1, 1, dtype=torch.float64), (1, 1, 1, 1))
    blur, slope, bend = (torch.tensor(taps, dtype=torch.float64) / 4 for taps in ((1, 2, 1), (-2, 0, 2), (-1, 2, -1)))
    pairs = (
        (blur, blur),
        (blur, slope),
        (slope, blur),
        (blur, bend),
        (bend, blur),
        (slope, slope),
        (slope, bend),
        (bend, slope),
        (bend, bend),
    )
    return torch.stack([torch.outer(*pair) for pair in pairs[:count]])
