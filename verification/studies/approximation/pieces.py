"""The affine pieces of a ReLU network along a line, counted exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any, TypeAlias

import numpy as np

from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations.protocol import Array

Layer: TypeAlias = tuple[Array, Array]
"""Weights (out, in) and biases (out,), object arrays of whole numbers and Fractions; every layer but the last has a ReLU."""
END = Fraction(2**20)
"""The line is followed from t = -END to END, far beyond the kinks of networks whose weights and biases are of order 1."""
GRID = 64
"""Random weights are rounded to multiples of 1/GRID, and multiplied by it: a positive factor moves no kink."""


@dataclass(frozen=True)
class Lined:
    """A random network and a random line in three dimensions.

    Args:
        depth: hidden layers.
        width: their units.
        seed: of the draw.
    """

    depth: int
    width: int
    seed: int = 0


def segments(layers: Sequence[Layer], start: Array, direction: Array, low: Fraction, high: Fraction) -> list[tuple[Fraction, Any]]:
    """Where the output changes its slope along start + t direction: (left end, slope) of each maximal affine piece, in exact arithmetic.

    On an interval without kinks every unit is affine in t, a t + c; the next layer's kinks are its zeros there. A kink at which the slope
    of the (single) output does not change is none of the function, and left out.
    """
    parts = [(low, high, direction, start)]
    for weights, biases in layers[:-1]:
        parts = [piece for part in parts for piece in _cut(part, weights, biases)]
    found: list[tuple[Fraction, Any]] = []
    weights = layers[-1][0]
    for left, _, slope, _ in parts:
        steepness = (weights @ slope)[0]
        if not found or found[-1][1] != steepness:
            found.append((left, steepness))
    return found


def _cut(part: tuple[Fraction, Fraction, Array, Array], weights: Array, biases: Array) -> list[tuple[Fraction, Fraction, Array, Array]]:
    left, right, slope, intercept = part
    a, c = weights @ slope, weights @ intercept + biases
    zeros = {Fraction(-constant) / steepness for steepness, constant in zip(a, c, strict=True) if steepness != 0}
    ends = [left, *sorted(zero for zero in zeros if left < zero < right), right]
    pieces = []
    for lower, upper in pairwise(ends):
        active = a * ((lower + upper) / 2) + c > 0
        pieces.append((lower, upper, np.where(active, a, 0), np.where(active, c, 0)))
    return pieces


def count(cells: Sequence[Lined]) -> list[dict[str, Any]]:
    """Pieces of each network along its line, its units, and the bound."""
    return [
        {"pieces": len(segments(*_random(cell), -END, END)), "units": cell.depth * cell.width, "bound": bound([cell.width] * cell.depth)}
        for cell in cells
    ]


def bound(widths: Sequence[int]) -> int:
    """Most pieces along a line: each unit cuts each piece of the layers before at most once, prod (1 + w).

    It is below Telgarsky's (2 w)^L.

    >>> bound([10, 10, 10]), (2 * 10) ** 3
    (1331, 8000)
    """
    return prod(1 + width for width in widths)


def _random(cell: Lined) -> tuple[list[Layer], Array, Array]:
    """Weights of variance 2/fan-in and biases of variance 1/4; the biases of layer l go with l factors of the grid."""
    inputs, stream = 3, Stream("approximation", f"line {cell.depth} {cell.width}")
    widths = [inputs, *[cell.width] * cell.depth, 1]
    layers = []
    for place, (fan_in, fan_out) in enumerate(pairwise(widths)):
        numbers = stream.sub(f"layer {place}").normal([cell.seed], 0, fan_out * (fan_in + 1)).numpy().reshape(fan_out, fan_in + 1)
        weights = whole(numbers[:, :-1] * (2 / fan_in) ** 0.5)
        layers.append((weights, whole(numbers[:, -1] / 2) * GRID ** (place + 1)))
    ends = whole(stream.sub("line").normal([cell.seed], 0, 2 * inputs).numpy()[0])
    return layers, ends[:inputs], ends[inputs:]


def whole(numbers: Array) -> Array:
    """Whole multiples of 1/GRID near the numbers, times GRID, as Python's whole numbers."""
    return np.asarray(np.vectorize(int, otypes=[object])(np.round(numbers * GRID)))
