"""The recursions against automatic differentiation and against difference quotients, entry by entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from genbounds.models.randomness.streams import Stream
from genbounds.verification.studies.backpropagation.recursion import Backward, Chain

STEP = 1e-5
"""Of the difference quotients (f(t + h) - f(t - h))/(2 h): their error is of order h^2 + 1e-16/h."""


@dataclass(frozen=True)
class Checked:
    """One network of random weights and biases, and one random input.

    Args:
        activation: sigmoid, tanh or relu.
        residual: whether hidden layers of equal widths add their input.
        widths: inputs, hidden, outputs.
        seed: of the draw.
    """

    activation: str
    residual: bool
    widths: tuple[int, ...] = (3, 5, 5, 5, 2)
    seed: int = 0


def drawn(cells: Sequence[Checked]) -> tuple[Chain, Tensor]:
    """The networks of cells that differ in their seed alone, weights of variance 1/fan-in, biases of variance 1/4, and their inputs."""
    first, seeds = cells[0], [cell.seed for cell in cells]
    stream = Stream("backpropagation", f"{first.activation} {first.residual}")
    weights, biases = [], []
    for layer, (fan_in, fan_out) in enumerate(pairwise(first.widths)):
        numbers = stream.sub(f"layer {layer}").normal(seeds, 0, fan_out * (fan_in + 1)).view(len(seeds), fan_out, fan_in + 1)
        weights.append(numbers[:, :, :-1] / fan_in**0.5)
        biases.append(numbers[:, :, -1] / 2)
    return Chain(weights, biases, first.activation, first.residual), stream.sub("input").normal(seeds, 0, first.widths[0])


def compare(cells: Sequence[Checked]) -> list[dict[str, Any]]:
    """What ``errors_of`` says of the recursion of these networks."""
    chain, inputs = drawn(cells)
    return errors_of(chain, inputs, jacobians(chain, *chain.forward(inputs)))


def jacobians(chain: Chain, values: Sequence[Tensor], before: Sequence[Tensor]) -> Backward:
    """The recursion from a unit vector for each output."""
    units = torch.eye(values[-1].shape[1], dtype=values[-1].dtype)
    return chain.backward(values, before, units.expand(len(values[-1]), -1, -1))


def errors_of(chain: Chain, inputs: Tensor, ours: Backward) -> list[dict[str, Any]]:
    """Largest errors, relative to the largest entry: of the vectors delta_j and of both Jacobians; and of the difference quotients.

    The last is None where a step of a quotient crossed a kink of a ReLU.
    """
    theirs = automatic(chain, inputs)
    quotients, kinks = difference_quotients(chain, inputs)
    return [
        {
            "deltas": _error(ours.deltas, theirs.deltas, row),
            "weights": _error(ours.weights, theirs.weights, row),
            "biases": _error(ours.biases, theirs.biases, row),
            "quotients": None if kinks[row] else _error_of_all([*ours.weights, *ours.biases], [*quotients.weights, *quotients.biases], row),
            "entries": sum(one[row].numel() for one in (*ours.weights, *ours.biases)),
        }
        for row in range(len(inputs))
    ]


def automatic(chain: Chain, inputs: Tensor) -> Backward:
    """What torch's automatic differentiation gives, output by output."""
    leaves = [one.clone().requires_grad_() for one in (*chain.weights, *chain.biases)]
    layers = len(chain.weights)
    watched = Chain(leaves[:layers], leaves[layers:], chain.activation, chain.residual, chain.last_is_linear)
    values, _ = watched.forward(inputs.clone().requires_grad_())
    wanted = [*values, *leaves]
    found = [torch.autograd.grad(values[-1][:, output].sum(), wanted, retain_graph=True) for output in range(values[-1].shape[1])]
    stacked = [torch.stack(list(one), dim=1) for one in zip(*found, strict=True)]
    deltas = [one.mT for one in stacked[: layers + 1]]
    return Backward(deltas, stacked[layers + 1 : 2 * layers + 1], stacked[2 * layers + 1 :])


def difference_quotients(chain: Chain, inputs: Tensor) -> tuple[Backward, list[bool]]:
    """Central difference quotients in every weight and bias, and for each network whether a step crossed a kink of a ReLU."""
    layers, networks = len(chain.weights), len(inputs)
    parameters = [*chain.weights, *chain.biases]
    jacobians: list[Tensor] = []
    crossed = torch.zeros(networks, dtype=torch.bool)
    signs = [one > 0 for one in chain.forward(inputs)[1]]
    for place, parameter in enumerate(parameters):
        size = parameter[0].numel()
        moves = torch.cat([torch.eye(size, dtype=inputs.dtype), -torch.eye(size, dtype=inputs.dtype)]) * STEP
        # Copy r of a network has entry r of this parameter moved: (K, 2 size, ...) flattened to one stack.
        copies = [one[:, None].expand(-1, 2 * size, *one.shape[1:]).flatten(0, 1) for one in parameters]
        copies[place] = copies[place] + moves.repeat(networks, 1).view_as(copies[place])
        moved = Chain(copies[:layers], copies[layers:], chain.activation, chain.residual, chain.last_is_linear)
        values, before = moved.forward(inputs[:, None].expand(-1, 2 * size, -1).flatten(0, 1))
        for sign, one in zip(signs, before[: layers - 1], strict=False):
            crossed |= ((one > 0).view(networks, 2 * size, -1) != sign[:, None]).flatten(1).any(dim=1)
        ends = values[-1].view(networks, 2, size, -1)
        quotient = (ends[:, 0] - ends[:, 1]) / (2 * STEP)
        jacobians.append(quotient.mT.reshape(networks, -1, *parameter.shape[1:]))
    kinks = (crossed & torch.tensor(chain.activation == "relu")).tolist()
    return Backward([], jacobians[:layers], jacobians[layers:]), kinks


def _error(ours: Sequence[Tensor], theirs: Sequence[Tensor], row: int) -> float:
    """The largest difference of each tensor over its largest entry; the largest of these."""
    return max(_difference(mine[row], one[row]) / (float(one[row].abs().max()) or 1.0) for mine, one in zip(ours, theirs, strict=True))


def _error_of_all(ours: Sequence[Tensor], theirs: Sequence[Tensor], row: int) -> float:
    """The largest difference over the largest entry of all tensors, for quotients: their error is not relative."""
    largest = max(float(one[row].abs().max()) for one in theirs) or 1.0
    return max(_difference(mine[row], one[row]) for mine, one in zip(ours, theirs, strict=True)) / largest


def _difference(mine: Tensor, one: Tensor) -> float:
    return float((mine - one).abs().max())
