"""The empirical Rademacher complexity of ReLU networks of one norm product, from below: every sign vector, and a search for each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genbounds.bounds.rademacher import golowich2018frobenius, neyshabur2015
from genbounds.models.randomness.streams import Stream


@dataclass(frozen=True)
class Searched:
    """Scalar ReLU networks without biases whose product of Frobenius norms is at most 1, on a few points of the unit sphere.

    Args:
        depth: the number of weight matrices.
        n, inputs: points and their dimension.
        width: of the hidden layers.
        restarts: searches for each sign vector.
        steps: of Adam for each search.
        seed: of the points and of the searches.
    """

    depth: int
    n: int = 6
    inputs: int = 4
    width: int = 6
    restarts: int = 2
    steps: int = 100
    seed: int = 0


def signs(n: int) -> Tensor:
    """Every sign vector with first sign +1, float64 (2^(n-1), n). The others are their negatives, and networks come in pairs f, -f.

    >>> signs(2).tolist()
    [[1.0, 1.0], [1.0, -1.0]]
    """
    return torch.tensor([(1.0, *rest) for rest in itertools.product((1.0, -1.0), repeat=n - 1)], dtype=torch.float64)


def points(cell: Searched) -> Tensor:
    """The sample, float64 (n, inputs), every row of norm 1."""
    drawn = Stream("depth", "points").normal([cell.seed], 0, cell.n * cell.inputs).view(cell.n, cell.inputs)
    unit: Tensor = drawn / drawn.norm(dim=1, keepdim=True)
    return unit


def correlation(layers: Sequence[Tensor], inputs: Tensor, wanted: Tensor) -> Tensor:
    """|sum_i eps_i f(x_i)| over the product of Frobenius norms, for a stack of networks: (K,).

    By homogeneity this is what the network of norm product 1 attains, and the sign is that of its last layer.

    Args:
        layers: (K, out, in), each.
        inputs: (K, d, n).
        wanted: the signs, (K, n).
    """
    values = inputs
    for position, layer in enumerate(layers):
        scaled = layer / layer.flatten(1).norm(dim=1)[:, None, None]
        values = torch.bmm(scaled, values if position == 0 else values.relu())
    return (values[:, 0] * wanted).sum(dim=1).abs()


def search(cells: Sequence[Searched]) -> list[dict[str, Any]]:
    """The largest correlation that gradient ascent finds for every sign vector, of cells that differ in their seed alone."""
    first = cells[0]
    vectors = signs(first.n)
    each = len(vectors) * first.restarts
    samples = [points(cell) for cell in cells]
    inputs = torch.cat([sample.T.expand(each, -1, -1) for sample in samples])
    wanted = vectors.repeat_interleave(first.restarts, dim=0).repeat(len(cells), 1)
    layers = _first_layers(cells, each)
    best = _ascend(layers, inputs, wanted, first.steps).view(len(cells), len(vectors), first.restarts).amax(dim=2)
    return [_result(cell, sample, found) for cell, sample, found in zip(cells, samples, best, strict=True)]


def _first_layers(cells: Sequence[Searched], each: int) -> list[Tensor]:
    first = cells[0]
    widths = [first.inputs, *[first.width] * (first.depth - 1), 1]
    layers = []
    for position, (fan_in, fan_out) in enumerate(itertools.pairwise(widths)):
        stream = Stream("depth", f"search of depth {first.depth}").sub(f"layer {position}")
        drawn = stream.normal([cell.seed for cell in cells], 0, each * fan_in * fan_out)
        layers.append((drawn.reshape(len(cells) * each, fan_out, fan_in) * (2 / fan_in) ** 0.5).requires_grad_())
    return layers


def _ascend(layers: list[Tensor], inputs: Tensor, wanted: Tensor, steps: int) -> Tensor:
    """Adam on the logarithm, so that deep networks with small outputs move as well; the best value on the way counts."""
    best = torch.zeros(len(wanted), dtype=torch.float64)
    averages = [(torch.zeros_like(layer), torch.zeros_like(layer)) for layer in layers]
    for step in range(1, steps + 1):
        value = correlation(layers, inputs, wanted)
        best = torch.maximum(best, value.detach())
        gradients = torch.autograd.grad((value + 1e-12).log().sum(), layers)
        with torch.no_grad():
            for layer, gradient, (mean, square) in zip(layers, gradients, averages, strict=True):
                mean.lerp_(gradient, 0.1)
                square.lerp_(gradient**2, 0.001)
                size = (square / (1 - 0.999**step)).sqrt() + 1e-8
                layer += 0.05 / (1 - 0.9**step) * mean / size
    return best


def _result(cell: Searched, sample: Tensor, found: Tensor) -> dict[str, Any]:
    shared = {"norm_product": 1, "depth": cell.depth, "data_norm": float(sample.norm()), "n": cell.n}
    return {
        "found": float(found.mean()) / cell.n,
        "linear": float((signs(cell.n) @ sample).norm(dim=1).mean()) / cell.n,
        "unit": float(sample.norm()) / cell.n,
        "bound_2015": float(neyshabur2015(**shared)),
        "bound_2018": float(golowich2018frobenius(**shared)),
        "printed_2018": float(golowich2018frobenius(**shared, form="printed")),
    }
