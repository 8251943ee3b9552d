"""ReLU networks of one hidden layer and of many widths on digits: errors, bias and variance, and the examples that each bound would need.

A bound that is above 1 at a sample's size says nothing, and capacities that are larger than the sample are cut there. So the bounds are
put on one axis by the number of examples at which they would fall below their trivial value, all else held: the architecture, the
norms, the margins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from torch import nn

from genbounds.models.ensemble import Adam, Ensemble, IndexSamples, Stopping
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize_ensemble
from genbounds.models.randomness.streams import Stream
from genbounds.models.tracing.architecture import DenseStack, stack_dense
from genbounds.verification.populations.parity import parity
from genbounds.verification.studies.certifying import CERTIFIERS
from genbounds.verification.studies.trained_network import NetworkCell, TrainedNetwork

BOUNDS = {
    "VC dimension": "vc.sauer",
    "product of Frobenius norms": "margin.norm_product",
    "spectral norms": "margin.spectral:homogeneous",
    "spectral norms, as printed": "margin.bartlett2017spectral",
}
INPUTS = 64


@dataclass(frozen=True)
class WidthCell:
    """Networks of one width on ``samples`` samples of n digits each, odd against even, their seeds all different.

    Args:
        width: hidden units.
        redrawn: the share of the population's labels that are drawn anew by a fair coin, once.
        n, steps: examples, and the most steps of Adam.
        samples: how many samples of this seed.
        bounds: keys of ``BOUNDS``, found for the first sample's network.
        seed: another seed is other samples, initialisations and orders.
    """

    width: int
    redrawn: float
    n: int
    steps: int
    samples: int
    bounds: tuple[str, ...] = ()
    seed: int = 0
    population: str = "digits"


def parameters(width: int) -> int:
    """Weights and biases of a network with one hidden layer.

    >>> parameters(2)  # 2 * 65 + 3
    133
    """
    return width * (INPUTS + 1) + width + 1


def width_results(cells: Sequence[WidthCell]) -> list[dict[str, Any]]:
    """The results of cells that differ in their seed alone, trained as one ensemble."""
    first = cells[0]
    pool = parity(first.population, first.redrawn)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    indices = [cell.seed * 1000 + sample for cell in cells for sample in range(cell.samples)]
    stream = Stream("capacity", "networks").sub(f"{first.width}/{first.redrawn}/{first.n}")
    samples = IndexSamples.draw(Stream("capacity", "samples").sub(f"{first.redrawn}/{first.n}"), indices, pool.size, first.n)
    ensemble = Ensemble((INPUTS, first.width, 1), networks=indices, stream=stream)
    one_each = [row * first.samples for row in range(len(cells))] if first.bounds else []
    start = _stacked(ensemble, one_each) if first.bounds else None
    ensemble.train(
        inputs,
        labels,
        samples,
        steps=first.steps,
        batch_size=max(1, first.n // 10),
        learning_rate=0.005,
        adam=Adam(),
        stopping=Stopping(every=max(1, first.steps // 10), loss=0.01),
    )
    train = ensemble.errors(inputs, labels, samples, dtype=torch.float64) / first.n
    test = ensemble.errors(inputs, labels, dtype=torch.float64) / pool.size
    scores = torch.cat(list(ensemble.logits(inputs, dtype=torch.float64)), 1)[..., 0]
    summaries = []
    if first.bounds:
        counts = samples.as_counts(pool.size)[one_each].numpy()
        summaries = summarize_ensemble(_stacked(ensemble, one_each), inputs, labels, initial=start, counts=counts)
    found = []
    for row, cell in enumerate(cells):
        own = slice(row * cell.samples, (row + 1) * cell.samples)
        result: dict[str, Any] = {"train": float(train[own].mean()), "test": float(test[own].mean()), **brier(scores[own], labels)}
        if cell.bounds:
            risk = Fraction(round(float(test[own.start]) * pool.size), pool.size)
            result["bounds"] = bounds_of(cell, summaries[row], risk)
        found.append(result)
    return found


def _stacked(ensemble: Ensemble, rows: list[int]) -> DenseStack:
    """Some of the networks as they are now, to be measured together."""
    weights, biases = ([tensor[rows].clone() for tensor in tensors] for tensors in (ensemble.weights, ensemble.biases))
    return stack_dense(weights, biases, nn.ReLU())


def brier(scores: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
    """Squared bias and variance of the probabilities 1/(1 + e^-f) over networks (rows), mean over the pool: both unbiased.

    >>> brier(torch.zeros(2, 3), torch.tensor([1, -1, 1]))
    {'bias': 0.25, 'variance': 0.0}
    """
    likely, truth = scores.sigmoid(), (labels > 0).to(scores.dtype)
    variance = float(likely.var(dim=0, unbiased=True).mean())
    return {"bias": float((likely.mean(0) - truth).square().mean()) - variance / len(scores), "variance": variance}


def bounds_of(cell: WidthCell, summary: NetworkSummary, risk: Fraction) -> dict[str, dict[str, Any]]:
    """By bound its certificate at 95 %, whether the exact risk is above it, and the examples it would need to say anything (None: over
    1e18).
    """
    described = NetworkCell(cell.population, (INPUTS, cell.width, 1), cell.n, ())
    trained = TrainedNetwork(described, summary, risk, 0)
    found = {}
    for name in cell.bounds:
        growing = CERTIFIERS[BOUNDS[name]](trained)
        certificate = growing.certificate()
        found[name] = {
            "value": certificate.value,
            "failed": bool(risk > certificate.value),
            "needed": growing.informative_n(),
        }
    return found
