"""Narrow deep networks on the line, many at once, plain and residual side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from genbounds.verification.populations.protocol import Array

SLOPE = 0.01
"""Of LeakyReLU below zero."""


@dataclass(frozen=True, eq=False)
class Networks:
    """K networks of equal widths and activation: h -> kept h + sigma(h W + b) where the widths agree, sigma(h W + b) elsewhere.

    Args:
        weights: (K, in, out) for each layer, the last one without activation. ``biases``: (K, 1, out).
        activation: "leaky" or "tanh".
        kept: (K, 1, 1), 1 for residual networks and 0 for plain ones.
    """

    weights: Sequence[Tensor]
    biases: Sequence[Tensor]
    activation: str
    kept: Tensor

    def outputs(self, inputs: Tensor) -> Tensor:
        """The functions' values, (K, n), at the inputs: (n,) for all networks, or (K, n)."""
        state = inputs.expand(len(self.kept), -1)[:, :, None]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            branch = activated(torch.baddbmm(bias, state, weight), self.activation)
            state = torch.addcmul(branch, state, self.kept) if weight.shape[1] == weight.shape[2] else branch
        return torch.baddbmm(self.biases[-1], state, self.weights[-1])[:, :, 0]

    def rows(self, rows: Sequence[int] | Tensor) -> Networks:
        """Some of the networks."""
        chosen = torch.as_tensor(rows)
        weights, biases = ([part.detach()[chosen] for part in parts] for parts in (self.weights, self.biases))
        return Networks(weights, biases, self.activation, self.kept[chosen])

    def norms(self) -> Tensor:
        """The Euclidean norm of all parameters together, (K,)."""
        return torch.stack([part.detach().square().sum(dim=(1, 2)) for part in (*self.weights, *self.biases)]).sum(dim=0).sqrt()

    @property
    def parameters(self) -> int:
        """The number of parameters of one network."""
        return sum(part[0].numel() for part in (*self.weights, *self.biases))


def activated(values: Tensor, activation: str) -> Tensor:
    """The activation of each entry."""
    return torch.tanh(values) if activation == "tanh" else torch.nn.functional.leaky_relu(values, SLOPE)


def drawn(widths: Sequence[int], randoms: Sequence[np.random.Generator], activation: str, kept: Array, scales: Array) -> Networks:
    """Networks with weights and biases uniform on +-scale/sqrt(fan in) (PyTorch's law at scale 1); the output layer's scale is 1.

    Args:
        randoms: one generator for each network; equal ones give equal draws.
    """
    weights: list[Tensor] = []
    biases: list[Tensor] = []
    for place, (rows, columns) in enumerate(pairwise(widths)):
        draws = torch.tensor(np.array([random.uniform(-1, 1, (rows + 1, columns)) for random in randoms])) / math.sqrt(rows)
        if place < len(widths) - 2:
            draws = draws * torch.tensor(scales)[:, None, None]
        weights.append(draws[:, :rows].clone())
        biases.append(draws[:, rows:].clone())
    return Networks(weights, biases, activation, torch.tensor(kept)[:, None, None])


def trained(networks: Networks, inputs: Tensor, targets: Tensor, rates: Tensor, steps: int) -> tuple[Networks, Tensor]:
    """Minimise each network's mean squared error by Adam on all examples; the step size falls linearly over the second half.

    Args:
        inputs, targets: (K, n). ``rates``: (K,).

    Returns:
        The networks at the end, and their losses (K,); not finite where they diverged.
    """
    from genbounds.models.runtime.compiling import call  # here: numba takes half a second to import
    from genbounds.verification.studies.residual.descent import descend

    widths = np.array([*(weight.shape[1] for weight in networks.weights), networks.weights[-1].shape[2]])
    layers, widest, n = len(networks.weights), int(widths.max()), inputs.shape[1]
    parameters = np.zeros((len(networks.kept), layers, widest + 1, widest))
    for layer, (weight, bias) in enumerate(zip(networks.weights, networks.biases, strict=True)):
        parameters[:, layer, : weight.shape[1], : weight.shape[2]] = weight.numpy()
        parameters[:, layer, widest, : weight.shape[2]] = bias[:, 0].numpy()
    losses, kept = np.zeros((len(rates), steps + 1)), networks.kept[:, 0, 0].tolist()
    states, deltas, slopes = (np.zeros((count, widest, n)) for count in (layers + 1, layers + 1, layers))
    for k, rate in enumerate(rates.tolist()):
        states[0, 0] = inputs[k].numpy()
        buffers = (losses[k], states, slopes, deltas, np.zeros((3, *parameters[k].shape)))
        call(descend, parameters[k], widths, networks.activation == "tanh", kept[k], SLOPE, targets[k].numpy(), rate, *buffers)
    sizes = list(pairwise(widths.tolist()))
    moved = [torch.tensor(parameters[:, layer, :rows, :columns]) for layer, (rows, columns) in enumerate(sizes)]
    offsets = [torch.tensor(parameters[:, layer, widest:, :columns]) for layer, (_, columns) in enumerate(sizes)]
    return Networks(moved, offsets, networks.activation, networks.kept), torch.tensor(losses[:, -1])
