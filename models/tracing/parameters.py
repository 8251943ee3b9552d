"""The matrix that a weight is stored as, and what it multiplies: what covers of a class of networks count.

A kernel has one row a filter, and multiplies every patch; a matrix that acts on many tokens multiplies each; a diagonal weight is one
row, and multiplies the entries of its input one by one. A bias is one more column, with a 1 beside whatever the row multiplies.
"""

from __future__ import annotations

import math
from dataclasses import replace

from torch import Tensor

from genbounds.bounds.quantity import Quantity
from genbounds.models.norms.entrywise import frobenius_upper, rows_2_1_upper
from genbounds.models.norms.patches import patch_count
from genbounds.models.norms.rounding import EPS, inflate
from genbounds.models.tracing.cover_constants import CoverConstants
from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.propagation import Propagated
from genbounds.models.tracing.weights import Weight, bias_change

_UP = 1 + 2.0**-48


def entries(weight: Weight) -> int:
    """The number of entries, the bias's included."""
    return weight.matrix.numel() + (0 if weight.bias is None else weight.bias.numel())


def rows_norm(weight: Weight, start: Weight | None = None) -> float:
    """The (2,1) norm of the matrix, or of its change from ``start``, the bias's l1 norm added: rounded up."""
    moved = _rows_2_1(weight, weight.matrix if start is None else weight.matrix - start.matrix.to(weight.matrix.device))
    hidden = 0.0
    if start is not None or weight.slack:
        slack = max(weight.slack, 0.0 if start is None else start.slack)
        ends = [weight.matrix] if start is None else [weight.matrix, start.matrix]
        hidden = EPS * moved + (slack * EPS * sum(_rows_2_1(weight, end) for end in ends) if slack else 0.0)
    bias = bias_change(replace(weight, bias_copies=1), start)
    total = moved + hidden + bias
    return math.nextafter(total * inflate(4), math.inf) if total else 0.0


def _rows_2_1(weight: Weight, values: Tensor) -> float:
    rows = _rows(weight, values).detach().cpu().double().numpy()
    return float(rows_2_1_upper(rows[None], weight.path)[0])


def _rows(weight: Weight, values: Tensor) -> Tensor:
    """(rows, entries of a row)."""
    if weight.kind == "diagonal":
        return values.reshape(1, -1)
    if weight.kind == "embedding":
        return values.T
    if weight.kind == "linear" or not weight.options["transposed"]:
        return values.flatten(1)
    groups = weight.options["groups"]  # (in, out / groups, ...): each output channel gathers the inputs of its group
    blocks = values.reshape(groups, len(values) // groups, values.shape[1], -1)
    return blocks.transpose(1, 2).flatten(0, 1).flatten(1)


def reads(weight: Weight) -> tuple[float, float]:
    """How much larger than the layer's input all that the matrix multiplies is, and the norm of one example's ones for the bias."""
    copies = 1
    if weight.kind == "convolution":
        options = {name: value for name, value in weight.options.items() if name != "groups"}
        copies = patch_count(tuple(weight.matrix.shape[2:]), **options, name=weight.path)
    return math.sqrt(copies) * _UP if copies > 1 else 1.0, 0.0 if weight.bias is None else math.sqrt(weight.bias_copies) * _UP


def cover_constants(graph: Graph, initial: Graph | None, found: Propagated) -> CoverConstants | None:
    """All of it for one network; None with attention, products or jumps, whose slopes norms of the layers do not fix, or with trained
    numbers in other operations. ``OverflowError`` for constants beyond the doubles.
    """
    if any(node.is_local or node.options.get("learned") for node in graph.nodes):
        return None
    starts = [None] * len(graph.weights) if initial is None else list(initial.weights)
    constants = [(node.path, node.options["trained"]) for node in graph.nodes if "trained" in node.options]
    first = None if initial is None else [node.options["trained"] for node in initial.nodes if "trained" in node.options]
    grown = [(reads(weight), pair) for weight, pair in zip(graph.weights, found.growth, strict=True)]
    slopes = [wide * slope * (1.0 if wide == 1.0 else _UP) for (wide, _), (slope, _) in grown] + [0.0] * len(constants)
    offsets = [math.hypot(wide * offset, ones) * (_UP if wide * offset or ones else 1.0) for (wide, ones), (_, offset) in grown]
    offsets += [math.sqrt(value.numel()) * _UP for _, value in constants]
    norms = [rows_norm(weight) for weight in graph.weights] + [_length(value, 0.0) for _, value in constants]
    distances = None
    if first is not None:
        distances = [rows_norm(weight, start) for weight, start in zip(graph.weights, starts, strict=True)]
        moved = zip((value for _, value in constants), first, strict=True)
        distances += [_length(value - start.to(value.device), EPS) for value, start in moved]
    outputs = [*found.output_lipschitz, *found.constants]
    if not all(map(math.isfinite, (*slopes, *offsets, *norms, *(distances or ()), *outputs))):
        raise OverflowError("a constant of the network is above 1.8e308, the largest double")
    rows = "row norms of the stored matrices, biases added, rounded up"
    return CoverConstants(
        paths=(*(weight.path for weight in graph.weights), *(path for path, _ in constants)),
        norms_2_1=Quantity(tuple(norms), "upper", rows),
        distances_2_1=None if distances is None else Quantity(tuple(distances), "upper", f"distance from the initialisation: {rows}"),
        input_lipschitz=Quantity(tuple(slopes), "upper", "propagated from the spectral norms to what each matrix multiplies"),
        inputs_at_zero=Quantity(tuple(offsets), "upper", "propagated from biases, values at zero and caps to what each matrix multiplies"),
        output_lipschitz=Quantity(tuple(outputs), "upper", "D_i: propagated from the spectral norms"),
        entries=(*(entries(weight) for weight in graph.weights), *(value.numel() for _, value in constants)),
    )


def _length(values: Tensor, hidden: float) -> float:
    """The l2 norm, rounded up, with a relative error of the entries."""
    size = float(frobenius_upper(values.detach().cpu().double().numpy().reshape(1, 1, -1))[0])
    return size * (1 + hidden) * inflate(0)
