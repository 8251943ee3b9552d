"""Parameters over examples where n = p^2: about the depth. Networks of p = 16 units in each layer on digits of 4 x 4 pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import torch

from genbounds.models.ensemble import Adam, Ensemble, IndexSamples, Stopping
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import FinitePool
from genbounds.verification.populations.parity import parity

SIDE = 16
"""p: inputs, and units of each hidden layer."""


@dataclass(frozen=True)
class RatioCell:
    """A network of so many hidden layers, p wide, on p^2 examples."""

    depth: int
    steps: int
    seed: int = 0
    population: str = "digits"


@cache
def pooled(name: str) -> FinitePool:
    """Odd against even digits, each pixel the mean of 2 x 2 (exact in binary)."""
    pool = parity(name)
    means = pool.inputs.reshape(-1, 4, 2, 4, 2).mean((2, 4)).reshape(-1, SIDE)
    return FinitePool(f"{pool.name}, 4 x 4 pixels", means, pool.labels, "means of four pixels / 16")


def weights_of(side: int, depth: int) -> int:
    """The number of weights of a network that is built: ``depth`` hidden layers, ``side`` inputs and units, no biases.

    >>> weights_of(3, 2)  # 9 + 9 + 3
    21
    """
    network = DenseNetwork((*[side] * (depth + 1), 1), bias=False)
    return sum(parameter.numel() for parameter in network.parameters())


def ratio_results(cells: Sequence[RatioCell]) -> list[dict[str, Any]]:
    """Errors on the sample and on the pool, of cells that differ in their seed alone."""
    first = cells[0]
    pool = pooled(first.population)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    seeds = [cell.seed for cell in cells]
    stream = Stream("capacity", "ratio").sub(str(first.depth))
    samples = IndexSamples.draw(stream.sub("sample"), seeds, pool.size, SIDE**2)
    widths = (*[SIDE] * (first.depth + 1), 1)
    ensemble = Ensemble(widths, networks=seeds, stream=stream)
    stop = Stopping(every=max(1, first.steps // 10), loss=0.01)
    ensemble.train(inputs, labels, samples, steps=first.steps, batch_size=32, learning_rate=0.005, adam=Adam(), stopping=stop)
    train, test = ensemble.errors(inputs, labels, samples) / SIDE**2, ensemble.errors(inputs, labels) / pool.size
    numbers = sum(above * (below + 1) for below, above in pairwise(widths))
    return [{"train": float(train[row]), "test": float(test[row]), "ratio": numbers / SIDE**2} for row in range(len(cells))]
