"""Measures of flatness of ReLU networks x -> B relu(A x) without biases under cross-entropy, for K networks at once.

With hidden values h, slopes D (0 or 1), outputs f, probabilities p and S = diag(p) - p p^T, the network is linear in each of its matrices,
so that the diagonal blocks of the Hessian of an example's loss are S (x) h h^T for B and (D B^T S B D) (x) x x^T for A, wherever it exists.
So its trace is ||h||^2 tr S + ||x||^2 tr(D B^T S B D). The gradients are (p - y) h^T and D B^T (p - y) x^T.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import grad, jvp

from genbounds.bounds.measures import normalized_flatness

PRODUCTS = 30
"""Hessian-vector products of the power method; the eigenvalue that it gives is at most the largest one."""
SCALE = 1.0
"""lambda of the normalised flatness: it is a factor of all values."""


@dataclass(frozen=True, eq=False)
class Layers:
    """First matrices (K, m, d) and second ones (K, C, m)."""

    first: Tensor
    second: Tensor

    def scaled(self, factor: Tensor | float) -> Layers:
        """The same functions: the first matrix times c, the second over c; one c for all or one for each network, (K, 1, 1)."""
        return Layers(self.first * factor, self.second / factor)

    def outputs(self, inputs: Tensor) -> Tensor:
        """(K, n, C) for inputs (K, n, d)."""
        return torch.relu(inputs @ self.first.mT) @ self.second.mT


@dataclass(frozen=True, eq=False)
class Moments:
    """Of each network: traces of the two diagonal blocks (K,), norms of the gradients of its examples (K, n), Fisher-Rao norm (K,)."""

    first_trace: Tensor
    second_trace: Tensor
    gradients: Tensor
    fisher: Tensor


def moments(layers: Layers, inputs: Tensor, labels: Tensor) -> Moments:
    """By the formulas above; the Fisher-Rao norm is the root of the mean of (2 <p - y, f>)^2 (Liang et al. 2019, Theorem 3.1).

    Args:
        inputs: (K, n, d). labels: (K, n).
    """
    values = inputs @ layers.first.mT
    slopes, hidden = (values > 0).to(values.dtype), torch.relu(values)
    outputs = hidden @ layers.second.mT
    law = outputs.softmax(dim=-1)
    wrong = law - torch.nn.functional.one_hot(labels, outputs.shape[-1]).to(law.dtype)
    spread = law @ layers.second.square() - (law @ layers.second).square()  # of the rows of B under p: the diagonal of B^T S B
    lengths = inputs.square().sum(-1)
    second = hidden.square().sum(-1) * (1 - law.square().sum(-1))
    first = lengths * (slopes * spread).sum(-1)
    back = slopes * (wrong @ layers.second)
    squares = wrong.square().sum(-1) * hidden.square().sum(-1) + back.square().sum(-1) * lengths
    fisher = (2 * (wrong * outputs).sum(-1)).square().mean(-1).sqrt()
    return Moments(first.mean(-1), second.mean(-1), squares.sqrt(), fisher)


def normalised(layers: Layers, found: Moments) -> list[float]:
    """The normalised flatness of each network, with a_l half the trace of the block."""
    result = []
    for a, b, first, second in zip(layers.first, layers.second, found.first_trace, found.second_trace, strict=True):
        norms, flatness = [float(a.norm()), float(b.norm())], [max(0.0, float(first)) / 2, max(0.0, float(second)) / 2]
        result.append(normalized_flatness(frobenius_norms=norms, flatness=flatness, scale=SCALE).value)
    return result


def second_block(layers: Layers, inputs: Tensor) -> Tensor:
    """The largest eigenvalue of the diagonal block of the second matrix, the mean of S (x) h h^T: (K,)."""
    hidden = torch.relu(inputs @ layers.first.mT)
    law = (hidden @ layers.second.mT).softmax(dim=-1)
    spread = torch.diag_embed(law) - law[..., :, None] * law[..., None, :]
    block = torch.einsum("knab,kni,knj->kaibj", spread, hidden, hidden) / inputs.shape[1]
    size = law.shape[-1] * hidden.shape[-1]
    top: Tensor = torch.linalg.eigvalsh(block.reshape(len(block), size, size))[:, -1]
    return top


def mean_losses(first: Tensor, second: Tensor, inputs: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of each network over its examples: (K,)."""
    outputs = Layers(first, second).outputs(inputs)
    return torch.nn.functional.cross_entropy(outputs.transpose(1, 2), labels, reduction="none").mean(-1)


def top_eigenvalues(layers: Layers, inputs: Tensor, labels: Tensor) -> Tensor:
    """The largest eigenvalue of the Hessian of the mean loss, (K,), by the power method: a lower bound of it, near it."""

    def total(first: Tensor, second: Tensor) -> Tensor:
        return mean_losses(first, second, inputs, labels).sum()  # the networks share nothing: one gradient holds all

    random = torch.Generator().manual_seed(0)
    at = (layers.first, layers.second)
    vectors = tuple(torch.randn(one.shape, dtype=one.dtype, generator=random) for one in at)
    quotient = layers.first.new_zeros(len(layers.first))
    for _ in range(PRODUCTS):
        length = sum(v.square().sum((1, 2)) for v in vectors).sqrt().clamp(min=1e-300)[:, None, None]  # type: ignore[union-attr]
        vectors = tuple(v / length for v in vectors)
        images: tuple[Tensor, ...] = jvp(grad(total, argnums=(0, 1)), at, vectors)[1]
        quotient = torch.stack([(v * image).sum((1, 2)) for v, image in zip(vectors, images, strict=True)]).sum(0)
        vectors = images
    return quotient
