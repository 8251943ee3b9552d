"""How long a coverage study of 2000 trained networks takes: digits, 64-64-10 ReLU, each on its own 500 draws.

    python tests/benchmarks/coverage_study.py [--draws 2000] [--workers 2]

Each network trains 20 epochs (batches of 50, step .1), is held against 200 further draws, and its Clopper-Pearson bound against
its exact risk over the pool. Prints JSON: seconds in all (processes, data, training, bounds, store and verdict), and the verdict.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch

from genbounds.bounds.holdout import clopper_pearson
from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.coverage import coverage
from genbounds.verification.populations import population
from genbounds.verification.runs.cells import Cost, Result, Study
from genbounds.verification.runs.planner import training_cost
from genbounds.verification.runs.run import results, run

WIDTHS, N, HELD_OUT, EPOCHS, BATCH, DELTA = (64, 64, 10), 500, 200, 20, 50, Fraction(1, 20)
STEPS = EPOCHS * N // BATCH


@dataclass(frozen=True)
class Draw:
    """One sample, and the network that learns from it."""

    seed: int
    population: str = "digits"


class TrainedDigits(Study):
    """Held-out errors and pool errors of networks, each on its own draws."""

    name = "trained digits"
    revision = 1
    description = "Networks on digits."
    tile_size = 125

    def __init__(self, draws: int) -> None:
        self.draws = draws

    def cells(self) -> Sequence[Draw]:
        """The draws."""
        return [Draw(seed) for seed in range(self.draws)]

    def cost(self, cell: Draw) -> Cost:
        """Of the training."""
        return training_cost(WIDTHS, STEPS, BATCH)

    def run_tile(self, cells: Sequence[Draw]) -> list[Result]:
        """Train a tile as one ensemble."""
        pool, seeds, stream = population("digits"), [cell.seed for cell in cells], Stream("coverage benchmark", "training")
        inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
        samples = IndexSamples.draw(stream.sub("sample"), seeds, pool.size, N)
        held_out = IndexSamples.draw(stream.sub("held out"), seeds, pool.size, HELD_OUT)
        ensemble = Ensemble(WIDTHS, networks=seeds, stream=stream)
        ensemble.train(inputs, labels, samples, steps=STEPS, batch_size=BATCH, learning_rate=0.1, order="permutation")
        mistakes = ensemble.mistakes(inputs, labels, dtype=torch.float64)
        held = mistakes.gather(1, held_out.indices).sum(dim=1)
        return [{"held_out": int(h), "pool": int(p)} for h, p in zip(held, mistakes.sum(dim=1), strict=True)]


def main() -> None:
    """Run it and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    study, start = TrainedDigits(options.draws), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = results([study], run([study], folder, workers=options.workers))[study.name]
    table = [clopper_pearson(errors=k, n=HELD_OUT, delta=DELTA).value for k in range(HELD_OUT + 1)]
    bounds = np.array([table[result["held_out"]] for _, result in found])
    risks = np.array([result["pool"] for _, result in found]) / population("digits").size
    row = coverage(bounds < risks, float(DELTA), 1e-3)
    figures = {
        "draws": options.draws,
        "workers": options.workers,
        "seconds": round(time.perf_counter() - start, 1),
        "mean_risk": round(float(risks.mean()), 4),
        "mean_bound": round(float(bounds.mean()), 4),
        "violations": int((bounds < risks).sum()),
        "verdict": str(row.verdict),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
