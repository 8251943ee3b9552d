"""Counting a measured network's errors on further examples, without measuring the network again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.measuring.labelled_sample import batches, checked_labels
from genbounds.models.measuring.measured_sample import MeasuredSample, Read
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.reading import ReadNetwork
from genbounds.models.measuring.summary import reading_of_stack
from genbounds.models.measuring.traced_summary import reading_of_graph
from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.own_copy import OwnNetwork
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


def errors_by_running(model: nn.Module, pairs: Iterable[tuple[Tensor, Any]]) -> tuple[int, int]:
    """(errors, n) of a copy of the network as it runs, in its own dtype on its own device; a tie of two logits is an error.

    For networks that can't be read. (0, 0) where there is no example. ``ValueError`` if its answer to an example depends on the others of
    the batch, so that it is no predictor, and where its outputs or the labels do not fit.

    >>> layer = nn.Linear(1, 2, bias=False)
    >>> _ = layer.weight.data.copy_(torch.tensor([[1.0], [-1.0]]))
    >>> errors_by_running(layer, [(torch.tensor([[1.0], [-2.0], [0.0]]), torch.tensor([0, 1, 1]))])
    (1, 3)
    """
    own, errors, n, compared = OwnNetwork.of(model), 0, 0, False
    for inputs, labels in pairs:
        logits = own.outputs(inputs)
        if logits.ndim != 2 or len(logits) != len(inputs):
            raise ValueError(
                f"model must give logits of shape ({len(inputs)}, K), got {tuple(logits.shape)}: count its errors yourself and pass its "
                "predictions to certify_predictions"
            )
        if len(inputs) > 1 and not compared:
            _refuse_company(own, inputs, logits)
            compared = True
        if bool(logits.isnan().any()):
            raise ValueError("logits must be numbers, got NaN on some example: look for an overflow in the forward")
        errors, n = errors + _errors(logits, labels), n + len(inputs)
    return errors, n


def _refuse_company(own: OwnNetwork, inputs: Tensor, logits: Tensor) -> None:
    """``ValueError`` if the first or last example gets other logits alone than in its batch: the errors are no independent draws then."""
    for place in sorted({0, len(inputs) - 1}):
        alone = own.outputs(inputs[place : place + 1])
        if alone.shape[1:] != logits.shape[1:] or not torch.allclose(alone[0].double(), logits[place].double(), rtol=1e-2, atol=1e-3):
            raise ValueError(
                "model must answer each example by itself, got other logits for one alone than in its batch: a statistic of the batch "
                "enters them; pass the predictions of a predictor of single examples to certify_predictions"
            )


def _errors(logits: Tensor, labels: Any) -> int:
    wanted = checked_labels(labels, logits, logits.shape[1])
    if logits.shape[1] == 1:
        return int((logits[:, 0] * wanted <= 0).sum())
    own = logits.gather(1, wanted[:, None])[:, 0]
    rest = logits.scatter(1, wanted[:, None], -math.inf).amax(1)
    return int((own <= rest).sum())
