"""Does a run of gradient descent do what its tangent kernel says? (A13)

The kernel is measured in two ways and compared with its value at infinite width; its drift over a run is measured; and the outputs of a
run on the squared error are compared with f_(t+1) - y = (I - a K/n)(f_t - y), which is exact for a linear model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.models.curvature import tangent_kernel, tangent_kernel_product
from genbounds.verification.populations.protocol import Array


def kernel_disagreement(model: nn.Module, inputs: Tensor) -> float:
    """The largest relative difference between the kernel from contracted Jacobians and that from products with unit vectors.

    For a network with one output. It is of rounding size, unless one of the two is wrong.

    >>> round(kernel_disagreement(nn.Linear(2, 1), torch.tensor([[3.0, 4.0], [0.0, 1.0]])), 12)
    0.0
    """
    matrix = np.array(tangent_kernel(model, inputs).matrix)
    units = torch.eye(len(inputs), dtype=torch.float64)
    columns = np.stack([tangent_kernel_product(model, inputs, unit[:, None])[:, 0].numpy() for unit in units], axis=1)
    return float(np.abs(matrix - columns).max() / np.abs(matrix).max())


def arc_cosine_kernel(inputs: Array, width: int, hidden_variance: float, output_variance: float) -> Array:
    """The mean tangent kernel of x -> sum_j a_j relu(<w_j, x>) over normal weights: exact at every width (Cho and Saul 2009).

    With t the angle of x and x', it is ||x|| ||x'|| times width/(2 pi) times hidden_variance (sin t + (pi - t) cos t) + output_variance
    (pi - t) cos t.

    Args:
        inputs: (n, d). width: hidden units. hidden_variance, output_variance: of the entries of w_j, and of a_j.

    >>> arc_cosine_kernel(np.array([[1.0, 0.0], [0.0, 1.0]]), 2, 1.0, 1.0).round(6).tolist()
    [[2.0, 0.31831], [0.31831, 2.0]]
    """
    norms = np.linalg.norm(inputs, axis=1)
    cosines = np.clip(inputs @ inputs.T / np.outer(norms, norms), -1.0, 1.0)
    angles = np.arccos(cosines)
    hidden = np.sin(angles) + (np.pi - angles) * cosines
    result = hidden_variance * hidden + output_variance * (np.pi - angles) * cosines
    return np.asarray(np.outer(norms, norms) * width / (2 * np.pi) * result)


def kernel_drift(before: Array, after: Array) -> float:
    """||K_T - K_0||_F/||K_0||_F.

    >>> kernel_drift(np.eye(2), 1.5 * np.eye(2))
    0.5
    """
    return float(np.linalg.norm(after - before) / np.linalg.norm(before))


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Outputs at every step, as measured and as the kernel of the start predicts them: (steps + 1, n) each; and the kernel's drift."""

    real: Array
    predicted: Array
    drift: float

    @property
    def deviation(self) -> float:
        """The largest distance between the two, over the largest distance that the outputs moved from their start."""
        moved = np.linalg.norm(self.real - self.real[0], axis=1).max()
        return float(np.linalg.norm(self.real - self.predicted, axis=1).max() / moved) if moved else 0.0


def trajectory(model: nn.Module, inputs: Tensor, targets: Tensor, *, step: float, steps: int) -> Trajectory:
    """Gradient descent on the mean of (f(x) - y)^2/2 over all examples, compared with what the tangent kernel of the start predicts.

    The model, with one output, is trained in place; give float64 parameters for a comparison to rounding.

    >>> model = nn.Linear(1, 1, bias=False).double()
    >>> x, y = torch.tensor([[1.0], [2.0]]).double(), torch.tensor([1.0, 2.0]).double()
    >>> round(trajectory(model, x, y, step=0.1, steps=5).deviation, 12)
    0.0
    """
    before = np.array(tangent_kernel(model, inputs).matrix)
    optimiser = torch.optim.SGD(model.parameters(), lr=step)
    real = []
    for _ in range(steps):
        outputs = model(inputs)[:, 0]
        real.append(outputs.detach().numpy().copy())
        optimiser.zero_grad()
        (0.5 * (outputs - targets).square().mean()).backward()
        optimiser.step()
    with torch.no_grad():
        real.append(model(inputs)[:, 0].numpy().copy())
    wanted, residual = targets.numpy(), real[0] - targets.numpy()
    predicted = [real[0]]
    for _ in range(steps):
        residual = residual - step / len(inputs) * (before @ residual)
        predicted.append(wanted + residual)
    return Trajectory(np.array(real), np.array(predicted), kernel_drift(before, np.array(tangent_kernel(model, inputs).matrix)))
