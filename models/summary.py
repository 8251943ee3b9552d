"""summarize: measure a trained network on a sample. One network or K stacked ones go through the same batched code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.bounds.exact import exact
from genbounds.bounds.quantity import Quantity
from genbounds.models.architecture import IDENTITY, DenseStack, read_dense, stack_dense
from genbounds.models.ensemble import Ensemble
from genbounds.models.labelled_sample import batches, checked_inputs, checked_labels
from genbounds.models.layer_norms import DISTANCES, HOW, absorbed_biases, layer_norms
from genbounds.models.margins import margins_with_allowance
from genbounds.models.network_summary import NetworkSummary, frozen
from genbounds.models.norms._data import as_counts, counts_length, squares_upper, weighted_root_upper
from genbounds.models.norms._rounding import Array, inflate


def summarize(
    model: nn.Module,
    inputs: Any,
    labels: Any = None,
    *,
    initial: nn.Module | None = None,
    input_radius: Any = None,
    counts: Any = None,
) -> NetworkSummary:
    """Measure a trained dense network on a labelled sample: every number that the bounds ask for.

    Parameters
    ----------
    model: a ``DenseNetwork``, or an ``nn.Sequential`` of Linear, activations and Flatten.
    inputs: (n, ...) tensor or array, or an iterable of batches (x, y) with ``labels=None``.
    labels: (n,) classes 0..K-1, or -1 and +1 for a network with one output.
    initial: the network before training, same architecture; it must not depend on the sample.
    input_radius: a bound on ||x|| that holds for the whole population (number or Quantity). Without it the summary
        holds the largest norm seen, as an ``estimate``, which no certificate takes.
    counts: how often each example occurs in the sample: whole numbers, one an example.

    Everything is computed in float64 from copies: the model's mode, device, hooks, gradients and parameters and the
    global random state stay as they are. Returns a ``NetworkSummary``. Raises ``ValueError`` naming the layer or the
    input.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> with torch.no_grad():
    ...     _ = layer.weight.copy_(torch.tensor([[3.0, 4.0]]))
    >>> summary = summarize(nn.Sequential(layer), [[1.0, 0.0], [0.0, 1.0]], [1, -1])
    >>> summary.errors, summary.margins.round(9).tolist(), round(summary.spectral_norms.value[0], 9)
    (1, [3.0, -4.0], 5.0)
    """
    stack = read_dense(model, "model")
    start = None if initial is None else read_dense(initial, "initial")
    return measure(stack, inputs, labels, initial=start, input_radius=input_radius, counts=counts)[0]


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

    Parameters
    ----------
    networks: an ``Ensemble``, a ``DenseStack`` (see ``stack_dense`` for other stacked parameters) or K modules of one
    architecture.
    inputs, labels: one sample for all, (n, d) and (n,); or one a network, (K, n, d) and (K, n).
    counts: (n,), or (K, n): network k's sample as multiplicities of the shared examples.
    initial, input_radius: as in ``summarize``.

    The numbers are those that ``summarize`` gives one by one, but for the last bits of a margin (well inside its
    allowance).
    """
    stack, start = _stacked(networks, "networks"), None if initial is None else _stacked(initial, "initial")
    return measure(stack, inputs, labels, initial=start, input_radius=input_radius, counts=counts)


def measure(
    stack: DenseStack, inputs: Any, labels: Any, *, initial: DenseStack | None, input_radius: Any, counts: Any
) -> list[NetworkSummary]:
    """The summaries of a stack of K networks, with everything batched over K."""
    if initial is not None:
        _check_same(stack, initial)
    matrices = [weight.cpu().numpy() for weight in stack.weights]
    starts = None if initial is None else [weight.cpu().numpy() for weight in initial.weights]
    layers = layer_norms(matrices, starts, stack.paths)
    upper = torch.as_tensor(layers["spectral_norms"], device=stack.weights[0].device)
    sample = _Sample(stack, upper, batches(inputs, labels), counts)
    radii = _radii(input_radius, sample.largest)
    absorbed = absorbed_biases(stack, initial) if stack.has_bias else None
    augmented = None if absorbed is None else layer_norms(*absorbed, stack.paths)
    return [_summary(stack, initial is not None, layers, augmented, sample, radii, k) for k in range(stack.networks)]


class _Sample:
    """What one pass over the batches gives, for all K networks: margins, error counts and the norms of the data."""

    def __init__(self, stack: DenseStack, spectral_norms: Tensor, pairs: Any, counts: Any) -> None:
        self.counts = None if counts is None else as_counts(counts, stack.networks)
        margins, allowances, rows, columns, seen = [], [], [], np.zeros((1, stack.widths[0])), 0
        for x, y in pairs:
            data = checked_inputs(x, stack, per_network=_labels_may_differ(y))
            margin, allowance = margins_with_allowance(stack, spectral_norms, data, checked_labels(y, data, stack.widths[-1]))
            margins.append(margin.cpu().numpy())
            allowances.append(allowance.cpu().numpy())
            window = slice(seen, seen + data.shape[-2])
            seen = window.stop
            if self.counts is not None and seen > self.counts.shape[1]:
                raise ValueError(counts_length(seen, self.counts.shape[1]))
            row, column = squares_upper(data, None if self.counts is None else self.counts[:, window].astype(np.float64))
            rows.append(row)
            columns = (columns + column) * inflate(0)
        if self.counts is not None and seen != self.counts.shape[1]:
            raise ValueError(counts_length(seen, self.counts.shape[1]))
        self._count(np.concatenate(margins, axis=1), np.concatenate(allowances, axis=1))
        self._norms(np.concatenate(rows, axis=-1), columns, stack.networks)

    def _count(self, computed: Array, slack: Array) -> None:
        """Round the margins down and count errors, exactly."""
        self.margins = np.nextafter(computed - slack, -np.inf)
        wrong = self.margins <= 0
        undecided = wrong & (computed + slack > 0)
        if self.counts is None:
            self.n = np.full(len(wrong), wrong.shape[1])
            self.errors, self.undecided = wrong.sum(axis=1), undecided.sum(axis=1)
        else:
            self.n = self.counts.sum(axis=1)
            self.errors, self.undecided = (wrong * self.counts).sum(axis=1), (undecided * self.counts).sum(axis=1)

    def _norms(self, squares: Array, columns: Array, networks: int) -> None:
        """The norms of the data, one a network."""
        weights = None if self.counts is None else self.counts.astype(np.float64)
        self.norm = np.broadcast_to(weighted_root_upper(squares, weights), networks)
        self.norm_columns = np.broadcast_to(weighted_root_upper(columns.max(axis=-1)[:, None], None), networks)
        drawn = squares if self.counts is None else np.where(self.counts > 0, squares, 0.0)
        self.largest = np.broadcast_to(weighted_root_upper(drawn.max(axis=-1)[..., None], None), networks)


def _labels_may_differ(labels: Any) -> bool:
    """Whether labels come one row a network, so that inputs of three axes are one set of examples a network."""
    return getattr(labels, "ndim", None) == 2


def _summary(
    stack: DenseStack,
    has_initial: bool,
    layers: dict[str, Array],
    augmented: dict[str, Array] | None,
    sample: _Sample,
    radii: list[Quantity],
    k: int,
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
        data_norm=_root_of_square_plus(plain.data_norm, plain.n, "with a constant input 1"),
        data_norm_columns=_larger_root(plain.data_norm_columns, plain.n),
        input_radius=_root_of_square_plus(plain.input_radius, 1, "with a constant input 1"),
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


def _root_of_square_plus(quantity: Quantity, extra: int, how: str) -> Quantity:
    """sqrt(q^2 + extra), rounded up, of the quantity's own kind."""
    root = _root_up(Fraction(quantity.value) ** 2 + extra)  # type: ignore[arg-type]
    kind = "upper" if quantity.kind == "exact" else quantity.kind
    return Quantity(root, kind, f"{quantity.how}, {how}", quantity.delta, quantity.charges)


def _larger_root(quantity: Quantity, n: int) -> Quantity:
    """The larger of a column norm and that of a column of n ones."""
    return Quantity(max(float(quantity), _root_up(Fraction(n))), "upper", f"{quantity.how}, with a constant input 1")


def _root_up(square: Fraction) -> float:
    """A double that is at least the square root and within two units in the last place of it."""
    root = float(np.sqrt(float(square)))
    while Fraction(root) ** 2 < square:
        root = float(np.nextafter(root, np.inf))
    return root


def _radii(input_radius: Any, largest: Array) -> list[Quantity]:
    """The declared population bound for all, checked against what was seen; or each sample's largest norm as an
    estimate.
    """
    if input_radius is None:
        how = "largest norm in the sample: the population may exceed it"
        return [Quantity(float(value), "estimate", how) for value in largest]
    declared = input_radius if isinstance(input_radius, Quantity) else None
    if declared is None:
        declared = Quantity(exact(input_radius, "input_radius"), "upper", "declared: bounds ||x|| on the whole population")
    value = declared.value
    if isinstance(value, tuple) or value < 0:
        raise ValueError(f"input_radius must be one non-negative number, got {value}: a bound on ||x|| over the population")
    seen = float(largest.max()) * (1 - 2.0**-40)
    if declared.kind in ("exact", "upper") and value < seen:
        raise ValueError(
            f"input_radius must bound ||x|| on the population, got {float(value)}, and the sample holds {seen:.6g}: it is too small"
        )
    return [declared] * len(largest)


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


def _stacked(networks: Ensemble | DenseStack | Sequence[nn.Module], name: str) -> DenseStack:
    """One stack of K from an ensemble or from K modules of one architecture."""
    if isinstance(networks, DenseStack):
        return networks
    if isinstance(networks, Ensemble):
        biases: list[Tensor | None] = [*networks.biases] or [None] * len(networks.weights)
        return stack_dense(networks.weights, biases, networks.activation.module(), networks.blocks, networks.tau)
    stacks = [read_dense(module, f"{name}[{index}]") for index, module in enumerate(networks)]
    if not stacks:
        raise ValueError(f"{name} must hold at least one network, got none")
    for other in stacks[1:]:
        _check_same(stacks[0], other)
    by_layer = [[stack.biases[position] for stack in stacks] for position in range(len(stacks[0].weights))]
    return replace(
        stacks[0],
        weights=tuple(torch.cat([stack.weights[position] for stack in stacks]) for position in range(len(stacks[0].weights))),
        biases=tuple(None if layer[0] is None else torch.cat([bias for bias in layer if bias is not None]) for layer in by_layer),
    )
