"""How large a tile should be on this machine, measured: the training of small convolutional networks, in tiles of a few sizes."""

from __future__ import annotations

import time
from functools import cache

import torch

from genbounds.models.ensemble.module_ensemble import ModuleEnsemble
from genbounds.models.ensemble.samples import IndexSamples
from genbounds.models.ensemble.tiles import cache_bytes, planned_tiles
from genbounds.models.networks import ConvolutionalNetwork
from genbounds.models.randomness.streams import Stream

_NETWORKS, _BATCH, _STEPS, _ROUNDS = 64, 32, 2, 3
_GAIN = 0.15


@cache
def measured_tile_bytes() -> int:
    """``tile_bytes`` for this machine: a quarter, half, once or twice what the system says of its cache, whichever trains fastest.

    What the system says stays unless another is faster by 15 %, so that a machine that is measured twice mostly gets the same
    tiles. It takes about a second; a process measures once.
    """
    usual = cache_bytes()
    seconds = {room: _seconds(room) for room in (usual, usual // 4, usual // 2, 2 * usual)}
    best = min(seconds, key=lambda room: seconds[room])
    return best if seconds[best] < (1.0 - _GAIN) * seconds[usual] else usual


def _seconds(room: int) -> float:
    """The least time of some rounds of training with tiles for this room, after one to warm up."""
    stream = Stream("tile measurement", "training")
    ensemble = ModuleEnsemble(ConvolutionalNetwork((1, 8, 8), (4, 4), 10), (1, 8, 8), 10, networks=_NETWORKS, stream=stream)
    inputs, labels = stream.sub("inputs").normal(range(_BATCH), 0, 64), torch.arange(_BATCH) % 10
    samples, times = IndexSamples(torch.arange(_BATCH)), []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        with planned_tiles(room):
            ensemble.train(inputs, labels, samples, steps=_STEPS, batch_size=_BATCH, learning_rate=0.01)
        times.append(time.perf_counter() - start)
    return min(times[1:])
