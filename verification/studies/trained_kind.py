"""Networks of every kind trained on draws from a pool, measured by tracing, with the exact risk."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from genbounds.models.ensemble import Adam, CountSamples, ModuleEnsemble
from genbounds.models.ensemble.batches import BatchRows
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize
from genbounds.models.networks import (
    AttentionNetwork,
    ConvolutionalNetwork,
    DenseNetwork,
    Normalisation,
    NormalisedDenseNetwork,
    RecurrentNetwork,
)
from genbounds.models.networks.initialisation import initialise_module
from genbounds.models.randomness.streams import Stream
from genbounds.models.runtime.threads import one_torch_thread
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.rows.bound_row import Risk
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.cells import digest

Kind = Literal["dense", "convolutional", "recurrent", "attention"]

TAU = 0.5
"""Scale of the residual branches."""
CLASSES = 10
SHAPES: dict[Kind, tuple[int, ...]] = {"dense": (64,), "convolutional": (1, 8, 8), "recurrent": (8, 8), "attention": (8, 8)}
"""How each kind sees an image of 8 x 8 pixels: as a vector, an image, a sequence of rows, tokens that are rows."""


@dataclass(frozen=True)
class KindCell:
    """One network.

    Args:
        kind, residual, normalisation, activation: the architecture.
        n: draws with replacement from the population, which are trained on.
        held_out: further draws that training does not see.
        steps, batch_size, learning_rate: of Adam.
        seed: another seed is another sample, another initialisation and another order.
        population: 64 inputs and ten classes.
    """

    kind: Kind
    residual: bool
    normalisation: Normalisation | None
    activation: str
    n: int = 1200
    held_out: int = 1000
    steps: int = 400
    batch_size: int = 50
    learning_rate: float = 0.01
    seed: int = 0
    population: str = "digits"

    @property
    def network(self) -> str:
        """The architecture in words."""
        words = [self.kind, *["residual"] * self.residual, *[f"{self.normalisation} norm"] * (self.normalisation is not None)]
        return f"{' '.join(words)}, {self.activation}"

    @property
    def training(self) -> str:
        """The training in words."""
        how = f"{self.steps} steps of Adam on minibatches of {self.batch_size}, learning rate {self.learning_rate:g}"
        return f"{how}, batch statistics in training and their running averages afterwards" if self.normalisation == "batch" else how


@dataclass(frozen=True, eq=False)
class TrainedKind:
    """A network of a cell, measured: ``summary`` on its sample, the risk over the pool, and the errors among its held-out draws."""

    cell: KindCell
    summary: NetworkSummary
    risk: Risk
    held_out_errors: int


def build(cell: KindCell) -> nn.Module:
    """The untrained network."""
    options: dict[str, Any] = {"residual": cell.residual, "tau": TAU}
    if cell.kind == "dense" and cell.normalisation is None:
        return DenseNetwork((64, 32, 32, CLASSES), cell.activation, **options)
    makers: dict[Kind, Callable[..., nn.Module]] = {
        "dense": lambda **rest: NormalisedDenseNetwork((64, 32, 32, CLASSES), activation=cell.activation, **rest),
        "convolutional": lambda **rest: ConvolutionalNetwork((1, 8, 8), (8, 8), CLASSES, cell.activation, **rest),
        "recurrent": lambda **rest: RecurrentNetwork(8, 32, CLASSES, cell.activation, **rest),
        "attention": lambda **rest: AttentionNetwork(8, 8, 16, 1, CLASSES, cell.activation, **rest),
    }
    return makers[cell.kind](normalisation=cell.normalisation, **options)


def train(cells: Sequence[KindCell]) -> list[TrainedKind]:
    """Train the networks of cells that differ in their seed alone, and measure them.

    The sample of a cell, its held-out draws and its initialisation depend on the cell's fields alone; no other cell uses the same draws.
    """
    first = cells[0]
    pool = population(first.population)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    counts = np.stack([pool.sample_counts(digest(cell), cell.n) for cell in cells])
    stream = Stream(f"kind {digest(replace(first, seed=0))}", "training")
    learn = _one_by_one if first.normalisation == "batch" else _together
    trained = learn(cells, inputs, labels, torch.tensor(counts), stream)
    with one_torch_thread():
        return [_measured(*parts, pool) for parts in zip(cells, trained, counts, strict=True)]


def _together(
    cells: Sequence[KindCell], inputs: Tensor, labels: Tensor, counts: Tensor, stream: Stream
) -> list[tuple[nn.Module, nn.Module]]:
    """The trained networks with what they started from, as one ensemble."""
    first = cells[0]
    ensemble = ModuleEnsemble(build(first), SHAPES[first.kind], CLASSES, networks=[cell.seed for cell in cells], stream=stream)
    settings = {"steps": first.steps, "batch_size": first.batch_size, "learning_rate": first.learning_rate, "adam": Adam()}
    ensemble.train(inputs, labels, CountSamples(counts), **settings)  # type: ignore[arg-type]
    return [(ensemble.extract(row).eval(), ensemble.initial(row).eval()) for row in range(len(cells))]


def _one_by_one(
    cells: Sequence[KindCell], inputs: Tensor, labels: Tensor, counts: Tensor, stream: Stream
) -> list[tuple[nn.Module, nn.Module]]:
    """The same where a network keeps statistics of its batches, which an ensemble does not: with the ensemble's draws and steps."""
    found = []
    for cell, row in zip(cells, counts, strict=True):
        network = build(cell)
        initialise_module(network, stream, cell.seed)
        initial = copy.deepcopy(network).eval()
        batches = BatchRows(CountSamples(row), stream.sub("batches"), [cell.seed], "with_replacement")
        optimiser = torch.optim.Adam(network.parameters(), lr=cell.learning_rate)
        examples = inputs.float().reshape(-1, *SHAPES[cell.kind])
        with one_torch_thread():
            for batch in batches.block(0, cell.steps, cell.batch_size)[:, 0]:
                optimiser.zero_grad()
                cross_entropy(network(examples[batch]), labels[batch]).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        found.append((network.eval(), initial))
    return found


def _measured(cell: KindCell, trained: tuple[nn.Module, nn.Module], counts: Array, pool: FinitePool) -> TrainedKind:
    network, initial = trained
    inputs, labels = torch.tensor(pool.inputs).reshape(-1, *SHAPES[cell.kind]), torch.tensor(pool.labels)
    on_sample = summarize(network, inputs, labels, initial=initial, counts=counts, input_radius=pool.input_radius)
    on_pool = summarize(network, inputs, labels)
    wrong = np.array(on_pool.margins <= 0)
    errors = pool.sample_errors(wrong, pool.sample_counts(digest(cell), cell.held_out, purpose="held out"))
    return TrainedKind(cell, on_sample, risk_of(on_pool), errors)


def risk_of(on_pool: NetworkSummary) -> Risk:
    """The error over the pool of the network in real arithmetic, ties being errors: exact unless float64 leaves margins undecided."""
    errors, undecided, size = on_pool.errors, on_pool.errors_undecided, on_pool.n
    if not undecided:
        return Fraction(errors, size)
    lower, upper = (errors - undecided) / size, errors / size
    method = f"{undecided} margins are within their rounding error of 0"
    return Interval(
        math.nextafter(lower, 0.0), math.nextafter(upper, 1.0), method
    )  # both ends may have been rounded inward; 0 and 1 are exact
