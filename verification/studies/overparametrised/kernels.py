"""Kernel regression: leave-one-out errors and what bounds them, and its accuracy compared with that of networks and random features."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch

from genbounds.bounds.stability import kernel_leave_one_out, minimum_norm_interpolation
from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.optimisation import arc_cosine_kernel
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array, generator
from genbounds.verification.studies.overparametrised.cells import DIMENSION, AccuracyCell, KernelCell

FRESH = 200
"""Fresh examples, on which the risk of an interpolant is estimated."""
RIDGE = 1e-3
"""Penalty of kernel regression and of random features on the digits, as a part of the mean of the kernel's diagonal."""


def measure(cell: KernelCell) -> dict[str, Any]:
    """For each size the means of leave-one-out error, risk and bound; over all sizes the largest violations of the two theorems."""
    rows: dict[str, list[float]] = {"risk": [], "leave_one_out": [], "bound": []}
    identity = inequality = 0.0
    for size in cell.sizes:
        found = [_one(size, draw, cell.seed) for draw in range(cell.draws)]
        for name in rows:
            rows[name].append(float(np.mean([one[name] for one in found])))
        identity = max(identity, *(one["identity"] for one in found))
        inequality = max(inequality, *(one["inequality"] for one in found))
    differences = [one["leave_one_out"] - one["risk_without_one"] for one in found]
    return {"sizes": list(cell.sizes), **rows, "identity": identity, "inequality": inequality, "differences": differences}


def _one(size: int, draw: int, seed: int) -> dict[str, float]:
    random = generator("kernel regression", size, draw, seed)
    inputs = random.standard_normal((size + FRESH, DIMENSION))
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    labels = targets(inputs)
    kernel = arc_cosine_kernel(inputs, 1, 1.0, 1.0)
    kernel = (kernel + kernel.T) / 2
    gram, y = kernel[:size, :size], labels[:size]
    errors = kernel_leave_one_out(gram, y)
    refits = [refit(gram, y, place) for place in range(size)]
    again, norms = np.array([error for error, _ in refits]), np.array([norm for _, norm in refits])
    weights = np.linalg.solve(gram, y)
    falls = np.diag(gram) * (y @ weights - norms)
    without = np.linalg.solve(gram[:-1, :-1], y[:-1])
    bound = minimum_norm_interpolation.value(radius=float(np.sqrt(np.diag(kernel).max())), expected_squared_norm=float(y @ weights), n=size)
    return {
        "risk": float(np.square(kernel[size:, :size] @ weights - labels[size:]).mean()),
        "risk_without_one": float(np.square(kernel[size:, : size - 1] @ without - labels[size:]).mean()),
        "leave_one_out": float(np.square(errors).mean()),
        "bound": float(bound),
        "identity": float(np.abs(errors - again).max() / np.abs(again).max()),
        "inequality": float((np.square(again) / falls).max()),
    }


def targets(inputs: Array) -> Array:
    """A smooth function on the sphere whose square has mean 1: x_1 sqrt(d)."""
    return np.asarray(inputs[:, 0] * np.sqrt(DIMENSION))


def refit(gram: Array, labels: Array, place: int) -> tuple[float, float]:
    """The error at one example of the interpolant of the others, and the squared norm of that interpolant."""
    others = np.delete(np.arange(len(labels)), place)
    weights = np.linalg.solve(gram[np.ix_(others, others)], labels[others])
    return float(labels[place] - gram[place, others] @ weights), float(labels[others] @ weights)


def accuracies(cell: AccuracyCell) -> dict[str, Any]:
    """The accuracy over the pool of networks, of regression with their mean kernel, and of the last layer alone: (samples,) each."""
    pool = population(cell.population)
    inputs, classes = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    drawn = np.stack([pool.sample(("overparametrised", cell.seed, sample), cell.n) for sample in range(cell.samples)])
    stream = Stream(f"overparametrised digits {cell.seed}", "training")
    ensemble = Ensemble([64, cell.width, 10], networks=cell.samples, stream=stream, bias=False, dtype=torch.float64)
    first = ensemble.weights[0].clone()
    steps, rows = cell.epochs * cell.n // 10, IndexSamples(torch.from_numpy(drawn))
    ensemble.train(inputs, classes, rows, steps=steps, batch_size=10, learning_rate=0.05, order="permutation")
    result: dict[str, list[float]] = {
        "network": (1 - ensemble.errors(inputs, classes).double() / pool.size).tolist(),
        "kernel": [],
        "features": [],
    }
    for sample, weights in zip(drawn, first, strict=True):
        hidden = torch.relu(inputs @ weights.T).numpy()
        for name, kernel in (("kernel", digits_kernel(cell.population, cell.width)), ("features", hidden @ hidden.T)):
            result[name].append(float((regression(kernel, sample, pool.labels) == pool.labels).mean()))
    return result


@cache
def digits_kernel(name: str, width: int) -> Array:
    """The mean tangent kernel over a pool, with the variances of the networks' weights: 2/64, and 1 over the width."""
    inputs = population(name).inputs
    return arc_cosine_kernel(inputs, width, 2 / inputs.shape[1], 1 / width)


def regression(kernel: Array, sample: Array, labels: Array) -> Array:
    """The class with the largest value, over the pool, of kernel regression on a sample, with one target for each class."""
    gram = kernel[np.ix_(sample, sample)]
    wanted = np.eye(10)[labels[sample]] - 0.1
    penalty = RIDGE * np.diag(gram).mean()
    return np.asarray((kernel[:, sample] @ np.linalg.solve(gram + penalty * np.eye(len(sample)), wanted)).argmax(axis=1))
