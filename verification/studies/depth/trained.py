"""Plain ReLU networks of growing depth trained on digits: products of norms, the certificate that rests on them, and the exact risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from genbounds.bounds import Quantity
from genbounds.bounds.margin import norm_product
from genbounds.bounds.rademacher import golowich2018frobenius, neyshabur2015
from genbounds.models.ensemble import Adam, Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array

DELTA = 0.05
QUANTILES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""The margins that are tried are these quantiles of the sample's; the certificate holds for every margin at once."""

ROUNDING = 1e-12
"""Far above what float64 sums of some thousand squares, and products of a few dozen norms, can lose."""


@dataclass(frozen=True)
class Trained:
    """One network without biases on a sample of digits, labelled by whether the digit is at least 5.

    Args:
        depth: the number of weight matrices.
        width: of the hidden layers.
        n: draws of the sample.
        steps: of Adam, batches of 32.
        seed: of the sample and the network.
    """

    depth: int
    width: int = 20
    n: int = 300
    steps: int = 600
    seed: int = 0
    population: str = "digits"


def train(cells: Sequence[Trained]) -> list[dict[str, Any]]:
    """Train the networks of cells that differ in their seed alone as one ensemble, and measure each."""
    first = cells[0]
    pool = population(first.population)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor((pool.labels >= 5).astype(np.int64))
    drawn = np.stack([pool.sample(("depth", cell.seed), cell.n) for cell in cells])
    widths = [inputs.shape[1], *[first.width] * (first.depth - 1), 1]
    stream = Stream("depth", f"{first.depth} layers")
    ensemble = Ensemble(widths, "relu", networks=[cell.seed for cell in cells], stream=stream, bias=False)
    samples = IndexSamples(torch.from_numpy(drawn))
    ensemble.train(inputs, labels, samples, steps=first.steps, batch_size=32, learning_rate=0.003, adam=Adam())
    margins = ensemble.margins(inputs, labels, dtype=torch.float64).numpy()
    norms = torch.stack([weights.double().flatten(1).norm(dim=1) for weights in ensemble.weights], dim=1).numpy()
    return [_measured(first, norms[row], margins[row], pool.inputs, drawn[row]) for row in range(len(cells))]


def _measured(cell: Trained, norms: Array, margins: Array, inputs: Array, drawn: Array) -> dict[str, Any]:
    data_norm = float(np.linalg.norm(inputs[drawn]))
    product = float(np.prod(norms))
    best = best_margin(margins[drawn], product, cell.depth, data_norm)
    shared = {"norm_product": product / best["margin"], "depth": cell.depth, "data_norm": data_norm, "n": cell.n}
    return {
        "layer_norm": float(np.exp(np.mean(np.log(norms)))),
        "log_product": float(np.sum(np.log(norms))),
        "risk": float(np.mean(margins <= 0)),
        "empirical_risk": float(np.mean(margins[drawn] <= 0)),
        "bound": best["bound"],
        "margin": best["margin"],
        "complexity_2015": 2 * float(neyshabur2015(**shared)),
        "complexity_2018": 2 * float(golowich2018frobenius(**shared, form="printed")),
    }


def best_margin(margins: Array, product: float, depth: int, data_norm: float) -> dict[str, float]:
    """The certificate on the product of norms at the best of a few margins: it holds for all of them at once.

    Where no quantile is positive (a network that has not learnt), the largest margin of the sample in size stands in.
    """
    tried = [float(np.quantile(margins, quantile)) for quantile in QUANTILES]
    positive = [margin for margin in tried if margin > 0] or [max(float(np.abs(margins).max()), 1e-12)]
    norms, found = {"norm_product": product, "data_norm": data_norm}, []
    for margin in positive:
        inputs = {"margin_risk": float(np.mean(margins <= margin)), "margin": margin, "depth": depth, "outputs": 1, "n": len(margins)}
        rounded = {name: Quantity(value * (1 + ROUNDING), "upper", "float64, with its rounding") for name, value in norms.items()}
        found.append({"margin": margin, "bound": float(norm_product(**inputs, **rounded, delta=DELTA))})
    return min(found, key=lambda one: one["bound"])
