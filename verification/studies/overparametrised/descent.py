"""Gradient descent against the dynamics of its tangent kernel: ReLU networks of any width and depth, and a smooth one with known constants.

For the loss (1/2) sum_i (f_i - y_i)^2 with D the matrix whose columns are the gradients of the outputs f_i, a step of size alpha gives
f_(t+1) - y = (I - alpha D^T D)(f_t - y) + r_t, where by Taylor's formula |r_t,i| <= (alpha^2/2) Lambda_i ||D (f_t - y)||^2 if the Hessian
of f_i has norm at most Lambda_i; so ||r_t|| <= (alpha^2/2) Lambda ||D (f_t - y)||^2 with Lambda^2 = sum_i Lambda_i^2.

The output i of x -> sum_j a_j tanh(<w_j, x>)/sqrt(m) with signs a_j that stay has a Hessian with one block tanh''(<w_j, x_i>) a_j x_i x_i^T
over sqrt(m) for each j. As |tanh''| = 2 |tanh| (1 - tanh^2) is at most 4/(3 sqrt 3), Lambda_i = 4/(3 sqrt 3) ||x_i||^2/sqrt(m).

The ReLU networks have standard normal weights, each layer times the root of 2 over its inputs (of 1 over them in the last layer): the
parametrisation in which the tangent kernel has a limit at infinite width.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.models.curvature import tangent_kernel
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.optimisation import arc_cosine_kernel, kernel_disagreement, trajectory
from genbounds.verification.populations.protocol import Array
from genbounds.verification.studies.overparametrised.cells import DIMENSION, POINTS, DescentCell, SmoothCell

CURVATURE = 4 / (3 * math.sqrt(3)) * (1 + 1e-15)
"""The largest value of |tanh''|, rounded up."""
CHECKED_WIDTH, CHECKED_POINTS = 32, 5
"""Up to this width, at so many examples, the kernel is measured in two ways."""


def examples(seed: int) -> tuple[Tensor, Tensor]:
    """Inputs on the unit sphere, (POINTS, DIMENSION), and signs."""
    stream = Stream(f"overparametrised {seed}", "examples")
    inputs = stream.normal([0], 0, POINTS * DIMENSION).double().reshape(POINTS, DIMENSION)
    signs = 2.0 * stream.sub("labels").integers([0], 0, POINTS, 2)[0].double() - 1
    return inputs / inputs.norm(dim=1, keepdim=True), signs


class Scaled(nn.Module):
    """x -> scale W x with standard normal weights W."""

    def __init__(self, weight: Tensor, scale: float) -> None:
        super().__init__()
        self.weight, self.scale = nn.Parameter(weight), scale

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs)."""
        return x @ self.weight.T * self.scale


def network(width: int, depth: int, seed: int) -> nn.Sequential:
    """A ReLU network in the parametrisation of the tangent kernel, float64."""
    layers: list[nn.Module] = []
    for place, (fan_in, fan_out) in enumerate(pairwise([DIMENSION, *[width] * depth, 1])):
        normals = Stream(f"overparametrised {seed}", f"layer {place}").normal([0], 0, fan_in * fan_out).double()
        layers += [Scaled(normals.reshape(fan_out, fan_in), math.sqrt((2 if place < depth else 1) / fan_in)), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def measure(cell: DescentCell) -> dict[str, Any]:
    """Norms of the residual at every step, as they are and as the kernel predicts them; drift; distance to the kernel of infinite width."""
    inputs, labels = examples(cell.seed)
    model = network(cell.width, cell.depth, cell.seed)
    kernel = np.array(tangent_kernel(model, inputs).matrix)
    values = np.linalg.eigvalsh(kernel)
    checked = cell.depth == 1 and cell.width <= CHECKED_WIDTH
    disagreement = kernel_disagreement(model, inputs[:CHECKED_POINTS]) if checked else None
    found = trajectory(model, inputs, labels, step=POINTS / float(values[-1]), steps=cell.steps)
    wanted = labels.numpy()
    return {
        "real": np.linalg.norm(found.real - wanted, axis=1).tolist(),
        "predicted": np.linalg.norm(found.predicted - wanted, axis=1).tolist(),
        "deviation": found.deviation,
        "drift": found.drift,
        "contraction": float(1 - values[0] / (2 * values[-1])),
        "infinite": distance_to_infinite(kernel, inputs) if cell.depth == 1 else None,
        "disagreement": disagreement,
    }


def distance_to_infinite(kernel: Array, inputs: Tensor) -> float:
    """The relative distance of the kernel of a network with one hidden layer from its mean, which is that of inputs sqrt(2/d) x."""
    limit = arc_cosine_kernel(inputs.numpy() * math.sqrt(2 / DIMENSION), 1, 1.0, 1.0)
    return float(np.linalg.norm(kernel - limit) / np.linalg.norm(limit))


def measure_smooth(cell: SmoothCell) -> dict[str, Any]:
    """The error term and its bound at every step, and what rounding can add to it."""
    inputs, labels = examples(cell.seed)
    stream = Stream(f"overparametrised {cell.seed}", "smooth")
    weights = stream.normal([0], 0, cell.width * DIMENSION).double().reshape(cell.width, DIMENSION)
    signs = 2.0 * stream.sub("signs").integers([0], 0, cell.width, 2)[0].double() - 1
    gram, root = inputs @ inputs.T, math.sqrt(cell.width)
    second = CURVATURE / root * float(inputs.square().sum(1).square().sum().sqrt())
    errors, bounds = [], []
    step = 1.0 / float(torch.linalg.eigvalsh(smooth_kernel(weights, inputs, gram))[-1])
    for _ in range(cell.steps):
        residual = smooth_outputs(weights, signs, inputs) - labels
        kernel = smooth_kernel(weights, inputs, gram)
        direction = kernel @ residual
        slopes = 1 - torch.tanh(inputs @ weights.T).square()
        weights = weights - step / root * (slopes * residual[:, None]).mul(signs).T @ inputs
        after = smooth_outputs(weights, signs, inputs) - labels
        errors.append(float((after - residual + step * direction).norm()))
        bounds.append(step**2 / 2 * second * float(residual @ direction))
    return {"errors": errors, "bounds": bounds}


def smooth_outputs(weights: Tensor, signs: Tensor, inputs: Tensor) -> Tensor:
    """(n,)."""
    return torch.tanh(inputs @ weights.T) @ signs / math.sqrt(len(signs))


def smooth_kernel(weights: Tensor, inputs: Tensor, gram: Tensor) -> Tensor:
    """D^T D, (n, n): the signs square to 1."""
    slopes = 1 - torch.tanh(inputs @ weights.T).square()
    return slopes @ slopes.T / len(weights) * gram
