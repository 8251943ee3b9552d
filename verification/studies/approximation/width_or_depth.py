"""Width against depth: x^2 from composed sawteeth against the best shallow network, and two trained networks of equally many parameters.

x^2 = x - sum_s m_s(x)/4^s, m_s the s-fold sawtooth (Yarotsky 2017); k terms are the interpolation of x^2 at multiples of 2^-k, whose
largest error is 4^-(k+1). They take 4 k units: three for each sawtooth and one that carries the sum. An affine function is at least h^2/8
away from x^2 on an interval of length h; so P pieces have an error of at least 1/(8 P^2), which the interpolation at P + 1 equal points,
moved by 1/(8 P^2), attains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genbounds.models.randomness.streams import Stream
from genbounds.verification.studies.approximation.sawtooth import EACH, grid, values, wrong_sides

SHALLOW, DEEP = (1, 24, 1), (1, 4, 4, 4, 4, 1)
"""Widths of the trained networks: 73 parameters each."""
FOLDS = 3


@dataclass(frozen=True)
class Square:
    """x^2 from so many sawteeth."""

    terms: int


@dataclass(frozen=True)
class Fitted:
    """A ReLU network trained on the threefold sawtooth, at the points of its grid, by Adam with all points in each step."""

    widths: tuple[int, ...]
    steps: int
    seed: int = 0


def parameters(widths: Sequence[int]) -> int:
    """Weights and biases.

    >>> parameters(SHALLOW), parameters(DEEP)
    (73, 73)
    """
    return sum((a + 1) * b for a, b in pairwise(widths))


def square(cells: Sequence[Square]) -> list[dict[str, Any]]:
    """The largest error of the composed sawteeth, exactly, and the least of any shallow network of as many units."""
    return [
        {"units": 4 * cell.terms, "deep": float(deep_error(cell.terms)), "shallow": 1 / (8 * (4 * cell.terms + 1) ** 2)} for cell in cells
    ]


def deep_error(terms: int) -> Fraction:
    """max |x - sum_s m_s(x)/4^s - x^2|: on each piece the difference is a parabola, largest in the middle; all middles are tried.

    >>> deep_error(3) == Fraction(1, 4**4)
    True
    """
    worst = Fraction(0)
    for place in range(2**terms):
        x = Fraction(2 * place + 1, 2 ** (terms + 1))
        value, tooth = x, x
        for s in range(1, terms + 1):
            tooth = 2 * tooth if 2 * tooth <= 1 else 2 - 2 * tooth
            value -= tooth / 4**s
        worst = max(worst, abs(value - x * x))
    return worst


def fit(cells: Sequence[Fitted]) -> list[dict[str, Any]]:
    """Train networks that differ in their seed alone as one batch."""
    first, seeds = cells[0], [cell.seed for cell in cells]
    points = torch.from_numpy(grid(FOLDS))
    target = torch.from_numpy(values(grid(FOLDS), FOLDS))
    layers = _first(first.widths, seeds)
    _descend(layers, points, target, first.steps)
    with torch.no_grad():
        outputs = _outputs(layers, points).numpy()
    errors = np.sqrt(np.mean((outputs - target.numpy()) ** 2, axis=1))
    return [{"error": float(error), "wrong": wrong_sides(output[::EACH])} for error, output in zip(errors, outputs, strict=True)]


def _first(widths: Sequence[int], seeds: list[int]) -> list[Tensor]:
    """Weights and biases of each layer: normal of variance 2/fan-in, kinks of the first layer spread over [-1, 1]."""
    layers = []
    for place, (fan_in, fan_out) in enumerate(pairwise(widths)):
        stream = Stream("approximation", f"fit {widths} layer {place}")
        weights = stream.normal(seeds, 0, fan_in * fan_out).reshape(len(seeds), fan_out, fan_in) * (2 / fan_in) ** 0.5
        spread = stream.sub("biases").uniform(seeds, 0, fan_out)[:, :, None] * 2 - 1
        biases = weights.abs().amax(dim=2, keepdim=True) * spread if place == 0 else torch.zeros(len(seeds), fan_out, 1).double()
        layers += [weights.requires_grad_(), biases.requires_grad_()]
    return layers


def _outputs(layers: Sequence[Tensor], points: Tensor) -> Tensor:
    found = points.expand(len(layers[0]), 1, -1)
    for place in range(0, len(layers), 2):
        found = torch.baddbmm(layers[place + 1], layers[place], found if place == 0 else found.relu())
    return found[:, 0]


def _descend(layers: Sequence[Tensor], points: Tensor, target: Tensor, steps: int) -> None:
    """Adam, its step falling linearly from 0.01 to 0."""
    averages = [(torch.zeros_like(layer), torch.zeros_like(layer)) for layer in layers]
    for step in range(1, steps + 1):
        loss = ((_outputs(layers, points) - target) ** 2).mean(dim=1).sum()
        gradients = torch.autograd.grad(loss, layers)
        rate = 0.01 * (1 - step / (steps + 1)) / (1 - 0.9**step)
        with torch.no_grad():
            for layer, gradient, (mean, power) in zip(layers, gradients, averages, strict=True):
                mean.lerp_(gradient, 0.1)
                power.lerp_(gradient**2, 0.001)
                layer -= rate * mean / ((power / (1 - 0.999**step)).sqrt() + 1e-8)
