"""Small networks, each trained on draws of its own: which points of the pool they get wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array

SMALL = (30, 8, 2)
TRAINED_ON, HELD_OUT = 20, 40
STEPS = 200


def held_out_networks(pool: FinitePool, keys: range) -> tuple[Array, Array]:
    """One network for each key, trained on 20 draws: errors on 40 further draws, and over the pool; both (draws,)."""
    wrong = _wrong(pool, keys, "small")
    return errors_on(wrong, _drawn(pool, keys, "held out")), wrong.sum(axis=1)


def pairs_of_networks(pool: FinitePool, keys: range) -> tuple[Array, Array, Array]:
    """Two networks for each key, trained on 20 draws each: which points of the pool each gets wrong, and 40 further draws, in order."""
    return _wrong(pool, keys, "small"), _wrong(pool, keys, "surrogate"), _drawn(pool, keys, "unlabelled")


def _wrong(pool: FinitePool, keys: range, kind: str) -> Array:
    """Which points of the pool the networks of one kind get wrong, each trained on draws of its own."""
    drawn = np.stack([pool.sample(("coverage", kind, key), TRAINED_ON) for key in keys])
    training = {"steps": STEPS, "batch_size": TRAINED_ON, "learning_rate": 0.1}
    return trained_wrong(f"coverage {kind}", SMALL, pool.inputs, pool.labels, keys, drawn, **training)


def _drawn(pool: FinitePool, keys: range, purpose: str) -> Array:
    """Draws for each key that no network was trained on."""
    return np.stack([pool.sample(("coverage", "small", key), HELD_OUT, purpose=purpose) for key in keys])


def trained_wrong(stream: str, widths: Sequence[int], inputs: Array, labels: Array, keys: range, drawn: Array, **training: Any) -> Array:
    """Which points of the pool each trained network gets wrong, (draws, N): by margins in float64.

    Args:
        stream: what names the randomness of the training.
        widths: of the networks.
        inputs, labels: the pool, (N, d) and (N,).
        keys: one for each network: it decides the initial weights and the order.
        drawn: rows of the pool that each network is trained on, (draws, n).
        training: steps, batch size, learning rate.
    """
    pool, classes = torch.tensor(inputs), torch.tensor(labels)
    ensemble = Ensemble(widths, networks=keys, stream=Stream(stream, "training"))
    ensemble.train(pool, classes, IndexSamples(torch.from_numpy(drawn)), **training)
    margins = ensemble.margins(pool, classes, dtype=torch.float64).numpy()
    # One and the same set of points is used for the risk and for the errors on a sample, so that a margin of 0 up to rounding, were there
    # one, would change both alike.
    return np.asarray(margins <= -1e-9)


def errors_on(wrong: Array, drawn: Array) -> Array:
    """How many of the drawn points are wrong, one number per network: (draws, N) and (draws, n) make (draws,)."""
    return np.asarray(np.take_along_axis(wrong, drawn, axis=1).sum(axis=1))
