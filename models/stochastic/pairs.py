"""Monte Carlo by independent pairs of drawn weights and a drawn example: errors, and joint errors of two draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from genbounds.models.measuring.margins import plain_margins
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic._normals import Normals
from genbounds.models.stochastic._sample import Sample
from genbounds.models.stochastic.gaussian import GaussianNetwork

_WINDOW = 1 << 20  # examples drawn at a time
_CHUNK = 1 << 10  # pairs at a time, at most
_NUMBERS = 1 << 20  # standard normals at a time, at most
_LARGEST_SAMPLE = 1 << 31


def pair_errors(posterior: GaussianNetwork, sample: Sample, pairs: int, stream: Stream, network: int) -> int:
    """How many of so many independent (weights, example) pairs err."""
    drawn = _drawn_rows(sample, checked_pairs(pairs), stream, network)
    return sum(int(wrong(draw(), labels).sum()) for draw, labels in _chunks(posterior, sample, drawn, stream, network))


def errors_once(posterior: GaussianNetwork, sample: Sample, stream: Stream, network: int) -> int:
    """How many of the examples err, each met once by weights of its own."""
    rows = iter([torch.arange(sample.n, device=sample.inputs.device)])
    return sum(int(wrong(draw(), labels).sum()) for draw, labels in _chunks(posterior, sample, rows, stream, network))


def point_errors(network: GaussianNetwork, sample: Sample, coordinates: Tensor) -> int:
    """How many draws of the sample the one network with these coordinates gets wrong, in the sample's dtype: an exact count."""
    layers, total = network.fixed_layers(coordinates, sample.inputs.dtype), 0
    for rows in torch.split(torch.arange(len(sample.labels), device=sample.inputs.device), _CHUNK):
        noise = sample.inputs.new_zeros(network.noise_shape(len(rows), 1))
        errors = wrong(network.propagate(sample.inputs[rows], noise, layers), sample.labels[rows])
        total += int(errors.sum()) if sample.counts is None else int(sample.counts[rows][errors].sum())
    return total


def tandem_errors(posterior: GaussianNetwork, sample: Sample, pairs: int, stream: Stream, network: int) -> int:
    """For how many independently drawn examples two networks, drawn independently of each other, both err."""
    drawn = _drawn_rows(sample, checked_pairs(pairs), stream, network)
    both = (wrong(draw(), labels) & wrong(draw(), labels) for draw, labels in _chunks(posterior, sample, drawn, stream, network))
    return sum(int(errors.sum()) for errors in both)


def disagreements(posterior: GaussianNetwork, sample: Sample, pairs: int, stream: Stream, network: int) -> int:
    """For how many independently drawn examples one of two networks errs, drawn independently of each other, and the other does not.

    With two classes that is where their votes differ.
    """
    drawn = _drawn_rows(sample, checked_pairs(pairs), stream, network)
    one = (wrong(draw(), labels) ^ wrong(draw(), labels) for draw, labels in _chunks(posterior, sample, drawn, stream, network))
    return sum(int(errors.sum()) for errors in one)


def checked_pairs(pairs: int) -> int:
    """``pairs`` as an int; ``ValueError`` unless it is a whole number of at least 1."""
    if isinstance(pairs, bool) or int(pairs) != pairs or pairs < 1:
        raise ValueError(f"pairs must be a whole number of at least 1, got {pairs}: fix it before the first draw")
    return int(pairs)


def _drawn_rows(sample: Sample, pairs: int, stream: Stream, network: int) -> Iterator[Tensor]:
    """The rows of examples drawn uniformly with replacement, window by window, sorted within each.

    Sorted, so that what an example alone decides is computed once for all its pairs; the weights are drawn later and do not depend on the
    order.
    """
    if sample.n > _LARGEST_SAMPLE:
        raise ValueError(f"the sample must have at most 2^31 draws, got {sample.n}: the streams index no more")
    examples = stream.sub("examples").draws([network])
    for start in range(0, pairs, _WINDOW):
        draws = examples.integers(start, min(_WINDOW, pairs - start), sample.n)[0]
        yield sample.index(draws).sort().values


def _chunks(
    posterior: GaussianNetwork, sample: Sample, windows: Iterator[Tensor], stream: Stream, network: int
) -> Iterator[tuple[Callable[[], Tensor], Tensor]]:
    """Chunks of the rows: what gives logits under new weights, independent for each row, and the labels."""
    normals, layers = Normals(stream.sub("noise"), network), posterior.measured_layers(sample.inputs.dtype)
    size = max(1, min(_CHUNK, _NUMBERS // max(1, torch.Size(posterior.noise_shape(1, 1)).numel())))
    for rows in windows:
        for chunk in torch.split(rows, size):
            distinct, of = chunk.unique_consecutive(return_inverse=True)  # type: ignore[no-untyped-call]
            prepared = posterior.prepare(sample.inputs[distinct], layers)[of]
            yield _drawing(posterior, prepared, normals, layers), sample.labels[chunk]


def _drawing(posterior: GaussianNetwork, prepared: Tensor, normals: Normals, layers: list[Any]) -> Callable[[], Tensor]:
    """What draws weights, one draw per example, and gives the logits."""
    batch = len(prepared)
    return lambda: posterior.finish(prepared, normals.draw(posterior.noise_shape(batch, batch), prepared), layers)


def wrong(logits: Tensor, labels: Tensor) -> Tensor:
    """Which examples err, those whose margin is not positive: ties and NaN count."""
    return ~(plain_margins(logits, labels) > 0)
