"""Training and measuring of the three kinds of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import grad, vmap

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.studies.flatness import gibbs, measures
from genbounds.verification.studies.flatness.cells import GridCell, N, PairsCell, ScalesCell
from genbounds.verification.studies.flatness.measures import Layers


def grid(cell: GridCell) -> dict[str, Any]:
    """All measures, the kl bounds and the gap of each network of a setting."""
    pool = population(cell.population)
    inputs, classes = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    stream = Stream(f"flatness {cell.seed}", "training")
    drawn = samples(cell.population, cell.seed, cell.networks)
    ensemble = Ensemble([64, cell.width, 10], networks=cell.networks, stream=stream, bias=False, dtype=torch.float64)
    start = layers_of(ensemble)
    steps = cell.epochs * N // cell.batch
    rows = IndexSamples(drawn)
    ensemble.train(
        inputs, classes, rows, steps=steps, batch_size=cell.batch, learning_rate=cell.step, weight_decay=cell.decay, order="permutation"
    )
    trained, x, y = layers_of(ensemble), inputs[drawn], classes[drawn]
    found = measures.moments(trained, x, y)
    noise = stream.sub(f"width {cell.width}, batch {cell.batch}, step {cell.step}, decay {cell.decay}")
    return {
        "sharpness": measures.top_eigenvalues(trained, x, y).tolist(),
        "trace": (found.first_trace + found.second_trace).tolist(),
        "normalised": measures.normalised(trained, found),
        "gradient": found.gradients.mean(dim=1).tolist(),
        "fisher": found.fisher.tolist(),
        "gap": error_gaps(trained, inputs, classes, x, y),
        **gibbs.kl_bounds(trained, start, x, y, inputs, classes, cell.pairs, noise),
    }


def scales(cell: ScalesCell) -> dict[str, Any]:
    """The measures of one function in several scales, over their values as trained, and what the theorems need."""
    pool = population(cell.population)
    inputs, classes = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    drawn = samples(cell.population, cell.seed, 1)
    stream = Stream(f"flatness {cell.seed}", "training")
    ensemble = Ensemble([64, cell.width, 10], networks=1, stream=stream, bias=False, dtype=torch.float64)
    ensemble.train(inputs, classes, IndexSamples(drawn), steps=cell.epochs * N, batch_size=1, learning_rate=0.05, order="permutation")
    factors = torch.tensor([2.0**k for k in cell.exponents], dtype=torch.float64)[:, None, None]
    one = layers_of(ensemble)
    layers = one.scaled(factors)
    x, y = (both[drawn].expand(len(factors), *both[drawn].shape[1:]) for both in (inputs, classes))
    found = measures.moments(layers, x, y)
    return {
        "changed": float((layers.outputs(inputs[None]) - one.outputs(inputs[None])).abs().max()),
        "block": measures.second_block(layers, x).tolist(),
        "sharpness": measures.top_eigenvalues(layers, x, y).tolist(),
        "trace": (found.first_trace + found.second_trace).tolist(),
        "normalised": measures.normalised(layers, found),
        "gradient": found.gradients.mean(dim=1).tolist(),
        "fisher": found.fisher.tolist(),
        "fisher_by_gradients": fisher_by_gradients(layers, x, y).tolist(),
    }


def fisher_by_gradients(layers: Layers, inputs: Tensor, labels: Tensor) -> Tensor:
    """The root of the mean of <w, gradient>^2 over the examples, by autograd: (K,)."""

    def loss(first: Tensor, second: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return torch.nn.functional.cross_entropy((second @ torch.relu(first @ x))[None], y[None])

    each = vmap(vmap(grad(loss, argnums=(0, 1)), in_dims=(None, None, 0, 0)))
    by_first, by_second = each(layers.first, layers.second, inputs, labels)
    products = (by_first * layers.first[:, None]).sum((2, 3)) + (by_second * layers.second[:, None]).sum((2, 3))
    norms: Tensor = products.square().mean(dim=1).sqrt()
    return norms


def pairs(cell: PairsCell) -> dict[str, Any]:
    """Two solutions for each sample, rescaled to the same trace of the Hessian: gradients of examples, gaps and losses, (2, pairs) each."""
    pool = population(cell.population)
    inputs, classes = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    drawn = samples(cell.population, cell.seed, cell.pairs)
    x, y = inputs[drawn], classes[drawn]
    solutions = []
    for width in (cell.wide, cell.narrow):
        stream = Stream(f"flatness pairs {cell.seed}", "training")
        ensemble = Ensemble([64, width, 10], networks=cell.pairs, stream=stream, bias=False, dtype=torch.float64)
        ensemble.train(inputs, classes, IndexSamples(drawn), steps=cell.steps, learning_rate=cell.step, order="full")
        solutions.append(layers_of(ensemble))
    levelled = equally_flat(solutions, x, y)
    found = [measures.moments(layers, x, y) for layers in levelled]
    mean_gradients = [grad(lambda a, b: measures.mean_losses(a, b, x, y).sum(), argnums=(0, 1))(one.first, one.second) for one in levelled]
    return {
        "trace": [(one.first_trace + one.second_trace).tolist() for one in found],
        "gradient": [one.gradients.mean(dim=1).tolist() for one in found],
        "mean_gradient": [sum(part.square().sum((1, 2)) for part in parts).sqrt().tolist() for parts in mean_gradients],
        "gap": [error_gaps(layers, inputs, classes, x, y) for layers in levelled],
        "risk": [_error(layers, inputs[None], classes[None]).tolist() for layers in levelled],
        "loss": [measures.mean_losses(layers.first, layers.second, x, y).tolist() for layers in levelled],
    }


def equally_flat(solutions: Sequence[Layers], inputs: Tensor, labels: Tensor) -> list[Layers]:
    """The same functions, scaled so that the traces of their Hessians agree.

    The trace at scale c is a/c^2 + b c^2, which takes every value from 2 sqrt(a b) on: the largest of these minima is taken for all.
    """
    found = [measures.moments(layers, inputs, labels) for layers in solutions]
    least = torch.stack([2 * (one.first_trace * one.second_trace).sqrt() for one in found]).amax(0)
    result = []
    for layers, one in zip(solutions, found, strict=True):
        root = (least.square() - 4 * one.first_trace * one.second_trace).clamp(min=0.0).sqrt()
        result.append(layers.scaled(((least + root) / (2 * one.second_trace)).sqrt()[:, None, None]))
    return result


def samples(name: str, seed: int, count: int) -> Tensor:
    """So many samples of the population, (count, N)."""
    return torch.from_numpy(np.stack([population(name).sample(("flatness", seed, network), N) for network in range(count)]))


def layers_of(ensemble: Ensemble) -> Layers:
    """Copies of the two matrices of all networks."""
    first, second = ensemble.weights
    return Layers(first.clone(), second.clone())


def error_gaps(layers: Layers, pool: Tensor, classes: Tensor, sample: Tensor, labels: Tensor) -> list[float]:
    """The error rate on the pool minus that on the network's own sample."""
    gaps: Array = (_error(layers, pool[None], classes[None]) - _error(layers, sample, labels)).numpy()
    return [float(gap) for gap in gaps]


def _error(layers: Layers, inputs: Tensor, labels: Tensor) -> Tensor:
    return (layers.outputs(inputs).argmax(-1) != labels).double().mean(-1)
