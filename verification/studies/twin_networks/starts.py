"""One task from several starts: the curvature and the risk of each start, and the gap that training from it ends with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import grad, jvp, vmap

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.linear_models import double_below
from genbounds.verification.populations import population
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.twin_networks.cells import WIDTHS, Starts

SCALES = (0.5, 1.0, 2.0, 3.0)
"""Factors of the usual initial weights."""
WARM_EXAMPLES, WARM_STEPS = 200, 400
"""Of the training, on other examples, that every second start comes from."""
PRODUCTS = 25
"""Hessian-vector products of the power method; the norm that it gives is at most the true one, and within 5 % of it here."""


def measure(cell: Starts) -> dict[str, Any]:
    """Curvature and risk of each start and the gap after training from it, (tasks, 8): fresh starts first, then those trained before."""
    pool, key, each = population(cell.population), digest(cell), 2 * len(SCALES)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    stream = Stream(f"starts {key}", "training")
    ensemble = starting(cell, stream)
    seen = torch.from_numpy(pool.sample(key, cell.examples, purpose="curvature"))
    curvature = spectral_norms(ensemble, inputs[seen], labels[seen]).mean(dim=1)
    risk = ensemble.mean_loss(inputs, labels)
    drawn = np.repeat([pool.sample((key, task), cell.n) for task in range(cell.tasks)], each, axis=0)
    samples, steps = IndexSamples(torch.from_numpy(drawn)), cell.passes * cell.n
    ensemble.train(inputs, labels, samples, steps=steps, batch_size=1, order="permutation", learning_rate=double_below(cell.step))
    gap = ensemble.mean_loss(inputs, labels) - ensemble.mean_loss(inputs, labels, samples)
    return {name: values.reshape(cell.tasks, each).tolist() for name, values in (("curvature", curvature), ("risk", risk), ("gap", gap))}


def starting(cell: Starts, stream: Stream) -> Ensemble:
    """The networks before they see their samples: for each task the factors of ``SCALES``, fresh and then trained on other examples."""
    pool, tasks, scales = population(cell.population), range(cell.tasks), len(SCALES)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    fresh, warm = (_scaled(np.repeat(tasks, scales).tolist(), stream) for _ in range(2))
    others = np.repeat([pool.sample((digest(cell), task), WARM_EXAMPLES, purpose="other examples") for task in tasks], scales, axis=0)
    warm.train(
        inputs,
        labels,
        IndexSamples(torch.from_numpy(others)),
        steps=WARM_STEPS,
        batch_size=1,
        order="permutation",
        learning_rate=double_below(cell.step),
    )
    # Indices beyond those of the starts: the order of the sample has nothing to do with the order before.
    ensemble = Ensemble(WIDTHS, "tanh", networks=(np.repeat(tasks, 2 * scales) + cell.tasks).tolist(), stream=stream, dtype=torch.float64)
    for mine, first, second in zip(ensemble.parameters, fresh.parameters, warm.parameters, strict=True):
        both = [one.reshape(cell.tasks, scales, *one.shape[1:]) for one in (first, second)]
        mine.copy_(torch.cat(both, dim=1).reshape(mine.shape))
    return ensemble


def spectral_norms(ensemble: Ensemble, inputs: Tensor, labels: Tensor) -> Tensor:
    """The spectral norm of the Hessian of the cross-entropy of each example for each network, (K, examples), by the power method.

    It is what ``genbounds.models.curvature.initial_curvature`` takes the mean of, for all networks and examples at once.
    """
    parameters = tuple(ensemble.parameters)

    def loss(values: tuple[Tensor, ...], x: Tensor, y: Tensor) -> Tensor:
        layers = len(values) // 2
        for weight, bias in zip(values[: layers - 1], values[layers:-1], strict=True):
            x = torch.tanh(weight @ x + bias)
        return torch.nn.functional.cross_entropy((values[layers - 1] @ x + values[-1])[None], y[None])

    def product(values: tuple[Tensor, ...], x: Tensor, y: Tensor, vector: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = jvp(lambda at: grad(loss)(at, x, y), (values,), (vector,))[1]
        return found

    each = vmap(vmap(product, in_dims=(None, 0, 0, 0)), in_dims=(0, None, None, 0))
    stream = Stream("power method", "starting vectors")
    sizes = [parameter[0].numel() for parameter in parameters]
    start = torch.split(stream.normal([0], 0, sum(sizes))[0].double(), sizes)
    vectors = tuple(
        part.reshape(parameter.shape[1:]).expand(len(ensemble), len(inputs), *parameter.shape[1:])
        for part, parameter in zip(start, parameters, strict=True)
    )
    length = _length(vectors)
    for _ in range(PRODUCTS):
        scaled = tuple(v / length.clamp(min=1e-300).reshape(*length.shape, *[1] * (v.dim() - 2)) for v in vectors)
        vectors = each(parameters, inputs, labels, scaled)
        length = _length(vectors)
    return length


def _length(vectors: tuple[Tensor, ...]) -> Tensor:
    squares = [v.flatten(2).square().sum(2) for v in vectors]
    return torch.stack(squares).sum(0).sqrt()


def _scaled(networks: list[int], stream: Stream) -> Ensemble:
    """Networks with these indices, the weights of each times its factor."""
    ensemble = Ensemble(WIDTHS, "tanh", networks=networks, stream=stream, dtype=torch.float64)
    factors = torch.tensor(SCALES, dtype=torch.float64).repeat(len(networks) // len(SCALES))
    for weights in ensemble.weights:
        weights.mul_(factors[:, None, None])
    return ensemble
