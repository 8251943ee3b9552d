"""Forward and backward pass of K dense networks at once, written by hand around `torch.baddbmm`.

Automatic differentiation of a small network spends its time on bookkeeping, and `vmap(grad)` on tensors it need not
make. Here each layer has one buffer for its result, every activation's derivative is read off that result, and the
product that makes a gradient adds it to where it is wanted (the weights themselves, a velocity, a sum over chunks).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from genbounds.models.networks.activations import Activation


class DensePass:
    """The passes of K dense networks over batches of B examples, with all buffers allocated once.

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
        self.biases = [bias[:, None, :] for bias in biases]
        networks = len(weights[0])

        def buffer(width: int) -> Tensor:
            return weights[0].new_empty((networks, batch_size, width))

        self.results = [buffer(weight.shape[1]) for weight in weights[:-1]]  # sigma(z) of the hidden layers
        self.logits = weights[-1].new_empty((networks, weights[-1].shape[1], batch_size))  # class by class, see `Loss`
        self.sums = [buffer(w.shape[1]) if block else None for w, block in zip(weights, blocks, strict=True)]
        self.gradients = [buffer(weight.shape[1]) for weight in weights[:-1]]
        self.branches = {w.shape[1]: buffer(w.shape[1]) for w, block in zip(weights, blocks, strict=True) if block}
        self.inputs: list[Tensor] = []

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits (K, B, C) of inputs (K, B, in), in a buffer that the next call overwrites."""
        hidden = inputs
        self.inputs = [inputs]
        for position, result in enumerate(self.results):
            if self.biases:
                torch.baddbmm(self.biases[position], hidden, self.weights[position].mT, out=result)
            else:
                torch.bmm(hidden, self.weights[position].mT, out=result)
            self.activation.forward_(result)
            total = self.sums[position]
            hidden = result if total is None else torch.add(hidden, result, alpha=self.tau, out=total)
            self.inputs.append(hidden)
        if self.biases:
            torch.baddbmm(self.biases[-1].mT, self.weights[-1], hidden.mT, out=self.logits)
        else:
            torch.bmm(self.weights[-1], hidden.mT, out=self.logits)
        return self.logits.mT

    def backward(self, gradient: Tensor, weights: Sequence[Tensor], biases: Sequence[Tensor], beta: float) -> None:
        """Given d/dlogits (K, B, C) of the last forward pass, set every target to beta * target + its gradient.

        The targets may be the parameters themselves: a layer's weights change only after their last use. The gradient's
        buffer is overwritten.
        """
        for position in range(len(self.weights) - 1, -1, -1):
            branch = gradient
            if self.blocks[position]:
                branch = torch.mul(gradient, self.tau, out=self.branches[gradient.shape[2]])
            if position < len(self.results):
                self.activation.backward_(branch, self.results[position])
            if position > 0:
                before = self.gradients[position - 1]
                if self.blocks[position]:
                    torch.baddbmm(gradient, branch, self.weights[position], out=before)
                else:
                    torch.bmm(branch, self.weights[position], out=before)
                gradient = before
            weights[position].baddbmm_(branch.mT, self.inputs[position], beta=beta)
            if biases:
                if beta != 1.0:
                    biases[position].mul_(beta)
                biases[position].add_(branch.sum(dim=1))
