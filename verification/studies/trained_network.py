"""Dense networks trained on draws from a pool, with everything that bounds ask for and the exact risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import torch

from genbounds.models.ensemble import CountSamples, Ensemble
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize_ensemble
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import digest

_TRAINING_BITS = 31
"""The trainer takes counts that add up to less than 2^31; larger samples are weighted by the leading bits of their counts."""
_NEAR = 1e-6
"""Margins nearer to 0 than this are computed again, in fractions: far more than the rounding errors of float64."""


@dataclass(frozen=True)
class NetworkCell:
    """One ReLU network and the bounds to be certified for it.

    Args:
        population: a name of the registry; the sample is ``n`` draws with replacement from it.
        widths: inputs, hidden widths, outputs; 1 output is a scalar network with logistic loss, else cross-entropy.
        bounds: names of ``certifying.CERTIFIERS``.
        seed: another seed is another sample, another initialisation and another order.
        bias: whether layers have biases.
        radius: each step projects the weights on the l2 ball of this radius, which fixes the class in advance (None: it does not).
        steps, batch_size, learning_rate, momentum, weight_decay: stochastic gradient descent; batch_size 0 is the whole sample.
        held_out: further draws that training does not see.
    """

    population: str
    widths: tuple[int, ...]
    n: int
    bounds: tuple[str, ...]
    seed: int = 0
    bias: bool = True
    radius: float | None = None
    steps: int = 1500
    batch_size: int = 50
    learning_rate: float = 0.05
    momentum: float = 0.0
    weight_decay: float = 0.0
    held_out: int = 0

    @property
    def network(self) -> str:
        """The architecture in words."""
        shape = "-".join(str(width) for width in self.widths)
        kind = "linear" if len(self.widths) == 2 else "ReLU"
        return f"{shape} {kind}, {'with' if self.bias else 'without'} biases"

    @property
    def training(self) -> str:
        """The training in words."""
        batch = f"minibatches of {self.batch_size}" if self.batch_size else "the whole weighted sample"
        extras = [f"momentum {self.momentum:g}"] * bool(self.momentum) + [f"weight decay {self.weight_decay:g}"] * bool(self.weight_decay)
        extras += [] if self.radius is None else [f"weights projected on the ball of radius {self.radius:g}"]
        return ", ".join([f"{self.steps} steps of gradient descent on {batch}", f"learning rate {self.learning_rate:g}", *extras])


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network of a cell, measured.

    ``summary`` is of the sample, with distances from the initialisation; ``risk`` the exact error over the pool, ties being errors, of the
    network in real arithmetic; ``held_out_errors`` the errors among the cell's held-out draws.
    """

    cell: NetworkCell
    summary: NetworkSummary
    risk: Fraction
    held_out_errors: int


def train(cells: Sequence[NetworkCell]) -> list[TrainedNetwork]:
    """Train the networks of cells that differ in their seed alone, as one ensemble.

    The sample of a cell, its held-out draws and its initialisation depend on the cell's fields alone; no other cell uses the same draws.
    """
    first = cells[0]
    pool = population(first.population)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    counts = np.stack([pool.sample_counts(key(cell), cell.n) for cell in cells])
    stream = Stream(f"network {digest(replace(first, seed=0))}", "training")
    ensemble = Ensemble(first.widths, networks=[cell.seed for cell in cells], stream=stream, bias=first.bias)
    initial = [ensemble.initial(row) for row in range(len(cells))]
    ensemble.train(
        inputs,
        labels,
        CountSamples(torch.tensor(counts >> max(0, first.n.bit_length() - _TRAINING_BITS))),
        steps=first.steps,
        batch_size=first.batch_size or 1,
        order="with_replacement" if first.batch_size else "full",
        learning_rate=first.learning_rate,
        momentum=first.momentum,
        weight_decay=first.weight_decay,
        projection_radius=first.radius,
    )
    on_sample = summarize_ensemble(ensemble, inputs, labels, initial=initial, counts=counts)
    on_pool = summarize_ensemble(ensemble, inputs, labels)
    wrong = [mistakes(ensemble.extract(row), pool, summary) for row, summary in enumerate(on_pool)]
    return [_measured(*parts, pool) for parts in zip(cells, on_sample, wrong, strict=True)]


def key(cell: NetworkCell) -> str:
    """What names the draws of a cell: the hash of its fields."""
    return digest(cell)


def mistakes(network: DenseNetwork, pool: FinitePool, on_pool: NetworkSummary) -> Array:
    """Which points of the pool have a margin of 0 or less, in real arithmetic: True and False, shape (N,).

    The margins of the summary are rounded down, so a positive one is certain; those just below 0 are computed again in fractions.
    """
    wrong = np.array(on_pool.margins <= 0)
    near = np.flatnonzero(wrong & (on_pool.margins > -_NEAR))
    if len(near) < on_pool.errors_undecided:
        raise ArithmeticError(
            f"margins must be known within {_NEAR}, got {on_pool.errors_undecided} that are not: the weights are too large"
        )
    for row in near:
        wrong[row] = exact_margin(network, pool.inputs[row], int(pool.labels[row])) <= 0
    return wrong


def exact_margin(network: DenseNetwork, point: Array, label: int) -> Fraction:
    """The margin of a plain ReLU network at one point, without any rounding: f_y - max of the others, or y f with one output.

    Shapes: point (inputs,); label a class, or with one output -1 or 0 for the negative class and 1 for the positive.

    >>> network = DenseNetwork([1, 1, 1], bias=False)  # all weights are 0
    >>> exact_margin(network, np.array([1.0]), 1)
    Fraction(0, 1)
    """
    values = [Fraction(float(x)) for x in point]
    for position in range(len(network.layers)):
        layer = network.linear(position)
        rows = [[Fraction(weight) for weight in row] for row in layer.weight.tolist()]
        biases = [Fraction(0)] * len(rows) if layer.bias is None else [Fraction(bias) for bias in layer.bias.tolist()]
        values = [sum((w * x for w, x in zip(row, values, strict=True) if x), start=bias) for row, bias in zip(rows, biases, strict=True)]
        if position < len(network.layers) - 1:
            values = [max(value, Fraction(0)) for value in values]
    if len(values) == 1:
        return values[0] if label == 1 else -values[0]
    return values[label] - max(value for index, value in enumerate(values) if index != label)


def _measured(cell: NetworkCell, on_sample: NetworkSummary, wrong: Array, pool: FinitePool) -> TrainedNetwork:
    errors = pool.sample_errors(wrong, pool.sample_counts(key(cell), cell.held_out, purpose="held out")) if cell.held_out else 0
    return TrainedNetwork(cell, on_sample, pool.risk(wrong), errors)
