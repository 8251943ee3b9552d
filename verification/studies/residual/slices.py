"""Slices of the loss around a solution, in random directions with the norms of the solution's own filters (Li et al. 2018)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from genbounds.verification.populations.protocol import Array
from genbounds.verification.studies.residual.networks import Networks


def direction(networks: Networks, random: np.random.Generator) -> list[Tensor]:
    """For the one network of ``networks``: weights and biases of a random direction.

    A filter is what leads into one neuron, its bias included; each has the norm of the solution's filter.
    """
    weights, biases = [], []
    for weight, bias in zip(networks.weights, networks.biases, strict=True):
        own = torch.cat([weight[0], bias[0]])
        drawn = torch.tensor(random.standard_normal(own.shape))
        drawn = drawn * own.norm(dim=0) / drawn.norm(dim=0)
        weights.append(drawn[:-1])
        biases.append(drawn[-1:])
    return [*weights, *biases]


def losses_around(networks: Networks, directions: list[list[Tensor]], steps: Array, inputs: Tensor, targets: Tensor) -> Array:
    """The mean squared error at the solution plus sum_j steps[i, j] directions[j], (points,)."""
    moved = []
    for place, part in enumerate([*networks.weights, *networks.biases]):
        parts = torch.stack([one[place] for one in directions])
        moved.append(part[0] + torch.einsum("ij,jab->iab", torch.tensor(steps), parts))
    count = len(networks.weights)
    around = Networks(moved[:count], moved[count:], networks.activation, networks.kept.expand(len(steps), 1, 1))
    with torch.no_grad():
        return (around.outputs(inputs) - targets).square().mean(dim=1).numpy()


def smoothness_order(values: Array) -> float:
    """The power of the step with which the largest second difference falls when the step is halved: 2 for a smooth function, 1 at a kink.

    ``values`` at equal steps, an odd number of them; second differences at one and at two steps are compared.

    >>> import numpy as np
    >>> t = np.linspace(-1, 1, 401)
    >>> round(smoothness_order(np.sin(t)), 2), round(smoothness_order(np.abs(t)), 2)
    (2.0, 1.0)
    """
    fine, coarse = values, values[::2]
    largest = [float(np.abs(np.diff(part, 2)).max()) for part in (coarse, fine)]
    return float(np.log2(max(largest[0], 1e-300) / max(largest[1], 1e-300)))


def share_not_convex(values: Array) -> float:
    """The share of the inner points at which the second difference is negative.

    >>> import numpy as np
    >>> round(share_not_convex(np.cos(np.linspace(0, 2 * np.pi, 1001))), 1)
    0.5
    """
    return float((np.diff(values, 2) < 0).mean())
