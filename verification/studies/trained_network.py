"""Dense networks trained on draws from a pool, with everything that bounds ask for and the exact risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import torch

from genbounds.models.ensemble import CountSamples, Ensemble
from genbounds.models.network_summary import NetworkSummary
from genbounds.models.streams import Stream
from genbounds.models.summary import summarize_ensemble
from genbounds.verification.cells import digest
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array

_TRAINING_BITS = 31
"""The trainer takes counts that add up to less than 2^31; larger samples are weighted by the leading bits of their counts."""


@dataclass(frozen=True)
class NetworkCell:
    """One ReLU network and the bounds to be certified for it.

    Args:
        population: a name of the registry; the sample is `n` draws with replacement from it.
        widths: inputs, hidden widths, outputs; 1 output is a scalar network with logistic loss, else cross-entropy.
        bounds: names of `certifying.CERTIFIERS`.
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

    `summary` is of the sample, with distances from the initialisation; `risk` the exact error over the pool; `held_out_errors` the errors
    among the cell's held-out draws. `undecided` points of the pool have a margin so near 0 that rounding could hide its sign: they count as
    errors.
    """

    cell: NetworkCell
    summary: NetworkSummary
    risk: Fraction
    undecided: int
    held_out_errors: int


def train(cells: Sequence[NetworkCell]) -> list[TrainedNetwork]:
    """Train the networks of cells that differ in their seed alone, as one ensemble.

    The sample of a cell, its held-out draws and its initialisation depend on the cell's fields alone, and on nothing that another cell uses.
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
    return [_measured(*parts, pool) for parts in zip(cells, on_sample, on_pool, strict=True)]


def key(cell: NetworkCell) -> str:
    """What names the draws of a cell: the hash of its fields."""
    return digest(cell)


def _measured(cell: NetworkCell, on_sample: NetworkSummary, on_pool: NetworkSummary, pool: FinitePool) -> TrainedNetwork:
    wrong: Array = on_pool.margins <= 0
    errors = 0
    if cell.held_out:
        errors = pool.sample_errors(wrong, pool.sample_counts(key(cell), cell.held_out, purpose="held out"))
    return TrainedNetwork(cell, on_sample, pool.risk(wrong), on_pool.errors_undecided, errors)
