"""Chains: graphs in which every layer feeds the next one only, so that theorems about products of matrices apply."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from genbounds.models.measuring.layer_norms import DISTANCES
from genbounds.models.norms.rounding import EPS, inflate
from genbounds.models.tracing.graph import Graph, Node
from genbounds.models.tracing.weights import Weight, bias_change

_UP = 1 + 2.0**-48
_SILENT = ("shape", "restrict")


@dataclass(frozen=True)
class Chain:
    """What stands after each layer: names joined by "+", Lipschitz constants, and the value at zero of one unit."""

    names: tuple[str, ...]
    lipschitz: tuple[float, ...]
    values_at_zero: tuple[float, ...]


def chain_of(graph: Graph) -> Chain | None:
    """The graph as a chain, or None.

    After each layer stands one function with a Lipschitz constant that maps 0 to 0, or one elementwise activation with another value at
    zero (sigmoid). Before the first layer only entries may be moved or left out.
    """
    data = [index for index, node in enumerate(graph.nodes) if node.has_data]
    after: list[list[Node]] = [[]]
    for before, index in itertools.pairwise(data):
        node = graph.nodes[index]
        if node.sources != (before,) or node.is_local or node.options.get("learned"):
            return None
        if node.weight is not None:
            after.append([])
        else:
            after[-1].append(node)
    first, *rest = after
    if any(node.kind not in _SILENT for node in first) or not rest or graph.output != data[-1]:
        return None
    if graph.weights[-1].outputs != graph.nodes[graph.output].size or graph.one_hot is not None:
        return None
    values = []
    for functions in rest:
        loud = [node for node in functions if node.kind not in _SILENT]
        moving = [node for node in loud if node.at_zero]
        if moving and not (len(loud) == 1 and loud[0].options.get("activation")):
            return None
        values.append(moving[0].at_zero / math.sqrt(moving[0].size) * _UP if moving else 0.0)
    return Chain(
        names=tuple("+".join(node.kind for node in functions if node.kind not in _SILENT) or "identity" for functions in rest),
        lipschitz=tuple(_product([node.gains[0] for node in functions]) for functions in rest),
        values_at_zero=tuple(values),
    )


def _product(gains: list[float]) -> float:
    """The product, rounded up if anything is multiplied."""
    result = 1.0
    for gain in gains:
        if gain != 1.0:
            result = gain if result == 1.0 else result * gain * _UP
    return result


def absorbed_norms(weights: Sequence[Weight], starts: Sequence[Weight] | None, norms: dict[str, list[float]]) -> dict[str, list[float]]:
    """Norms of [[A, b], [0, 1]], for the last layer of [A, b], from those of A: upper bounds, the lower one stays a lower one.

    The spectral norm is at most that of the 2 x 2 matrix of the blocks' norms.
    """
    result: dict[str, list[float]] = {name: [] for name in norms}
    for position, weight in enumerate(weights):
        one = 0.0 if position == len(weights) - 1 else 1.0
        sizes = _bias_sizes(weight, None)
        found = {name: values[position] for name, values in norms.items()}
        result["spectral_norms"].append(_block_norm(found["spectral_norms"], sizes[1], one))
        result["spectral_norms_lower"].append(max(found["spectral_norms_lower"], one))
        result["frobenius_norms"].append(math.hypot(found["frobenius_norms"], sizes[1], one) * _UP)
        result["norms_2_1"].append((found["norms_2_1"] + sizes[0] + one) * _UP)
        result["norms_1_inf"].append(max(found["norms_1_inf"] + sizes[2], one) * _UP)
        if starts is not None:
            moved = _bias_sizes(weight, starts[position])
            result[DISTANCES["spectral_norms"]].append(math.hypot(found[DISTANCES["spectral_norms"]], moved[1]) * _UP)
            result[DISTANCES["frobenius_norms"]].append(math.hypot(found[DISTANCES["frobenius_norms"]], moved[1]) * _UP)
            result[DISTANCES["norms_2_1"]].append((found[DISTANCES["norms_2_1"]] + moved[0]) * _UP)
            result[DISTANCES["norms_1_inf"]].append((found[DISTANCES["norms_1_inf"]] + moved[2]) * _UP)
    return result


def _bias_sizes(weight: Weight, start: Weight | None) -> tuple[float, float, float]:
    """The l1, l2 and largest size of the bias, or of its change, over all output entries."""
    if weight.bias is None:
        return 0.0, 0.0, 0.0
    first = bias_change(weight, start)
    moved = weight.bias if start is None or start.bias is None else weight.bias - start.bias.to(weight.bias.device)
    unit = (1 + weight.slack + (0.0 if start is None else start.slack)) * EPS
    base = weight.bias.abs() + (0.0 if start is None or start.bias is None else start.bias.abs().to(weight.bias.device))
    sizes = moved.abs() + unit * base + weight.bias_lost
    return first, float(sizes.norm()) * math.sqrt(weight.bias_copies) * inflate(sizes.numel()), float(sizes.max()) * inflate(0)


def _block_norm(matrix: float, bias: float, one: float) -> float:
    """The norm of [[matrix, bias], [0, one]], rounded up."""
    unit = max(matrix, bias, one)
    if not unit:
        return 0.0
    matrix, bias, corner = matrix / unit, bias / unit, one / unit
    total = matrix**2 + bias**2 + corner**2
    gap = math.sqrt(max(total**2 - 4 * (corner * matrix) ** 2, 0.0))
    return unit * math.sqrt((total + gap) / 2) * _UP
