"""What must not change, or must change in one direction, when the question is changed (A12).

``DeclaredDirections`` asks of any bound what its declaration says: an input named in ``increasing`` never lowers it, one in ``decreasing``
never raises it. ``changes`` asks of any measurement of a ReLU network that it is the same for the same function: hidden units in another
order, a rotation of the inputs that the first layer turns back, a unit scaled up and its outgoing weights down.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from genbounds.models.networks import DenseNetwork
from genbounds.verification.checks.matching import Match, read_inputs
from genbounds.verification.checks.reading import total
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array, generator
from genbounds.verification.scenarios.scenario import Size, World

ROUNDING = 1e-9
"""Two values of a bound that differ by less, relative, count as equal: its float program rounds to nearest."""
DELTAS = (0.9, 0.05, 1e-6)
WORLDS = {"thumbnail": 3, "full": 30}


class DeclaredDirections:
    """Each declared input is moved by an eighth (a whole number: doubled), all others as they are, on every sample of some worlds."""

    name: ClassVar[str] = "declared directions"
    exact: ClassVar[bool] = True

    def look(self, found: Match, size: Size, alpha: float) -> Finding | None:
        """The first move in the wrong direction; None where no world could be read. ``alpha`` is not used: nothing is drawn."""
        worlds = found.scenario.listed(size) or found.scenario.drawn(range(40))
        compared, label = 0, ""
        for world in worlds[: WORLDS[size]]:
            for delta in DELTAS if "delta" in found.bound.inputs else (None,):
                moves, wrong = directions(found, world, delta)
                compared += moves
                label = world.label
                if wrong:
                    level = None if delta is None else Fraction(delta)
                    return Finding(self.name, Verdict.REFUTED, None, None, world.label, level, compared, wrong)
        if not compared:
            return None
        said = f"none of {compared} moves of a declared input went the other way"
        return Finding(self.name, Verdict.NOT_REFUTED, None, None, label, None, compared, said)


def directions(found: Match, world: World, delta: float | None) -> tuple[int, str]:
    """How many values were compared in one world, and in words the first that moved against its declaration (or nothing)."""
    bound, declared = found.bound, found.bound.declaration
    inputs = read_inputs(found, {name: world.floats(name) for name in world.names()})
    inputs |= {name: default for name, default in bound.defaults.items() if name not in inputs}
    if delta is not None:
        inputs["delta"] = delta
    try:
        before = _values(found, inputs, len(world))
    except ValueError:  # the theorem's own premise
        return 0, ""
    compared = 0
    for names, sign in ((declared.increasing, 1.0), (declared.decreasing, -1.0)):
        for name in names:
            if name in declared.by_inclusion or name not in inputs:
                continue
            domain = bound.domains.get(name)
            for moved in _moved(np.asarray(inputs[name], dtype=float), whole=domain is not None and domain.whole):
                try:
                    after = _values(found, inputs | {name: moved}, len(world))
                except ValueError:  # out of the input's domain
                    continue
                up = np.sign(np.sum(moved - np.asarray(inputs[name], dtype=float)))
                with np.errstate(invalid="ignore"):
                    rise = sign * up * (after - before)
                    against = np.flatnonzero(rise < -ROUNDING * (1 + np.abs(before)))
                compared += len(before)
                if against.size:
                    sample = int(against[0])
                    way = "falls" if sign > 0 else "rises"
                    return compared, (
                        f"{bound.name} {way} in {name}: {before[sample]:.6g} becomes {after[sample]:.6g} in {world.label}, sample {sample}"
                        f" (delta = {delta})"
                    )
    return compared, ""


def _moved(value: Array, *, whole: bool) -> tuple[Array, ...]:
    return (2 * value,) if whole else (value * 1.125, value * 0.875)


def _values(found: Match, inputs: Mapping[str, Any], samples: int) -> Array:
    return np.broadcast_to(np.asarray(total(found.bound, found.form, inputs), dtype=float), (samples,))


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
