"""Twins of a ReLU network: how far apart they are as training goes on, in all parameters and layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.ensemble.batches import BatchRows
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.linear_models import double_below
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.twin_networks.cells import WIDTHS, NetworkTwins
from genbounds.verification.studies.twins import per_example_gradients

SEEN = 64
"""So many rows of the pool are looked at for the largest gradient: what the theorem wants is a supremum, and this a lower bound of it."""


def checkpoints(steps: int) -> list[int]:
    """Steps at which twins are compared: 25 and its doubles.

    >>> checkpoints(200)
    [25, 50, 100, 200]
    """
    return [25 * 2**k for k in range(40) if 25 * 2**k <= steps]


def measure(cell: NetworkTwins) -> dict[str, Any]:
    """Train the network and its twins; distances and losses at every checkpoint.

    The replaced examples are those whose first hits lie evenly in the first pass: the order does not look at the data, so that this is an
    average over all positions with less noise.
    """
    pool, key = population(cell.population), digest(cell)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    sample = pool.sample(key, cell.n)
    stream = Stream(f"twin networks {key}", "training")
    met_at = first_hits(stream, cell.n)
    replaced = np.argsort(met_at)[(2 * np.arange(cell.twins) + 1) * cell.n // (2 * cell.twins)]
    hits = met_at[replaced]
    drawn = np.tile(sample, (cell.twins + 1, 1))
    drawn[np.arange(1, cell.twins + 1), replaced] = pool.sample(key, cell.twins, purpose="replacements")
    ensemble = Ensemble(WIDTHS, networks=[0] * (cell.twins + 1), stream=stream, dtype=torch.float64)
    samples = IndexSamples(torch.from_numpy(drawn))
    found: dict[str, list[Any]] = {name: [] for name in ("raw", "normalised", "layers", "early", "late", "gap", "sample_loss")}
    before, early = 0.0, hits <= cell.n / 2
    for at in checkpoints(cell.steps):
        steps = at - ensemble.steps_done
        ensemble.train(inputs, labels, samples, steps=steps, batch_size=1, order="permutation", learning_rate=double_below(cell.step))
        raw, normalised, layers = distances(ensemble)
        before = max(before, float(raw[hits > at].max(initial=0.0)))
        base = _first(ensemble)
        sample_loss = float(base.mean_loss(inputs, labels, IndexSamples(torch.from_numpy(sample)))[0])
        pool_loss = float(base.mean_loss(inputs, labels)[0])
        values = (
            raw.mean(),
            normalised.mean(),
            layers.mean(axis=1).tolist(),
            raw[early].mean(),
            raw[~early].mean(),
            pool_loss - sample_loss,
        )
        for name, value in zip(found, (*values, sample_loss), strict=True):
            found[name].append(value)
    return {
        "steps": checkpoints(cell.steps),
        **found,
        "before": before,
        "hits": hits.tolist(),
        "last": raw.tolist(),
        **_constants(ensemble),
    }


def first_hits(stream: Stream, n: int) -> Array:
    """At which step, counted from 1, each position of the sample is met first by network 0 of an ensemble with this stream: (n,)."""
    met = BatchRows(IndexSamples(torch.arange(n)), stream.sub("batches"), [0], "permutation").block(0, n, 1).flatten()
    return (met.argsort() + 1).numpy()


def distances(ensemble: Ensemble) -> tuple[Array, Array, Array]:
    """||w - w'||, the same over sqrt(||w||^2 + ||w'||^2), both (twins,), and that quotient for each layer, (layers, twins)."""
    apart, sizes = [], []
    for weights, biases in zip(ensemble.weights, ensemble.biases, strict=True):
        layer = torch.cat([weights.flatten(1), biases], dim=1)
        apart.append((layer[1:] - layer[0]).square().sum(1))
        sizes.append(layer[1:].square().sum(1) + layer[0].square().sum())
    squares, norms = torch.stack(apart).numpy(), torch.stack(sizes).numpy()
    return np.sqrt(squares.sum(axis=0)), np.sqrt(squares.sum(axis=0) / norms.sum(axis=0)), np.sqrt(squares / norms)


def _first(ensemble: Ensemble) -> Ensemble:
    """The network itself, without its twins, as an ensemble of one."""
    alone = Ensemble(WIDTHS, networks=[0], stream=ensemble.stream, dtype=torch.float64)
    for mine, theirs in zip(alone.parameters, ensemble.parameters, strict=True):
        mine.copy_(theirs[:1])
    return alone


def _constants(ensemble: Ensemble) -> dict[str, float]:
    """The largest gradient of an example and the largest change of a gradient over the distance, at the end: lower bounds of L and beta."""
    pool = population("digits")
    inputs, labels = torch.tensor(pool.inputs[:SEEN]), torch.tensor(pool.labels[:SEEN])
    gradients = [per_example_gradients(ensemble.extract(row), inputs, labels) for row in (0, 1)]
    distance = float(distances(ensemble)[0][0])
    change = float((gradients[0] - gradients[1]).norm(dim=1).max())
    return {"largest_gradient": float(gradients[0].norm(dim=1).max()), "largest_ratio": change / distance if distance else 0.0}
