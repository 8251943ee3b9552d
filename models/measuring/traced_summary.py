"""The summary of a network that was read by tracing: any graph of bounded operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from genbounds.bounds.quantity import Quantity
from genbounds.bounds.special.rounding import decimal_down
from genbounds.models.measuring.labelled_sample import checked_labels
from genbounds.models.measuring.layer_norms import DISTANCES, HOW
from genbounds.models.measuring.measured_sample import MeasuredSample, one_hot_squares
from genbounds.models.measuring.network_summary import NetworkSummary, frozen
from genbounds.models.measuring.population_radius import larger_root, radii, root_of_square_plus, root_up
from genbounds.models.norms.data import as_data, squares_upper
from genbounds.models.norms.rounding import Array
from genbounds.models.tracing.brackets import POINTS, lipschitz_lower
from genbounds.models.tracing.chains import absorbed_norms, chain_of
from genbounds.models.tracing.evaluation import margins_with_error
from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.parameters import cover_constants
from genbounds.models.tracing.piecewise import lipschitz_on_a_line
from genbounds.models.tracing.propagation import fused_lipschitz, propagate, resolved_gains
from genbounds.models.tracing.weights import bias_change, check_same_weights, weight_norms


def measure_graph(
    graph: Graph, pairs: Iterable[tuple[Tensor, Any]], *, initial: Graph | None, input_radius: Any, counts: Any
) -> NetworkSummary:
    """Every number about a traced network and its sample, which is read once, batch by batch."""
    if initial is not None:
        _check_same(graph, initial)
    norms = weight_norms(graph.weights, None if initial is None else initial.weights)
    gains = resolved_gains(graph, norms["spectral_norms"], math.inf)
    kept: list[Tensor] = []
    sample = MeasuredSample(1, reading_of_graph(graph, gains, kept), pairs, counts)
    if input_radius is None and graph.one_hot is not None:
        input_radius = Quantity(root_up(Fraction(graph.one_hot)), "upper", "norm of the one-hot codes, whatever the input")
    radius = radii(input_radius, sample.largest)[0]
    chain = chain_of(graph)
    size = graph.nodes[0].size if graph.one_hot is None else graph.weights[_first_embedding(graph)].inputs
    outputs = graph.nodes[graph.output].size
    has_bias = any(weight.bias is not None for weight in graph.weights) or any(node.options.get("bias") for node in graph.nodes)
    found = graph_quantities(graph, initial, norms["spectral_norms"], sample, radius, 0)
    summary = NetworkSummary(
        widths=_widths(graph, size, outputs),
        parameters=graph.parameters,
        n=int(sample.n[0]),
        errors=int(sample.errors[0]),
        errors_undecided=int(sample.undecided[0]),
        **layer_quantities(norms, initial is not None),
        activations=() if chain is None else chain.names,
        lipschitz=() if chain is None else chain.lipschitz,
        values_at_zero=() if chain is None else chain.values_at_zero,
        homogeneous=chain is not None and not has_bias and all(node.homogeneous for node in graph.nodes),
        has_bias=has_bias,
        is_block=() if chain is None else (False,) * len(graph.weights),
        tau=1.0,
        data_norm=Quantity(float(sample.norm[0]), "upper", "||X||_F: float64 sum of squares, rounded up"),
        data_norm_columns=Quantity(float(sample.norm_columns[0]), "upper", "max_j sqrt(sum_i x_ij^2): float64 sum of squares, rounded up"),
        input_radius=radius,
        margins=frozen(sample.margins[0]),
        counts=None if sample.counts is None else frozen(sample.counts[0]),
        is_chain=chain is not None,
        **(found | brackets(graph, norms["spectral_norms"], torch.cat(kept), sample, radius, found["lipschitz_upper"])),
    )
    if chain is None or not has_bias or any(chain.values_at_zero) or any(node.options.get("bias") for node in graph.nodes):
        return summary
    return replace(summary, with_biases_absorbed=_absorbed(summary, graph, initial, norms))


def _absorbed(plain: NetworkSummary, graph: Graph, initial: Graph | None, norms: dict[str, list[float]]) -> NetworkSummary:
    """The same function as a network without biases on inputs (x, 1), by bounds on the norms of [[A, b], [0, 1]]."""
    starts = None if initial is None else initial.weights
    how = "with a constant input 1"
    return replace(
        plain,
        widths=(*(width + 1 for width in plain.widths[:-1]), plain.outputs),
        **layer_quantities(absorbed_norms(graph.weights, starts, norms), initial is not None),
        lipschitz=(*(max(1.0, constant) for constant in plain.lipschitz[:-1]), plain.lipschitz[-1]),
        homogeneous=all(node.homogeneous or node.weight is not None for node in graph.nodes),
        has_bias=False,
        data_norm=root_of_square_plus(plain.data_norm, plain.n, how),
        data_norm_columns=larger_root(plain.data_norm_columns, plain.n),
        input_radius=root_of_square_plus(plain.input_radius, 1, how),
        bias_norms=None,
        bias_distances=None,
        input_norms=None,
        output_lipschitz=None,
        covers=None,
    )


def reading_of_graph(graph: Graph, gains: Sequence[tuple[float, ...]], kept: list[Tensor]) -> Any:
    """How a batch is measured: the inputs in their own shape go through the graph, flat ones into the norms."""
    device = graph.weights[0].matrix.device
    wanted = tuple(graph.example_shape)

    def read(x: Tensor, y: Any, counts: Callable[[int], Array | None]) -> tuple[Array, Array, Array, Array]:
        if tuple(x.shape[1:]) != wanted or x.ndim < 1 or not len(x):
            raise ValueError(
                f"inputs must have shape (n, {', '.join(map(str, wanted))}) with n >= 1, as the first batch had, got {tuple(x.shape)}: "
                "all batches must agree"
            )
        if x.is_floating_point() == (graph.one_hot is not None):
            raise ValueError(f"inputs must keep the first batch's kind of dtype, got {x.dtype}: pass all batches alike")
        window = counts(len(x))
        data = x.to(device) if graph.one_hot is not None else as_data(x).to(device)
        flat = torch.empty((len(x), 1), dtype=torch.float64, device=device) if graph.one_hot is not None else data
        labels = checked_labels(y, flat, graph.nodes[graph.output].size)
        batch = data if graph.one_hot is not None else data.reshape(x.shape)
        margin, allowance = margins_with_error(graph, gains, batch, labels)
        if sum(map(len, kept)) < POINTS:
            kept.append(batch[:POINTS])
        row, column = squares_upper(flat, window) if graph.one_hot is None else one_hot_squares(len(x), graph.one_hot, window)
        return margin.cpu().numpy(), allowance.cpu().numpy(), row, column

    return read


def layer_quantities(norms: Mapping[str, Sequence[float]], has_initial: bool) -> dict[str, Any]:
    """Per-layer norms as vector Quantities."""
    result: dict[str, Any] = {
        name: Quantity(tuple(norms[name]), "lower" if name.endswith("lower") else "upper", how) for name, how in HOW.items()
    }
    for name, distance in DISTANCES.items():
        how = f"distance from the initialisation: {HOW[name]}"
        result[distance] = Quantity(tuple(norms[distance]), "upper", how) if has_initial else None
    return result


def graph_quantities(
    graph: Graph, initial: Graph | None, spectral_norms: Sequence[float], sample: MeasuredSample, radius: Quantity, k: int
) -> dict[str, Any]:
    """The Lipschitz bound, N_i and D_i, and what names the layers, for network ``k`` of the sample."""
    limit = max(float(radius), float(sample.largest[k]))
    found = propagate(graph, spectral_norms, data_norm=float(sample.norm[k]), n=int(sample.n[k]), radius=limit)
    where = "" if found.radius is None else f", on inputs of norm at most {decimal_down(found.radius, 6)}"
    starts = [None] * len(graph.weights) if initial is None else list(initial.weights)
    changes = [bias_change(weight, start) for weight, start in zip(graph.weights, starts, strict=True)]
    how = "l1 norm over all output entries, rounded up"
    try:
        covers, overflow = cover_constants(graph, initial, found), False
    except OverflowError:
        covers, overflow = None, True
    return {
        "layer_paths": tuple(weight.path for weight in graph.weights),
        "layer_kinds": tuple(weight.kind for weight in graph.weights),
        "layer_shapes": tuple((weight.outputs, weight.inputs) for weight in graph.weights),
        "lipschitz_upper": _upper(found.lipschitz, f"propagated through the graph from the spectral norms{where}"),
        "input_norms": _upper(found.input_norms, f"N_i: propagated from ||X||_F, norms and biases{where}"),
        "output_lipschitz": _upper(found.output_lipschitz, f"D_i: propagated from the spectral norms{where}"),
        "bias_norms": _upper(tuple(bias_change(weight, None) for weight in graph.weights), f"bias: {how}"),
        "bias_distances": None if initial is None else _upper(tuple(changes), f"bias minus the initial one: {how}"),
        "covers": covers,
        "covers_overflow": overflow,
    }


def brackets(
    graph: Graph, spectral_norms: Sequence[float], points: Tensor, sample: MeasuredSample, radius: Quantity, upper: Quantity | None
) -> dict[str, Any]:
    """The lower bound from pairs of points, ``upper`` or the bound on layers together, the exact constant on a line where it can be had."""
    limit = max(float(radius), float(sample.largest[0]))
    gains = resolved_gains(graph, spectral_norms, limit)
    restricted = any(node.is_local for node in graph.nodes)
    lower = lipschitz_lower(graph, gains, points, limit if restricted else None)
    how = "change of the logits over the distance of two points near the sample, float64, with its rounding error subtracted"
    together = fused_lipschitz(graph, spectral_norms, limit)
    if upper is not None and together < float(upper):
        upper = Quantity(together, "upper", upper.how.replace("spectral norms", "spectral norms of layers and products of layers", 1))
    return {
        "lipschitz_lower": Quantity(lower, "lower", how),
        "lipschitz_upper": upper,
        "lipschitz_exact": lipschitz_on_a_line(graph),
    }


def _upper(value: Any, how: str) -> Quantity | None:
    """A Quantity ``upper``, or None where the bound overflows."""
    finite = all(math.isfinite(entry) for entry in (value if isinstance(value, tuple) else (value,)))
    return Quantity(value, "upper", how) if finite else None


def _first_embedding(graph: Graph) -> int:
    return next(index for index, weight in enumerate(graph.weights) if weight.kind == "embedding")


def _widths(graph: Graph, inputs: int, outputs: int) -> tuple[int, ...]:
    """Inputs, the larger of what a layer gives and what the next one takes, outputs."""
    between = [max(a.outputs, b.inputs) for a, b in zip(graph.weights, graph.weights[1:], strict=False)]
    return (inputs, *between, outputs)


def _check_same(graph: Graph, initial: Graph) -> None:
    check_same_weights(graph.weights, initial.weights)
    wanted = [(node.kind, node.sources, node.options.get("parameters")) for node in graph.nodes]
    got = [(node.kind, node.sources, node.options.get("parameters")) for node in initial.nodes]
    if wanted != got:
        raise ValueError(
            "initial must have the model's operations in the same order, got others: pass the network as it was before training"
        )
