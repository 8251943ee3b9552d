"""A study that trains one tiny network a cell, a tile of them as one ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.runs.cells import Cost, Result, Study
from genbounds.verification.runs.planner import training_cost

WIDTHS, STEPS, BATCH = (3, 6, 2), 20, 8


@dataclass(frozen=True)
class Trained:
    """One network."""

    seed: int


class Training(Study):
    """Networks 0..count-1 with their weights to the last bit."""

    name = "training"
    revision = 1
    description = "Tiny networks."

    def __init__(self, count: int, tile_size: int = 16) -> None:
        self.count, self.tile_size = count, tile_size

    def cells(self) -> Sequence[Trained]:
        """The networks."""
        return [Trained(seed) for seed in range(self.count)]

    def cost(self, cell: Trained) -> Cost:
        """Of the training."""
        return training_cost(WIDTHS, STEPS, BATCH)

    def run_tile(self, cells: Sequence[Trained]) -> list[Result]:
        """Train them; the sums of the weights' bits say whether two runs agree to the last one."""
        stream = Stream("training study", "training")
        inputs = stream.sub("inputs").normal(range(40), 0, 3)
        labels = (inputs.sum(dim=1) > 0).long()
        seeds = [cell.seed for cell in cells]
        ensemble = Ensemble(WIDTHS, networks=seeds, stream=stream)
        samples = IndexSamples.draw(stream.sub("sample"), seeds, 40, 20)
        ensemble.train(inputs, labels, samples, steps=STEPS, batch_size=BATCH, learning_rate=0.2)
        bits = sum(p.contiguous().view(torch.int32).to(torch.int64).flatten(1).sum(dim=1) for p in ensemble.parameters)
        errors = ensemble.errors(inputs, labels)
        return [{"bits": int(b), "errors": int(e)} for b, e in zip(bits, errors, strict=True)]
