"""Counting a measured network's errors on further examples, without measuring the network again."""

from __future__ import annotations

import math
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.measuring.labelled_sample import batches
from genbounds.models.measuring.measured_sample import MeasuredSample, Read
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.reading import ReadNetwork
from genbounds.models.measuring.summary import reading_of_stack
from genbounds.models.measuring.traced_summary import reading_of_graph
from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.propagation import resolved_gains


def held_out_errors(model: nn.Module, summary: NetworkSummary, inputs: Any, labels: Any = None) -> tuple[int, int]:
    """(errors, n) of the network on these examples, with margins rounded down as in ``summarize``, so never too few errors.

    ``summary`` is the network's own (its spectral norms bound the rounding errors). The data are those of ``summarize``.

    >>> from genbounds.models.measuring.summary import summarize
    >>> layer = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> held_out_errors(layer, summarize(layer, [[1.0]], [1]), [[1.0], [2.0], [-1.0]], [1, -1, -1])
    (1, 3)
    """
    pairs = batches(inputs, labels)
    first = next(pairs)
    found = ReadNetwork.of(model, first[0], "model")
    network = found.layers
    norms: tuple[Any, ...] = summary.spectral_norms.value  # type: ignore[assignment]
    points: list[Tensor] = []
    read: Read
    if isinstance(network, Graph):
        layers = len(network.weights)
        read = reading_of_graph(network, resolved_gains(network, [float(norm) for norm in norms], math.inf), points)
    else:
        layers = len(network.weights)
        upper = torch.tensor([[float(norm) for norm in norms]], dtype=torch.float64, device=network.weights[0].device)
        read = reading_of_stack(network, upper, points)
    if layers != len(norms):
        raise ValueError(f"summary must be the model's own, got one of {len(norms)} layers for {layers}: summarize this model")
    sample = MeasuredSample(1, read, found.compared(chain([first], pairs)), None)
    return int(sample.errors[0]), int(sample.n[0])
