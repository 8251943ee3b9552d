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
from genbounds.models.tracing.outputs import Output
from genbounds.models.tracing.own_copy import OwnNetwork
from genbounds.models.tracing.propagation import resolved_gains


def held_out_errors(model: nn.Module, summary: NetworkSummary, inputs: Any, labels: Any = None, output: Output = None) -> tuple[int, int]:
    """(errors, n) of the network on these examples, with margins rounded down as in ``summarize``, so never too few errors.

    ``summary`` is the network's own (its spectral norms bound the rounding errors). The data and ``output`` are those of
    ``summarize``.

    >>> from genbounds.models.measuring.summary import summarize
    >>> layer = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(layer.weight)
    >>> held_out_errors(layer, summarize(layer, [[1.0]], [1]), [[1.0], [2.0], [-1.0]], [1, -1, -1])
    (1, 3)
    """
    pairs = batches(inputs, labels)
    first = next(pairs)
    found = ReadNetwork.of(model, first[0], "model", output)
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


def errors_by_running(model: nn.Module, pairs: Iterable[tuple[Tensor, Any]], output: Output = None) -> tuple[int, int, int]:
    """(errors, n, unsettled) of a copy of the network as it runs, in its own dtype on its own device; a tie of two logits is an error.

    For networks that can't be read. (0, 0, 0) where there is no example. Every example is judged twice, in two batches of other sizes and
    another order. Where rounding makes the two answers differ in whether they are right, the example is an error, and ``unsettled`` counts
    it. ``ValueError`` if the logits differ by more than rounding explains, so that the answer to an example depends on the others of the
    batch, or on what came before, and the network is not a predictor; and where its outputs or the labels do not fit.

    >>> layer = nn.Linear(1, 2, bias=False)
    >>> _ = layer.weight.data.copy_(torch.tensor([[1.0], [-1.0]]))
    >>> errors_by_running(layer, [(torch.tensor([[1.0], [-2.0], [0.0]]), torch.tensor([0, 1, 1]))])
    (1, 3, 0)
    """
    own, errors, n, unsettled = OwnNetwork.of(model, output=output), 0, 0, 0
    earlier: list[tuple[Tensor, Tensor]] = []
    for inputs, labels in pairs:
        logits = _logits(own, inputs)
        if bool(logits.isnan().any()):
            raise ValueError("logits must be numbers, got NaN on some example: look for an overflow in the forward")
        again = _in_other_company(own, inputs, [one for one, _ in earlier])
        _refuse_company(again, logits)
        wrong, wrong_again = _wrong(logits, labels), _wrong(again, labels)
        errors, n = errors + int((wrong | wrong_again).sum()), n + len(inputs)
        unsettled += int((wrong != wrong_again).sum())
        earlier = [*earlier[:1], (inputs, logits)]  # the first batch and the last one
    if len(earlier) > 1:  # the network may have changed on the way
        _refuse_company(_logits(own, earlier[0][0]), earlier[0][1])
    return errors, n, unsettled


def _logits(own: OwnNetwork, inputs: Tensor) -> Tensor:
    logits = own.outputs(inputs)
    if logits.ndim != 2 or len(logits) != len(inputs):
        raise ValueError(
            f"model must give logits of shape ({len(inputs)}, K), got {tuple(logits.shape)}: count its errors yourself and pass its "
            "predictions to certify_predictions"
        )
    return logits


def _in_other_company(own: OwnNetwork, inputs: Tensor, earlier: list[Tensor]) -> Tensor:
    """The logits again, from the last example to the first, in two batches of other sizes; an example of an earlier batch joins each."""
    guest = next((batch[:1] for batch in reversed(earlier) if batch.shape[1:] == inputs.shape[1:]), inputs[:0])
    turned = inputs.flip(0)
    found = [_logits(own, torch.cat([part, guest]))[: len(part)] for part in torch.split(turned, len(inputs) // 3 + 1)]
    return torch.cat(found).flip(0)


def _refuse_company(again: Tensor, logits: Tensor) -> None:
    """``ValueError`` if the logits are not the same up to rounding: then the errors are not independent draws."""
    coarsest = torch.finfo(logits.dtype if logits.is_floating_point() else torch.float64).eps
    finite = logits[logits.isfinite()].double().abs()
    allowed = math.sqrt(coarsest) * float(finite.max()) if finite.numel() else 0.0
    gap = torch.where(again == logits, 0.0, (again.double() - logits.double()).abs())
    if not bool((gap <= allowed).all()):
        place = int(gap.nan_to_num(math.inf).amax(1).argmax())
        raise ValueError(
            f"model must answer each example by itself, got other logits for example {place} of a batch in another batch (a difference of "
            f"{float(gap[place].nan_to_num(math.inf).max()):.3g}, where rounding allows {allowed:.3g}): a statistic of the batch, or what "
            "came before, enters them; pass the predictions of a predictor of single examples to certify_predictions"
        )


def _wrong(logits: Tensor, labels: Any) -> Tensor:
    """Which examples are errors."""
    wanted = checked_labels(labels, logits, logits.shape[1])
    if logits.shape[1] == 1:
        return logits[:, 0] * wanted <= 0
    own = logits.gather(1, wanted[:, None])[:, 0]
    rest = logits.scatter(1, wanted[:, None], -math.inf).amax(1)
    return own <= rest


def classes_by_running(own: OwnNetwork, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """The class of each example (its index, or 1 and -1 of a single logit), and where rounding or a tie leaves none.

    ``own`` is a copy of the network, run as in ``errors_by_running``, twice in other company; ``ValueError`` where it answers no example
    by itself.

    >>> layer = nn.Linear(1, 2, bias=False)
    >>> _ = layer.weight.data.copy_(torch.tensor([[1.0], [-1.0]]))
    >>> [entry.tolist() for entry in classes_by_running(OwnNetwork.of(layer), torch.tensor([[1.0], [-2.0], [0.0]]))]
    [[0, 1, 0], [False, False, True]]
    """
    logits = _logits(own, inputs)
    if bool(logits.isnan().any()):
        raise ValueError("logits must be numbers, got NaN on some example: look for an overflow in the forward")
    again = _in_other_company(own, inputs, [])
    _refuse_company(again, logits)
    single = logits.shape[1] == 1
    classes = torch.where(logits[:, 0] > 0, 1, -1) if single else logits.argmax(1)
    return classes, _wrong(logits, classes) | _wrong(again, classes)
