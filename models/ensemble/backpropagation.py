"""Forward and backward pass of K dense networks at once, written by hand around batched matrix products.

Automatic differentiation of a small network spends its time on bookkeeping, and ``vmap(grad)`` on tensors it need not
make. Here each layer has one buffer for its result, every activation's derivative is read off that result, and the
product that makes a gradient adds it to where it is wanted (the weights themselves, a velocity, a sum over chunks).

Activations lie unit by unit, (K, width, B): then the forward product W h, the backward product W^T g, and, from a copy of
h that lies example by example, the weights' gradient g h^T all have the shape that is fast (see ``products``); biases are
added and summed along memory, and a softmax handles all examples of a network side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from genbounds.models.ensemble.products import add_product_, by_rows, is_small, multiply
from genbounds.models.networks.activations import Activation

_COPIED_OUTPUTS = 16


class Program(Protocol):
    """The forward and backward pass of K networks of one kind over batches of one size."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits (K, B, C) of inputs (K, B, d), or (1, B, d) for all, which the caller may overwrite."""

    def backward(self, gradient: Tensor, targets: Sequence[Tensor], beta: float) -> None:
        """Given d/dlogits of the last forward pass, set the target of each parameter to beta * target + its gradient."""


class Kind(Protocol):
    """A kind of network: how a stack of K of them is computed, given their stacked parameters."""

    def program(self, parameters: Sequence[Tensor], batch_size: int) -> Program:
        """The passes of these networks, whose parameters are used in place."""

    def widest(self) -> int:
        """The most numbers that an example takes in a layer."""


@dataclass(frozen=True)
class DenseKind:
    """Dense networks: see ``DensePass``; their parameters are the weights of all layers, then the biases if there are any."""

    widths: tuple[int, ...]
    activation: Activation
    blocks: tuple[bool, ...]
    tau: float

    def program(self, parameters: Sequence[Tensor], batch_size: int) -> Program:
        """A ``DensePass``."""
        layers = len(self.blocks)
        return DensePass(parameters[:layers], parameters[layers:], self.activation, self.blocks, self.tau, batch_size)

    def widest(self) -> int:
        """The largest width."""
        return max(self.widths)


class DensePass:
    """The passes of K dense networks over batches of B examples, with the layers' buffers allocated once.

    Args:
        weights: each layer's stacked weights (K, out, in), first layer first; used in place, never copied.
        biases: each layer's stacked biases (K, out), or an empty sequence.
        activation: of the hidden layers.
        blocks: for each layer, whether it is the branch of a residual block.
        tau: scale of the residual branches.
        batch_size: B.
    """

    def __init__(
        self,
        weights: Sequence[Tensor],
        biases: Sequence[Tensor],
        activation: Activation,
        blocks: Sequence[bool],
        tau: float,
        batch_size: int,
    ) -> None:
        self.weights, self.activation, self.blocks, self.tau = weights, activation, blocks, tau
        self.biases = [bias[:, :, None] for bias in biases]
        networks, device = len(weights[0]), weights[0].device

        def buffer(width: int) -> Tensor:
            return weights[0].new_empty((networks, width, batch_size))

        self.small = [is_small(weight.shape[1], weight.shape[2], batch_size, device) for weight in weights]
        self.results = [buffer(weight.shape[1]) for weight in weights]  # sigma(z) of the hidden layers; the logits
        self.sums = [buffer(w.shape[1]) if block else None for w, block in zip(weights, blocks, strict=True)]
        self.gradients = [buffer(weight.shape[1]) for weight in weights[:-1]]
        self.branches = {w.shape[1]: buffer(w.shape[1]) for w, block in zip(weights, blocks, strict=True) if block}
        self.updates: list[Tensor] = []
        self.inputs: list[Tensor] = []

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits (K, B, C) of inputs (K, B, in), or (1, B, in) for all, in a buffer that the next call overwrites."""
        hidden, last = by_rows(inputs, self.small[0]), len(self.results) - 1
        self.inputs = [inputs.mT]
        for position, result in enumerate(self.results):
            multiply(self.weights[position], hidden, result)
            if self.biases:
                result.add_(self.biases[position])
            if position == last:
                return result.mT
            self.activation.forward_(result)
            total = self.sums[position]
            hidden = result if total is None else torch.add(hidden, result, alpha=self.tau, out=total)
            self.inputs.append(hidden)
        raise AssertionError("a network has at least one layer")

    def backward(self, gradient: Tensor, targets: Sequence[Tensor], beta: float) -> None:
        """Given d/dlogits (K, B, C) of the last forward pass, set every target to beta * target + its gradient.

        The targets, one for each layer's weights and then one for each layer's biases, may be the parameters themselves: a
        layer's weights change only after their last use. The gradient's buffer is overwritten.
        """
        weights, biases = targets[: len(self.weights)], targets[len(self.weights) :]
        if not self.updates:
            self.updates = [torch.empty_like(w) if small else w for w, small in zip(self.weights, self.small, strict=True)]
        gradient = gradient.mT
        for position in range(len(self.weights) - 1, -1, -1):
            branch = gradient
            if self.blocks[position]:
                branch = torch.mul(gradient, self.tau, out=self.branches[gradient.shape[1]])
            if position < len(self.results) - 1:
                self.activation.backward_(branch, self.results[position])
            if position > 0:
                before = multiply(self.weights[position].mT, branch, self.gradients[position - 1])
                if self.blocks[position]:
                    before.add_(gradient)
                gradient = before
            # The inputs of the first layer lie example by example already; a copy for a few outputs would not pay.
            copied = self.small[position] and position > 0 and branch.shape[1] >= _COPIED_OUTPUTS
            add_product_(weights[position], beta, branch, by_rows(self.inputs[position], copied), self.updates[position])
            if biases:
                torch.add(branch.sum(dim=2), biases[position], alpha=beta, out=biases[position])
