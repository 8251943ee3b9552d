"""What must not change when a network is written in another way (A12).

``changes`` asks of any measurement of a ReLU network that it is the same for the same function: hidden units in another order, a rotation
of the inputs that the first layer turns back, a unit scaled up and its outgoing weights down.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from genbounds.models.networks import DenseNetwork
from genbounds.verification.populations.protocol import generator

Measurement = Callable[[DenseNetwork, Tensor], Mapping[str, float]]
"""Numbers of a network and its inputs, by name."""


def permuted(network: DenseNetwork, inputs: Tensor, key: str = "order") -> tuple[DenseNetwork, Tensor]:
    """The same function with the units of each hidden layer in another order."""
    changed, random = copy.deepcopy(network), generator("permuted", key)
    with torch.no_grad():
        for position in range(len(network.layers) - 1):
            layer, following = changed.linear(position), changed.linear(position + 1)
            order = torch.from_numpy(random.permutation(layer.weight.shape[0]))
            layer.weight.copy_(layer.weight[order])
            if layer.bias is not None:
                layer.bias.copy_(layer.bias[order])
            following.weight.copy_(following.weight[:, order])
    return changed, inputs


def rotated(network: DenseNetwork, inputs: Tensor, key: str = "rotation") -> tuple[DenseNetwork, Tensor]:
    """The same scores on rotated inputs: the first layer turns them back."""
    changed, size = copy.deepcopy(network), inputs.shape[1]
    turn = torch.from_numpy(np.linalg.qr(generator("rotated", key).standard_normal((size, size)))[0]).to(inputs.dtype)
    with torch.no_grad():
        layer = changed.linear(0)
        layer.weight.copy_(layer.weight @ turn.T.to(layer.weight.dtype))
    return changed, inputs @ turn.T


def rescaled(network: DenseNetwork, inputs: Tensor, factor: float = 4.0) -> tuple[DenseNetwork, Tensor]:
    """The same function of a ReLU network: each hidden layer is multiplied, and the next divided, by a power of two."""
    changed = copy.deepcopy(network)
    with torch.no_grad():
        for position in range(len(network.layers) - 1):
            layer, following = changed.linear(position), changed.linear(position + 1)
            layer.weight.mul_(factor)
            if layer.bias is not None:
                layer.bias.mul_(factor)
            following.weight.div_(factor)
    return changed, inputs


TRANSFORMATIONS: dict[str, Callable[[DenseNetwork, Tensor], tuple[DenseNetwork, Tensor]]] = {
    "permuted": permuted,
    "rotated": rotated,
    "rescaled": rescaled,
}


def changes(measure: Measurement, network: DenseNetwork, inputs: Tensor) -> dict[str, dict[str, float]]:
    """By how much, relative, each number changes under each transformation.

    A theorem that claims an invariance is held to it: what should not change has a change of rounding size, about 1e-6 in float32.
    """
    before = measure(network, inputs)
    result = {}
    for name, transform in TRANSFORMATIONS.items():
        after = measure(*transform(network, inputs))
        result[name] = {key: abs(after[key] - value) / max(abs(value), 1e-300) for key, value in before.items()}
    return result
