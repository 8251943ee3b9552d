"""summarize: measure a trained network on a sample.

Dense chains, one or K stacked ones, go through the same batched code; everything else through the graph that tracing reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.bounds.quantity import Quantity
from genbounds.models.ensemble import Ensemble
from genbounds.models.measuring.labelled_sample import batches, checked_inputs, checked_labels
from genbounds.models.measuring.layer_norms import DISTANCES, HOW, absorbed_biases, layer_norms
from genbounds.models.measuring.margins import margins_with_allowance
from genbounds.models.measuring.measured_sample import MeasuredSample, Read
from genbounds.models.measuring.network_summary import NetworkSummary, frozen
from genbounds.models.measuring.population_radius import larger_root, radii, root_of_square_plus
from genbounds.models.measuring.reading import ReadNetwork
from genbounds.models.measuring.traced_summary import brackets, graph_quantities, measure_graph
from genbounds.models.norms.data import squares_upper
from genbounds.models.norms.rounding import Array
from genbounds.models.tracing.architecture import IDENTITY, DenseStack, stack_dense
from genbounds.models.tracing.brackets import POINTS
from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.outputs import Output
from genbounds.models.tracing.stacks import graph_of


def summarize(
    model: nn.Module,
    inputs: Any,
    labels: Any = None,
    *,
    initial: nn.Module | None = None,
    input_radius: Any = None,
    counts: Any = None,
    output: Output = None,
) -> NetworkSummary:
    """Measure a trained network on a labelled sample: every number that the bounds ask for.

    Args:
        model: any ``nn.Module`` whose forward maps one tensor (n, ...) to logits (n, K) and can be traced by ``torch.export``: dense,
            convolutional, recurrent (Elman, LSTM, GRU), gated and attention networks with residual sums, concatenations, pooling and
            normalisation, in eval mode.
        inputs: (n, ...) tensor or array, or an iterable of batches (x, y) with ``labels=None``.
        labels: (n,) classes 0..K-1, or -1 and +1 for a network with one output.
        initial: the network before training, of the same architecture; it must not depend on the sample.
        input_radius: a bound on ||x|| that holds for the whole population (number or Quantity). Without it the summary holds the
            largest norm seen, as an ``estimate``, which no certificate takes.
        counts: how often each example occurs in the sample: whole numbers, one per example.
        output: which tensor is the logits, where the forward returns several and none of them is named ``logits``: its name in a dict
            or dataclass, its place in a tuple or list.

    Returns:
        the measurements, a ``NetworkSummary``.

    Raises:
        ValueError: a module that can't be read, or an input that does not fit; the message names the module's path, or the input, and
            the remedy.

    The model itself is never run. Everything is read off a copy that shares nothing with it, and its mode, device, hooks, gradients,
    buffers and parameters and the global random state stay as they are. What is measured is the network of real arithmetic with the
    parameters as they are stored: casts between floating types inside its forward are ignored, and weights that it computes from parameters
    (weight norm) are taken as float64 computes them. The copy is traced in the dtype of its parameters, and its outputs in that dtype, on
    up to 32 examples of every batch, must agree with those of real arithmetic up to rounding.

    The forward may return the logits in a tuple, list, dict or dataclass. Wrappers of torch's (``DataParallel``, ``AveragedModel``, what
    ``torch.compile`` returns) are opened, and the trainer of a Lightning module is left out; ``notes`` says so. A batch norm is folded into
    the layer before it. A module used twice is read twice, and any tensor that the module holds counts as trained.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> with torch.no_grad():
    ...     _ = layer.weight.copy_(torch.tensor([[3.0, 4.0]]))
    >>> summary = summarize(nn.Sequential(layer), [[1.0, 0.0], [0.0, 1.0]], [1, -1])
    >>> summary.errors, summary.margins.round(9).tolist(), round(summary.spectral_norms.value[0], 9)
    (1, [3.0, -4.0], 5.0)
    """
    for module, name in ((model, "model"), (initial, "initial")):
        if not (isinstance(module, nn.Module) or (module is None and name == "initial")):
            raise TypeError(f"{name} must be a torch.nn.Module, got {type(module).__name__}: pass the network itself")
    pairs = batches(inputs, labels)
    first = next(pairs)
    pairs = chain([first], pairs)
    found = ReadNetwork.of(model, first[0], "model", output)
    pairs, network, notes = found.compared(pairs), found.layers, found.own.notes
    start = None if initial is None else ReadNetwork.of(initial, first[0], "initial", output).layers
    options = {"input_radius": input_radius, "counts": counts}
    if isinstance(network, Graph):
        if isinstance(start, DenseStack):
            raise ValueError("initial must have the model's layers, got a plain dense chain: pass the network as it was before training")
        return replace(measure_graph(network, pairs, initial=start, **options), notes=notes)
    if isinstance(start, Graph):
        raise ValueError(
            "initial must have the model's layers, a plain dense chain, got others: pass the network as it was before training"
        )
    return replace(measure(network, pairs, initial=start, with_bracket=True, **options)[0], notes=notes)


def summarize_ensemble(
    networks: Ensemble | DenseStack | Sequence[nn.Module],
    inputs: Any,
    labels: Any,
    *,
    initial: Ensemble | DenseStack | Sequence[nn.Module] | None = None,
    input_radius: Any = None,
    counts: Any = None,
) -> list[NetworkSummary]:
    """Measure K dense networks of one architecture in one batched call: a list of K summaries.

    Args:
        networks: an ``Ensemble``, a ``DenseStack`` (see ``stack_dense`` for other stacked parameters) or K modules of one architecture.
        inputs, labels: one sample for all, (n, d) and (n,); or one per network, (K, n, d) and (K, n).
        counts: (n,), or (K, n): network k's sample as multiplicities of the shared examples.
        initial, input_radius: as in ``summarize``.

    The numbers are those that ``summarize`` gives for each network, except for the last bits of a margin (well inside its allowance).

    >>> networks = stack_dense([torch.tensor([[[1.0]], [[-2.0]]])], [None], nn.ReLU())  # f(x) = x and f(x) = -2 x
    >>> found = summarize_ensemble(networks, [[1.0], [-1.0]], [1, -1])
    >>> [(summary.errors, round(summary.spectral_norms.value[0], 9)) for summary in found]
    [(0, 1.0), (2, 2.0)]
    """
    pairs = batches(inputs, labels)
    first = next(pairs)
    pairs = chain([first], pairs)
    (stack, read), start = _stacked(networks, "networks", *first), None if initial is None else _stacked(initial, "initial", *first)[0]
    return measure(stack, _each_compared(read, pairs), initial=start, input_radius=input_radius, counts=counts)


def measure(
    stack: DenseStack,
    pairs: Iterable[tuple[Tensor, Any]],
    *,
    initial: DenseStack | None,
    input_radius: Any,
    counts: Any,
    with_bracket: bool = False,
) -> list[NetworkSummary]:
    """The summaries of a stack of K networks, with everything batched over K; ``with_bracket`` adds lower bounds on Lipschitz constants."""
    if initial is not None:
        _check_same(stack, initial)
    matrices = [weight.cpu().numpy() for weight in stack.weights]
    starts = None if initial is None else [weight.cpu().numpy() for weight in initial.weights]
    layers = layer_norms(matrices, starts, stack.paths)
    upper = torch.as_tensor(layers["spectral_norms"], device=stack.weights[0].device)
    points: list[Tensor] = []
    sample = MeasuredSample(stack.networks, reading_of_stack(stack, upper, points), pairs, counts)
    radius = radii(input_radius, sample.largest)
    absorbed = absorbed_biases(stack, initial) if stack.has_bias else None
    augmented = None if absorbed is None else layer_norms(*absorbed, stack.paths)
    summaries = []
    for k in range(stack.networks):
        graph, start = graph_of(stack, k), None if initial is None else graph_of(initial, k)
        norms = layers["spectral_norms"][k].tolist()
        found = graph_quantities(graph, start, norms, sample, radius[k], k)
        if with_bracket:
            found |= brackets(graph, norms, points[0], sample, radius[k], found["lipschitz_upper"])
        summaries.append(_summary(stack, initial is not None, layers, augmented, sample, radius, k, found))
    return summaries


def reading_of_stack(stack: DenseStack, spectral_norms: Tensor, points: list[Tensor]) -> Read:
    """How a batch is measured on a stack of dense networks."""

    def read(x: Tensor, y: Any, counts: Callable[[int], Array | None]) -> tuple[Array, Array, Array, Array]:
        data = checked_inputs(x, stack, per_network=_labels_may_differ(y))
        window = counts(data.shape[-2])
        points.append(data[..., :POINTS, :].reshape(-1, data.shape[-1])[:POINTS])
        margin, allowance = margins_with_allowance(stack, spectral_norms, data, checked_labels(y, data, stack.widths[-1]))
        row, column = squares_upper(data, window)
        return margin.cpu().numpy(), allowance.cpu().numpy(), row, column

    return read


def _labels_may_differ(labels: Any) -> bool:
    """Whether labels come one row per network, so that inputs of three axes are one set of examples per network."""
    return getattr(labels, "ndim", None) == 2


def _summary(
    stack: DenseStack,
    has_initial: bool,
    layers: dict[str, Array],
    augmented: dict[str, Array] | None,
    sample: MeasuredSample,
    radii: list[Quantity],
    k: int,
    found: dict[str, Any],
) -> NetworkSummary:
    """Network k's summary."""
    sigmas = (*stack.activations, IDENTITY)
    counts = None if sample.counts is None else frozen(sample.counts[k])
    n = int(sample.n[k])
    plain = NetworkSummary(
        widths=stack.widths,
        parameters=stack.parameters,
        n=n,
        errors=int(sample.errors[k]),
        errors_undecided=int(sample.undecided[k]),
        **_quantities(layers, has_initial, k),
        activations=tuple(sigma.name for sigma in sigmas),
        lipschitz=tuple(sigma.lipschitz for sigma in sigmas),
        values_at_zero=tuple(sigma.value_at_zero for sigma in sigmas),
        homogeneous=all(sigma.homogeneous for sigma in sigmas) and not stack.has_bias and not any(stack.is_block),
        has_bias=stack.has_bias,
        is_block=stack.is_block,
        tau=stack.tau,
        data_norm=Quantity(float(sample.norm[k]), "upper", "||X||_F: float64 sum of squares, rounded up"),
        data_norm_columns=Quantity(float(sample.norm_columns[k]), "upper", "max_j sqrt(sum_i x_ij^2): float64 sum of squares, rounded up"),
        input_radius=radii[k],
        margins=frozen(sample.margins[k]),
        counts=counts,
        is_chain=not any(stack.is_block),
        **found,
    )
    if augmented is None:
        return plain
    return replace(plain, with_biases_absorbed=_absorbed_summary(plain, augmented, has_initial, k))


def _absorbed_summary(plain: NetworkSummary, norms: dict[str, Array], has_initial: bool, k: int) -> NetworkSummary:
    """The summary of the same function as a network without biases on inputs (x, 1)."""
    return replace(
        plain,
        widths=(*(width + 1 for width in plain.widths[:-1]), plain.outputs),
        **_quantities(norms, has_initial, k),
        homogeneous=all(name in ("relu", "leaky_relu", "identity") for name in plain.activations),
        has_bias=False,
        data_norm=root_of_square_plus(plain.data_norm, plain.n, "with a constant input 1"),
        data_norm_columns=larger_root(plain.data_norm_columns, plain.n),
        input_radius=root_of_square_plus(plain.input_radius, 1, "with a constant input 1"),
        input_norms=None,
        output_lipschitz=None,
        bias_norms=None,
        bias_distances=None,
        covers=None,
    )


def _quantities(layers: dict[str, Array], has_initial: bool, k: int) -> dict[str, Any]:
    """Per-layer arrays as vector Quantities."""
    result: dict[str, Any] = {
        name: Quantity(tuple(layers[name][k].tolist()), "lower" if name.endswith("lower") else "upper", how) for name, how in HOW.items()
    }
    for name, distance in DISTANCES.items():
        how = f"distance from the initialisation: {HOW[name]}"
        result[distance] = Quantity(tuple(layers[distance][k].tolist()), "upper", how) if has_initial else None
    return result


def _check_same(stack: DenseStack, initial: DenseStack) -> None:
    """The initialisation must be of the trained network's architecture."""
    found = [
        ("widths", stack.widths, initial.widths),
        ("biases", tuple(b is not None for b in stack.biases), tuple(b is not None for b in initial.biases)),
        ("activations", tuple(s.name for s in stack.activations), tuple(s.name for s in initial.activations)),
        ("residual branches", (stack.is_block, stack.tau), (initial.is_block, initial.tau)),
        ("number of networks", stack.networks, initial.networks),
    ]
    for what, wanted, got in found:
        if wanted != got:
            raise ValueError(f"initial must have the model's {what}, {wanted}, got {got}: pass the network as it was before training")


def _stacked(
    networks: Ensemble | DenseStack | Sequence[nn.Module], name: str, inputs: Tensor, labels: Any
) -> tuple[DenseStack, list[ReadNetwork]]:
    """One stack of K from an ensemble or from K modules of one architecture, and the modules as they were read."""
    if isinstance(networks, DenseStack):
        return networks, []
    if isinstance(networks, Ensemble):
        biases: list[Tensor | None] = [*networks.biases] or [None] * len(networks.weights)
        return stack_dense(networks.weights, biases, networks.activation.module(), networks.blocks, networks.tau), []
    own = inputs.ndim == 3 and _labels_may_differ(labels) and len(inputs) == len(networks)
    read = [ReadNetwork.of(module, inputs[k] if own else inputs, f"{name}[{k}]") for k, module in enumerate(networks)]
    if not read:
        raise ValueError(f"{name} must hold at least one network, got none")
    stacks = [one.layers for one in read if isinstance(one.layers, DenseStack)]
    for one in read:
        if not isinstance(one.layers, DenseStack):
            raise ValueError(f"{one.own.name} must be a dense chain, got another network: summarize it alone")
    for other in stacks[1:]:
        _check_same(stacks[0], other)
    by_layer = [[stack.biases[position] for stack in stacks] for position in range(len(stacks[0].weights))]
    stack = replace(
        stacks[0],
        weights=tuple(torch.cat([stack.weights[position] for stack in stacks]) for position in range(len(stacks[0].weights))),
        biases=tuple(None if layer[0] is None else torch.cat([bias for bias in layer if bias is not None]) for layer in by_layer),
    )
    return stack, read


def _each_compared(read: Sequence[ReadNetwork], pairs: Iterable[tuple[Tensor, Any]]) -> Iterator[tuple[Tensor, Any]]:
    """The batches, each compared with every network (with its own examples, where each has some) before it is handed on."""
    for x, y in pairs:
        own = x.ndim == 3 and _labels_may_differ(y) and len(x) == len(read)
        for k, network in enumerate(read):
            network.compare(x[k] if own else x)
        yield x, y
