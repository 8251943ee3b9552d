"""Large arrays read block by block, so that what one step of a formula leaves behind is still in the cache when the next one needs it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

BLOCK = 2**16  # doubles: the handful of arrays that a formula holds at a time stay within the caches, and the cost of a call is spread
VECTOR_BLOCK = 2**14  # the same for vector inputs, whose formulas hold many more arrays
LEAST_ROWS = 2**11
FEW = 2**8  # elements below which cutting costs more than it saves
SHORT = 64  # layers up to which they are laid out one after the other, each with its whole batch


def batch_of(inputs: dict[str, np.ndarray], vectors: frozenset[str]) -> tuple[int, ...] | None:
    """The shape that all arrays among the inputs share (the layer axis of a vector input left out); None if they differ or are small.

    >>> batch_of({"x": np.zeros((300, 100)), "n": np.array(7.0), "widths": np.zeros((300, 100, 3))}, frozenset({"widths"}))
    (300, 100)
    >>> batch_of({"x": np.zeros((90000, 1)), "y": np.zeros(4)}, frozenset()) is None
    True
    """
    shapes = {entry.shape[:-1] if name in vectors else entry.shape for name, entry in inputs.items()} - {()}
    if len(shapes) != 1:
        return None
    (shape,) = shapes
    return shape if math.prod(shape) > (FEW if vectors else BLOCK) else None


def _parts(inputs: dict[str, np.ndarray], vectors: frozenset[str], size: int) -> Iterator[tuple[slice, dict[str, np.ndarray]]]:
    """The inputs cut along the flattened batch; numbers, and vectors that all elements share, stay whole.

    Short vectors are laid out layer by layer: numpy sums over a short last axis at a tenth of the speed.
    """
    layers = {name: entry.shape[-1:] if name in vectors else () for name, entry in inputs.items()}
    flat = {name: entry.reshape(-1, *layers[name]) for name, entry in inputs.items() if entry.ndim > len(layers[name])}
    longest = max((entry.shape[-1] for entry in flat.values() if entry.ndim == 2), default=0)
    rows = max(LEAST_ROWS, VECTOR_BLOCK // longest) if longest else BLOCK
    for start in range(0, size, rows):
        cut = slice(start, min(start + rows, size))
        yield cut, {name: _laid_out(flat[name][cut]) if name in flat else entry for name, entry in inputs.items()}


def _laid_out(entry: np.ndarray) -> np.ndarray:
    return np.asfortranarray(entry) if entry.ndim == 2 and entry.shape[-1] <= SHORT else entry


def blockwise(read: Callable[[dict[str, np.ndarray]], Any], inputs: dict[str, np.ndarray], vectors: frozenset[str]) -> Any:
    """``read(inputs)`` for an elementwise ``read``: in blocks where the inputs are large arrays of one shape.

    >>> x = np.linspace(0, 1, 2**17)
    >>> bool(np.array_equal(blockwise(lambda part: part["x"] + part["y"], {"x": x, "y": np.array(2.0)}, frozenset()), x + 2))
    True
    """
    shape = batch_of(inputs, vectors)
    if shape is None:
        return read(inputs)
    result = np.empty(math.prod(shape))
    for cut, part in _parts(inputs, vectors, result.size):
        block = read(part)
        if np.shape(block) != (cut.stop - cut.start,):  # the arrays do not enter the result
            return read(inputs)
        result[cut] = block
    return result.reshape(shape)
