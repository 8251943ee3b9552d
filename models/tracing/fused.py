"""Layers one after another, bounded together: the norm of a product of matrices is below the product of their norms.

- A (layer, activation, layer) as W_2 sigma(W_1 x): entry by entry sigma(u) - sigma(v) = d (u - v) with d between the smallest slope l and
  the largest one h. With c = (l + h) / 2 and r = (h - l) / 2 the change of the output is c W_2 W_1 dx + W_2 (D - c) W_1 dx with
  |D - c| <= r, so that the Lipschitz constant is at most c ||W_2 W_1|| + r ||W_2|| ||W_1||; without the activation it is ||W_2 W_1||.
  Source: Combettes and Pesquet (2020), for two layers.
- With a residual connection, a x + b W_2 sigma(W_1 x): at most ||a I + b c W_2 W_1|| + |b| r ||W_2|| ||W_1||.
- A layer after a layer normalisation with a gain g, W (g n(x) + shift): n(x) has mean zero, and so has its change, hence ||W G P|| times
  the slope of n, with G = diag(g) and P = I - 1 1^T / d, the projection onto vectors of mean zero. RMS normalisation: P = I.

All matrices act on each vector along the last axis by itself, so that their norms are those of the whole. Products are made in float64,
with a bound on the norm of their error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.norms.rounding import EPS
from genbounds.models.norms.spectral import spectral_bounds
from genbounds.models.tracing.graph import Graph, Node

_UP = 1 + 2.0**-40
_RISING = ("relu", "tanh", "sigmoid", "hardtanh", "softplus", "hardsigmoid", "atan", "erf")
"""Activations with slopes between 0 and their Lipschitz constant."""
_HALVES = ("gelu", "silu", "hardswish")
"""x s(x) with s(-x) = 1 - s(x): the slopes at x and -x add up to 1, so that they lie between 1 - L and L."""
_LARGEST = 2048
"""Sides of matrices beyond which nothing is multiplied."""
_TINY, _HUGE = 2.0**-400, 2.0**400
"""The largest entry of what is multiplied must lie between these: then what underflows is far below the bound on the rounding."""


@dataclass(frozen=True)
class _Matrix:
    """A matrix, a bound on the norm of its error, and what it acts on: ``factor`` times the change of the value of node ``anchor``."""

    values: Tensor
    error: float
    anchor: int
    factor: float = 1.0

    @property
    def size(self) -> float:
        """The Frobenius norm, rounded up, with the error's part."""
        return (float(self.values.norm()) + self.error) * _UP

    @property
    def norm(self) -> float:
        """The spectral norm, rounded up."""
        return (float(spectral_bounds(self.values.cpu().numpy()[None])[0][0]) + self.error) * _UP

    def after(self, first: _Matrix) -> _Matrix:
        """self times ``first``: an entry of the float product is a sum of k products."""
        terms = self.values.shape[1]
        error = (terms + 4) * EPS * self.size * first.size + self.error * first.size + self.size * first.error
        return _Matrix(self.values @ first.values, error * _UP, first.anchor, first.factor)

    def plus_identity(self, own: float, scale: float) -> _Matrix:
        """``own`` I + ``scale`` self."""
        eye = torch.eye(len(self.values), dtype=self.values.dtype, device=self.values.device)
        error = abs(scale) * self.error + 4 * EPS * (abs(own) * math.sqrt(len(eye)) + abs(scale) * self.size)
        return _Matrix(own * eye + scale * self.values, error * _UP, self.anchor, self.factor)


def fused_constants(graph: Graph, spectral_norms: Sequence[float]) -> dict[int, tuple[int, float]]:
    """For each node that ends such a pattern the node where it starts and the Lipschitz constant between the two, for the weights as they
    are.

    >>> from genbounds.models.tracing import read_graph
    >>> layers = [torch.nn.Linear(2, 2, bias=False) for _ in "ab"]
    >>> for layer, rows in zip(layers, ([[1.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]])):
    ...     _ = layer.weight.data.copy_(torch.tensor(rows))
    >>> graph = read_graph(torch.nn.Sequential(layers[0], torch.nn.GELU(), layers[1]), torch.zeros(2, 2))
    >>> round(fused_constants(graph, [1.0, 1.0])[3][1], 5)  # W_2 W_1 = 0: half of the slopes' range, 1.12891 - 1/2
    0.62891
    """
    found: dict[int, tuple[int, float]] = {}
    pairs: dict[int, tuple[_Matrix, float, float]] = {}
    for index, node in enumerate(graph.nodes):
        last = _layer(graph, index)
        if last is not None:
            fused = _pair(graph, index, last, spectral_norms)
            if fused is not None:
                pairs[index] = fused
                product, centre, rest = fused
                found[index] = product.anchor, (abs(centre) * product.norm + rest) * product.factor * _UP
            elif last.factor != 1.0:
                found[index] = last.anchor, last.norm * last.factor * _UP
        elif node.kind == "add" and len(node.sources) == 2 and node.options.get("factors"):
            for own, other in ((0, 1), (1, 0)):
                branch = pairs.get(node.sources[other])
                if branch is None or branch[0].factor != 1.0 or branch[0].anchor != node.sources[own] or node.gains != _sizes(node):
                    continue
                if not all(_TINY <= gain <= _HUGE for gain in node.gains):
                    continue
                product, centre, rest = branch
                a, b = node.options["factors"][own], node.options["factors"][other]
                found[index] = product.anchor, (product.plus_identity(a, b * centre).norm + abs(b) * rest) * _UP
    return found


def _sizes(node: Node) -> tuple[float, ...]:
    """The gains of a sum in which broadcasting repeats nothing."""
    return tuple(abs(factor) for factor in node.options["factors"])


def _layer(graph: Graph, index: int) -> _Matrix | None:
    """A layer on the vectors along the last axis, with the normalisation before it."""
    node = graph.nodes[index]
    matrix = _weight(graph, node)
    if matrix is None or node.kind != "linear":
        return None
    before = graph.nodes[node.sources[0]]
    gain = _weight(graph, before) if before.options.get("gain") else None
    normalise = graph.nodes[before.sources[0]] if gain is not None else before
    if "centred" not in normalise.options:
        return _Matrix(*matrix, node.sources[0])
    made = _Matrix(*matrix, normalise.sources[0], normalise.gains[0])
    if gain is not None:
        scaled = made.values * gain[0]
        error = made.error * float(gain[0].abs().max()) + float(scaled.norm()) * EPS + made.size * gain[1]
        made = _Matrix(scaled, error * _UP, made.anchor, made.factor)
    if normalise.options["centred"]:
        width = made.values.shape[1]
        centred = made.values - made.values.mean(1, keepdim=True)
        made = _Matrix(centred, (made.error + (width + 8) * EPS * made.size) * _UP, made.anchor, made.factor)
    return made if _is_ordinary(made.values) else None


def _is_ordinary(values: Tensor) -> bool:
    return _TINY <= float(values.abs().max()) <= _HUGE


def _weight(graph: Graph, node: Node) -> tuple[Tensor, float] | None:
    """The matrix or gain of a weight, and a bound on the norm of its error."""
    if node.weight is None or not node.tokens.through_weight:
        return None
    weight = graph.weights[node.weight]
    if weight.kind not in ("linear", "diagonal") or max(weight.matrix.shape) > _LARGEST or not _is_ordinary(weight.matrix):
        return None
    return weight.matrix, weight.slack * EPS * float(weight.matrix.norm()) * _UP


def _pair(graph: Graph, index: int, last: _Matrix, spectral_norms: Sequence[float]) -> tuple[_Matrix, float, float] | None:
    """(W_2 W_1, c, r ||W_2|| ||W_1||), if a layer stands before this one, perhaps with an activation between them."""
    node = graph.nodes[index]
    if last.factor != 1.0:
        return None
    between = graph.nodes[node.sources[0]]
    slopes = _slopes(between)
    start = between.sources[0] if slopes is not None else node.sources[0]
    first = _layer(graph, start)
    if first is None:
        return None
    low, high = slopes or (1.0, 1.0)
    rest = ((high - low) / 2 + 2 * EPS * max(abs(low), abs(high))) * _UP if high > low else 0.0
    own, before = node.weight, graph.nodes[start].weight
    assert own is not None
    assert before is not None
    if rest:
        rest *= spectral_norms[own] * (spectral_norms[before] if first.factor == 1.0 else first.norm) * _UP
    return last.after(first), (low + high) / 2, rest


def _slopes(node: Node) -> tuple[float, float] | None:
    """The smallest and largest slope of an activation; None for other nodes, and where less is known."""
    if not node.options.get("activation") or len(node.sources) != 1:
        return None
    if node.kind in _RISING:
        return 0.0, node.gains[0]
    if node.kind in _HALVES:
        return 1.0 - node.gains[0], node.gains[0]
    if node.kind == "leaky_relu":
        (slope,) = node.options["parameters"]
        return min(slope, 1.0), max(slope, 1.0)
    return None
