"""Condition numbers of Jacobians: of a linear head on features with a mean, and of a network whose inputs have one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.models.networks.dense import DenseNetwork
from genbounds.models.networks.normalisation import Normalisation, of_vectors
from genbounds.models.networks.normalised import NormalisedDenseNetwork
from genbounds.models.randomness.streams import Stream

Place = Literal["features", "network"]
Mean = Literal["common", "distinct"]
FEATURES, HIDDEN = 16, 32
ZERO = 1e-8
"""Singular values below this part of the largest are zero: normalisation takes away whole directions, along which nothing is learnt."""


@dataclass(frozen=True)
class NormCell:
    """One sample of features, or one network with its sample, at several means.

    Args:
        place: "features" have a linear head (so that the Jacobian holds the normalised features), "network" is a ReLU network of one
            hidden layer that is normalised before its activation, with the Jacobian in all parameters.
        mean: "common" to all features, or "distinct", a direction of the same length at random.
        normalisation: "none", or of the features, or of the hidden layer.
        scales: the means mu: the examples are mu v + z, z standard normal, v of norm sqrt(16).
        examples: in the sample.
        seed: of features, direction and first weights.
    """

    place: Place
    mean: Mean
    normalisation: Literal["none"] | Normalisation
    scales: tuple[float, ...]
    examples: int
    seed: int = 0


def result_of(cell: NormCell) -> dict[str, Any]:
    """The condition number and the rank of the Jacobian at each mean."""
    stream = Stream("normalisation", "features")
    noise = stream.sub("noise").normal([cell.seed], 0, cell.examples * FEATURES).view(cell.examples, FEATURES)
    direction = stream.sub("direction").normal([cell.seed], 0, FEATURES)[0]
    direction = torch.ones(FEATURES, dtype=torch.float64) if cell.mean == "common" else direction * FEATURES**0.5 / direction.norm()
    found = [condition(jacobian(cell, noise + scale * direction)) for scale in cell.scales]
    return {"conditions": [number for number, _ in found], "ranks": [rank for _, rank in found]}


def jacobian(cell: NormCell, inputs: Tensor) -> Tensor:
    """The Jacobian of the predictions in the parameters, (examples, parameters), float64."""
    kind: Normalisation | None = None if cell.normalisation == "none" else cell.normalisation
    if cell.place == "features":
        normalised: Tensor = of_vectors(kind, FEATURES, torch.float64, "cpu").train()(inputs)
        return normalised.detach()
    widths = [FEATURES, HIDDEN, 1]
    network: nn.Module
    if kind is None:
        network = DenseNetwork(widths, dtype=torch.float64).initialise(Stream("normalisation", "weights"), cell.seed)
    else:
        network = NormalisedDenseNetwork(widths, kind, dtype=torch.float64).initialise(Stream("normalisation", "weights"), cell.seed)
    return jacobian_of(network.train(), inputs)


def jacobian_of(network: nn.Module, inputs: Tensor) -> Tensor:
    """All derivatives of the scalar predictions of a whole batch, which batch normalisation ties together."""
    parameters = list(network.parameters())
    predictions = network(inputs).squeeze(1)
    directions = torch.eye(len(predictions), dtype=predictions.dtype)
    parts = torch.autograd.grad(predictions, parameters, directions, is_grads_batched=True)
    return torch.cat([part.flatten(1) for part in parts], dim=1).detach()


def condition(matrix: Tensor) -> tuple[float, int]:
    """The largest singular value over the least that is not zero among the 16 largest, and the number of those.

    A linear head has no more than 16. A network has, but with a large mean no unit changes its sign from example to example any more, the
    network is linear, and only those that belong to the 16 directions of its inputs are left to be compared.

    >>> condition(torch.diag(torch.tensor([6.0, 0.0, 2.0], dtype=torch.float64)))
    (3.0, 2)
    """
    values = torch.linalg.svdvals(matrix)[:FEATURES]
    kept = values[values > ZERO * values[0]]
    return float(kept[0] / kept[-1]), len(kept)


def theory(scale: float) -> float:
    """sqrt(1 + d mu^2): features mu v + z have the second moments I + mu^2 v v^T, whose eigenvalues are 1 + d mu^2 and 1."""
    return float(np.sqrt(1 + FEATURES * scale**2))
