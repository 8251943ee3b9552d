"""Norms of what passes forwards and backwards through deep chains, compared with their bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genbounds.models.networks.activations import ACTIVATIONS
from genbounds.models.norms.spectral import spectral_bounds
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations.protocol import Array
from genbounds.verification.studies.backpropagation.recursion import Chain

ALLOWED = 1 + 1e-9
"""Factor for the rounding of norms and products of up to some hundred float64 factors."""


@dataclass(frozen=True)
class Normed:
    """A chain of ``depth`` square layers, all with the activation, with random weights, biases of variance 1/100, and a random input.

    Args:
        activation, residual: of the layers.
        scale: "unit" divides each matrix by its spectral norm; a number is the standard deviation of the entries times sqrt(width).
        depth, width: of the chain.
        seed: of the draw.
    """

    activation: str
    residual: bool
    scale: float | str
    depth: int = 30
    width: int = 20
    seed: int = 0


def chain_of(cells: Sequence[Normed]) -> tuple[Chain, Array, Tensor]:
    """The chains of cells that differ in their seed alone, upper bounds on the spectral norms (depth, K), and the inputs."""
    first, seeds = cells[0], [cell.seed for cell in cells]
    stream = Stream("backpropagation", f"{first.activation} {first.residual} {first.scale} {first.depth} {first.width}")
    weights, biases, norms = [], [], []
    for layer in range(first.depth):
        numbers = stream.sub(f"layer {layer}").normal(seeds, 0, first.width * (first.width + 1))
        numbers = numbers.view(len(seeds), first.width, first.width + 1)
        matrices = numbers[:, :, :-1] / first.width**0.5
        if first.scale == "unit":
            matrices = matrices / torch.linalg.matrix_norm(matrices, 2)[:, None, None]
        else:
            matrices = matrices * float(first.scale)
        weights.append(matrices)
        biases.append(numbers[:, :, -1] / 10)
        norms.append(spectral_bounds(matrices.numpy())[0])
    chain = Chain(weights, biases, first.activation, first.residual, last_is_linear=False)
    return chain, np.stack(norms), stream.sub("input").normal(seeds, 0, first.width)


def measure(cells: Sequence[Normed]) -> list[dict[str, Any]]:
    """Norms of delta_j and z_j by layer, their bounds, and how often a bound fails."""
    chain, norms, inputs = chain_of(cells)
    first = cells[0]
    values, before = chain.forward(inputs)
    top = Stream("backpropagation", "top").normal([cell.seed for cell in cells], 0, first.width)
    top = (top / top.norm(dim=1, keepdim=True))[:, :, None]
    deltas = torch.stack([one[:, :, 0].norm(dim=1) for one in chain.backward(values, before, top).deltas]).numpy()
    lipschitz = ACTIVATIONS[first.activation].lipschitz
    upper, lower = backward_bounds(lipschitz * norms, first.residual)
    sizes = torch.stack([one.norm(dim=1) for one in values]).numpy()
    biases = torch.stack([one.norm(dim=1) for one in chain.biases]).numpy()
    at_zero = ACTIVATIONS[first.activation].value_at_zero * first.width**0.5
    forward = forward_bounds(sizes, lipschitz * norms, lipschitz * biases, at_zero, first.residual)
    without = forward_bounds(sizes, lipschitz * norms, lipschitz * biases, 0.0, first.residual)
    return [
        {
            "deltas": deltas[:, row].tolist(),
            "upper": upper[:, row].tolist(),
            "lower": lower[:, row].tolist(),
            "values": sizes[:, row].tolist(),
            "forward": forward[:, row].tolist(),
            "without": without[:, row].tolist(),
            "mean_norm": float(np.exp(np.mean(np.log(norms[:, row])))),
        }
        for row in range(len(cells))
    ]


def backward_bounds(steps: Array, residual: bool) -> tuple[Array, Array]:
    """Upper and lower bounds on ||delta_j||, j = 1, ..., n + 1, where ||delta_(n+1)|| = 1.

    A layer with Lipschitz constant c = Lip(sigma) ||W|| multiplies the norm by at most c, a residual one by at most 1 + c and at least
    max(0, 1 - c).

    Args:
        steps: the constants c, (depth, K).

    >>> upper, lower = backward_bounds(np.array([[0.5], [0.25]]), residual=True)
    >>> upper.ravel().tolist(), lower.ravel().tolist()
    ([1.875, 1.25, 1.0], [0.375, 0.75, 1.0])
    """
    most = 1 + steps if residual else steps
    least = np.maximum(1 - steps, 0) if residual else np.zeros_like(steps)
    one = np.ones((1, steps.shape[1]))
    above, below = (np.concatenate([np.cumprod(factors[::-1], axis=0)[::-1], one]) for factors in (most, least))
    return above, below


def forward_bounds(sizes: Array, steps: Array, biases: Array, at_zero: float, residual: bool) -> Array:
    """For each layer a bound on ||z_(j+1)|| from the measured ||z_j||: c ||z_j|| + Lip ||b_j|| + ||sigma(0)||; residual: ||z_j|| more.

    Without ||sigma(0)|| it is true only if sigma(0) = 0: ||sigma(u)|| <= ||sigma(u) - sigma(0)|| + ||sigma(0)||.

    >>> forward_bounds(np.array([[2.0], [0.0]]), np.array([[0.25]]), np.array([[1.0]]), 0.5, False).tolist()
    [[2.0]]
    """
    return np.asarray(steps * sizes[:-1] + biases + at_zero + (sizes[:-1] if residual else 0.0))
