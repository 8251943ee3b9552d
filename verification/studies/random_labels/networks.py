"""ReLU networks trained on each condition, looked at again and again while they train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.bounds.measures import spectral_complexity
from genbounds.models.ensemble import Adam, Ensemble, IndexSamples
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize_ensemble
from genbounds.models.randomness.streams import Stream
from genbounds.models.tracing.architecture import stack_dense
from genbounds.verification.studies.certifying import CERTIFIERS
from genbounds.verification.studies.random_labels.conditions import conditioned
from genbounds.verification.studies.trained_network import NetworkCell, TrainedNetwork

WIDTHS = (64, 40, 40, 1)
BOUNDS = {"VC dimension": "vc.sauer", "product of norms": "margin.norm_product", "spectral norms": "margin.spectral:homogeneous"}
LOOKS = 20
"""How often a network is looked at, at evenly spaced steps."""
QUANTILES = 40


@dataclass(frozen=True)
class LabelCell:
    """One network.

    Args:
        condition, redrawn: of the population.
        n, steps: draws from it, and steps of Adam.
        bounds: keys of ``BOUNDS`` that are found at the end.
        seed: another seed is another sample, initialisation and order.
    """

    condition: str
    redrawn: float
    n: int
    steps: int
    bounds: tuple[str, ...] = ()
    seed: int = 0
    population: str = "digits"


def label_results(cells: Sequence[LabelCell]) -> list[dict[str, Any]]:
    """The results of cells that differ in their seed alone, trained as one ensemble.

    All conditions with a seed share the rows of the sample, the initialisation and the order. ``unseen`` is the error on the points of the
    population that are not in the sample, ``margin`` the median margin on the sample, ``excess`` the exact risk less the training
    error, ``complexity`` the spectral complexity.
    """
    first = cells[0]
    pool = conditioned(first.population, first.condition, first.redrawn)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    seeds = [cell.seed for cell in cells]
    samples = IndexSamples.draw(Stream("random labels", "samples").sub(str(first.n)), seeds, pool.size, first.n)
    counts = samples.as_counts(pool.size)
    ensemble = Ensemble(WIDTHS, networks=seeds, stream=Stream("random labels", "networks"))
    start = [tensor.clone() for tensor in ensemble.parameters]
    looks: list[dict[str, Tensor | list[float]]] = []
    for _ in range(LOOKS):
        ensemble.train(
            inputs, labels, samples, steps=first.steps // LOOKS, batch_size=max(1, first.n // 10), learning_rate=0.003, adam=Adam()
        )
        looks.append(_look(ensemble, start, inputs, labels, counts, samples.indices))
    margins = ensemble.margins(inputs, labels, dtype=torch.float64)
    summaries = _summaries(ensemble, start, inputs, labels, counts) if first.bounds else []
    found = []
    for row, cell in enumerate(cells):
        own = margins[row][samples.indices[row]]
        result: dict[str, Any] = {name: [float(look[name][row]) for look in looks] for name in looks[0]}
        result["margins"] = np.quantile(own.numpy(), (np.arange(QUANTILES) + 0.5) / QUANTILES).tolist()
        result["data_norm"] = float(inputs[samples.indices[row]].norm())
        if cell.bounds:
            risk = Fraction(int((~(margins[row] > 0)).sum()), pool.size)
            result["bounds"] = bounds_of(cell, summaries[row], risk)
        found.append(result)
    return found


def _look(
    ensemble: Ensemble, start: Sequence[Tensor], inputs: Tensor, labels: Tensor, counts: Tensor, rows: Tensor
) -> dict[str, Tensor | list[float]]:
    margins = ensemble.margins(inputs, labels, dtype=torch.float64)
    wrong = ~(margins > 0)
    unseen = counts == 0
    train = (wrong * counts).sum(1) / counts.sum(1)
    risk = wrong.double().mean(1)
    return {
        "train": train,
        "risk": risk,
        "excess": risk - train,
        "unseen": (wrong & unseen).sum(1) / unseen.sum(1),
        "complexity": complexities(ensemble.weights, start[: len(ensemble.weights)]),
        "margin": margins.gather(1, rows).median(dim=1).values,
        "lipschitz": lipschitz(ensemble.weights).tolist(),
    }


def complexities(weights: Sequence[Tensor], start: Sequence[Tensor]) -> list[float]:
    """The spectral complexity of each network, distances from the initialisation, in float64: a description, no certificate.

    Tensors (networks, out, in), first layer first; biases are left out.
    """
    norms = torch.stack([torch.linalg.matrix_norm(one.double(), 2) for one in weights], 1)
    moved = torch.stack([(one.double() - other.double()).norm(dim=2).sum(1) for one, other in zip(weights, start, strict=True)], 1)
    return [spectral_complexity(spectral_norms=s.tolist(), distances_2_1=b.tolist()).value for s, b in zip(norms, moved, strict=True)]


def lipschitz(weights: Sequence[Tensor]) -> Tensor:
    """The product of the spectral norms of each network, float64.

    >>> lipschitz([torch.tensor([[[2.0]]]), torch.tensor([[[3.0]]])])
    tensor([6.], dtype=torch.float64)
    """
    return torch.stack([torch.linalg.matrix_norm(one.double(), 2) for one in weights]).prod(0)


def _summaries(ensemble: Ensemble, start: Sequence[Tensor], inputs: Tensor, labels: Tensor, counts: Tensor) -> list[NetworkSummary]:
    depth = len(ensemble.weights)
    trained, initial = (stack_dense(some[:depth], some[depth:], nn.ReLU()) for some in (list(ensemble.parameters), list(start)))
    return summarize_ensemble(trained, inputs, labels, initial=initial, counts=counts.numpy())


def bounds_of(cell: LabelCell, summary: NetworkSummary, risk: Fraction) -> dict[str, dict[str, Any]]:
    """By bound its certificate at 95 %, and whether the exact risk is above it."""
    trained = TrainedNetwork(NetworkCell(cell.population, WIDTHS, cell.n, ()), summary, risk, 0)
    values = {name: CERTIFIERS[BOUNDS[name]](trained).certificate().value for name in cell.bounds}
    return {name: {"value": value, "failed": bool(risk > value)} for name, value in values.items()}
