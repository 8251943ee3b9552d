"""The recursions of backpropagation as the notes write them, for a stack of networks, each with an input of its own.

Layer j computes z_(j+1) = sigma(W_j z_j + b_j), a residual one z_(j+1) = z_j + sigma(W_j z_j + b_j), and the last layer has no activation.
With delta_(n+1) the gradient in the output, s_j = sigma'(W_j z_j + b_j) * delta_(j+1) gives delta_j = W_j^T s_j, and for a residual layer
delta_j = W_j^T s_j + delta_(j+1); the gradient in W_j is s_j z_j^T and that in b_j is s_j. With a unit vector for each output in place of
delta_(n+1) they are the Jacobians of the outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.networks.activations import ACTIVATIONS


@dataclass(frozen=True, eq=False)
class Chain:
    """A stack of K networks.

    Args:
        weights: (K, out, in) for each layer.
        biases: (K, out) for each layer.
        activation: of all layers but the last.
        residual: whether layers of equal widths, the last excepted, add their input.
        last_is_linear: whether the last layer has no activation; otherwise it is like the others.
    """

    weights: Sequence[Tensor]
    biases: Sequence[Tensor]
    activation: str
    residual: bool
    last_is_linear: bool = True

    def plain(self, layer: int) -> bool:
        """Whether the layer is affine."""
        return self.last_is_linear and layer == len(self.weights) - 1

    def skips(self, layer: int) -> bool:
        """Whether the layer adds its input."""
        weights = self.weights[layer]
        return self.residual and not self.plain(layer) and weights.shape[1] == weights.shape[2]

    def forward(self, inputs: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """z_1, ..., z_(n+1), and the pre-activations of all layers, of inputs (K, in); differentiable."""
        values, before = [inputs], []
        for layer, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            before.append((weights @ values[-1][:, :, None])[:, :, 0] + biases)
            after = before[-1] if self.plain(layer) else ACTIVATIONS[self.activation].module()(before[-1])
            values.append(values[-1] + after if self.skips(layer) else after)
        return values, before

    def backward(self, values: Sequence[Tensor], before: Sequence[Tensor], top: Tensor) -> Backward:
        """The recursion from ``top``, delta_(n+1), of shape (K, outputs, m): m vectors at once."""
        deltas, weights, biases = [top], list[Tensor](), list[Tensor]()
        for layer in range(len(self.weights) - 1, -1, -1):
            slope = torch.ones_like(before[layer]) if self.plain(layer) else derivative(self.activation, before[layer])
            s = slope[:, :, None] * deltas[0]
            weights.insert(0, torch.einsum("kom,ki->kmoi", s, values[layer]))
            biases.insert(0, s.mT)
            down = self.weights[layer].mT @ s
            deltas.insert(0, down + deltas[0] if self.skips(layer) else down)
        return Backward(deltas, weights, biases)


@dataclass(frozen=True, eq=False)
class Backward:
    """delta_1, ..., delta_(n+1), each (K, width, m); the gradients in the weights, each (K, m, out, in), and biases, each (K, m, out)."""

    deltas: Sequence[Tensor]
    weights: Sequence[Tensor]
    biases: Sequence[Tensor]


def derivative(activation: str, before: Tensor) -> Tensor:
    """sigma' at the pre-activations, by its formula.

    >>> derivative("sigmoid", torch.zeros(1)).item(), derivative("relu", torch.tensor([-1.0, 2.0])).tolist()
    (0.25, [0.0, 1.0])
    """
    if activation == "sigmoid":
        value = torch.sigmoid(before)
        return value * (1 - value)
    if activation == "tanh":
        return 1 - torch.tanh(before) ** 2
    if activation == "relu":
        return (before > 0).to(before.dtype)
    raise ValueError(f"activation must be sigmoid, tanh or relu, got {activation!r}: its derivative is not written here")
