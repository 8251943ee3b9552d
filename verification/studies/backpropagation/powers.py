"""||A^L u|| compared with lambda^L: the product of many equal matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genbounds.models.randomness.streams import Stream


@dataclass(frozen=True)
class Powers:
    """A random matrix scaled to the spectral radius ``radius``, and a random unit vector.

    Args:
        radius: the largest absolute eigenvalue.
        symmetric: whether the matrix is.
        width, depth: of the matrix, and how many times it is applied.
        seed: of the draw.
    """

    radius: float
    symmetric: bool
    width: int = 20
    depth: int = 100
    seed: int = 0


def apply(cells: Sequence[Powers]) -> list[dict[str, Any]]:
    """The logarithms of ||A^k u|| for k = 0, ..., depth of each cell; of a symmetric A also ln |<u, v>|, v the top eigenvector."""
    return [_apply(cell) for cell in cells]


def _apply(cell: Powers) -> dict[str, Any]:
    stream = Stream("backpropagation", f"powers {cell.symmetric} {cell.width} {cell.radius}")
    numbers = stream.normal([cell.seed], 0, cell.width * (cell.width + 1)).numpy().reshape(cell.width, cell.width + 1)
    matrix, vector = numbers[:, :-1], numbers[:, -1] / np.linalg.norm(numbers[:, -1])
    overlap = None
    if cell.symmetric:
        matrix = (matrix + matrix.T) / 2
        values, vectors = np.linalg.eigh(matrix)
        place = int(np.argmax(np.abs(values)))
        matrix, overlap = matrix * (cell.radius / abs(values[place])), float(np.log(np.abs(vectors[:, place] @ vector)))
    else:
        matrix = matrix * (cell.radius / np.abs(np.linalg.eigvals(matrix)).max())
    logs, total = [0.0], 0.0
    for _ in range(cell.depth):
        vector = matrix @ vector
        norm = float(np.linalg.norm(vector))
        total += float(np.log(norm))
        vector = vector / norm
        logs.append(total)
    return {"logs": logs, "overlap": overlap, "norm": float(np.linalg.norm(matrix, 2))}
