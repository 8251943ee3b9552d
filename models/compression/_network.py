"""A ternary network of a family: levels and nothing else, its canonical form, and its errors counted in float64."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.compression._family import BATCH, Architecture
from genbounds.models.measuring.margins import plain_margins

TIE = 1e-9
"""Two best outputs within this are a tie, so that another order of the sums cannot turn an error into none."""


@dataclass(frozen=True, eq=False)
class TernaryNetwork:
    """An architecture and levels -1, 0, 1 for its weights, int8 tensors of the architecture's shapes. ``ValueError`` for others.

    >>> from genbounds.models.compression import DIGITS, Architecture
    >>> architecture = Architecture(DIGITS, "none", 1, 0.5, (4,))
    >>> zeros = tuple(torch.zeros(shape, dtype=torch.int8) for shape in architecture.shapes)
    >>> network = TernaryNetwork(architecture, zeros)
    >>> bool(network.mistakes(torch.ones(3, 13, 4, 4), torch.tensor([0, 1, 2])).all())  # all outputs agree
    True
    """

    architecture: Architecture
    levels: tuple[Tensor, ...]

    def __post_init__(self) -> None:
        shapes = [tuple(level.shape) for level in self.levels]
        if shapes != self.architecture.shapes or any(
            level.dtype != torch.int8 or level.min() < -1 or level.max() > 1 for level in self.levels
        ):
            raise ValueError(
                f"levels must be -1, 0 or 1, int8 of shapes {self.architecture.shapes}, got shapes {shapes}: round the weights"
            )

    def __eq__(self, other: object) -> bool:
        """Whether architecture and levels agree."""
        if not isinstance(other, TernaryNetwork) or other.architecture != self.architecture:
            return False
        return all(torch.equal(mine, its) for mine, its in zip(self.levels, other.levels, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def canonical(self) -> TernaryNetwork:
        """The same function, up to rounding, with the channels of each hidden layer in the lexicographic order of their weights.

        Channels with equal weights keep their order.
        """
        levels = list(self.levels)
        for index in range(len(levels) - 1):
            rows = [tuple(row) for row in levels[index].flatten(1).tolist()]
            order = sorted(range(len(rows)), key=rows.__getitem__)
            levels[index], levels[index + 1] = levels[index][order], levels[index + 1][:, order]
        return TernaryNetwork(self.architecture, tuple(levels))

    def logits(self, features: Tensor) -> Tensor:
        """The outputs for ``architecture.features(images)``, in float64 and in batches of 1000."""
        weights = [level.double() for level in self.levels]
        with torch.no_grad():
            return torch.cat([self.architecture.logits(weights, part.double()) for part in torch.split(features, BATCH)])

    def pooled(self, features: Tensor) -> Tensor:
        """What the last layer sees, float64 (N, channels * positions)."""
        weights = [level.double() for level in self.levels[:-1]]
        with torch.no_grad():
            return torch.cat([self.architecture.pooled(weights, part.double()) for part in torch.split(features, BATCH)])

    def mistakes(self, features: Tensor, labels: Tensor) -> Tensor:
        """For each example whether it counts as an error: unless the label's output exceeds every other by more than 1e-9.

        So a tie of the two best, and a NaN anywhere, are errors.
        """
        return counted_as_errors(self.logits(features), labels)


def counted_as_errors(logits: Tensor, labels: Tensor) -> Tensor:
    """For each row of outputs, whether it counts as an error: True unless the label's output exceeds all others by more than 1e-9.

    >>> outputs = torch.tensor([[1.0, 0.0], [1.0, 1.0], [float("nan"), 0.0]])
    >>> counted_as_errors(outputs, torch.tensor([0, 0, 1])).tolist()
    [False, True, True]
    """
    return ~((plain_margins(logits, labels) > TIE) & logits.isfinite().all(dim=1))
