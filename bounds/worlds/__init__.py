"""The number worlds: a formula is written once and read with floats, tensors, balls or symbols.

``World`` (``worlds/protocol.py``) lists what a formula may call, one docstring per member.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from genbounds.bounds.worlds.balls import BALLS, BallWorld
from genbounds.bounds.worlds.floats import FLOATS, FloatWorld
from genbounds.bounds.worlds.protocol import MEMBERS, Number, World


class ArrayWorld(Protocol):
    """What a world of arrays adds: how inputs are brought to one kind, and how results are handed back.

    >>> callable(array_world({"n": 10}).adopt)
    True
    """

    def adopt(self, inputs: dict[str, Any], vectors: frozenset[str]) -> tuple[Any, dict[str, Any]]:
        """Return the world's ``math`` object and the lifted inputs."""
        ...

    def hand_back(self, value: Any, inputs: dict[str, Any]) -> Any:
        """The value in the kind of number that the ``inputs`` of the call are of, rounded up where that is narrower."""
        ...

    def to_numpy(self, value: Any) -> np.ndarray:
        """A float64 numpy copy of a lifted input, for validation and searches."""
        ...


_READS_TENSORS = "genbounds.models"
"""Imported by name when a tensor arrives: this package does not depend on torch."""

_registered: list[tuple[Callable[[Any], bool], ArrayWorld]] = []


def register_world(handles: Callable[[Any], bool], world: ArrayWorld) -> None:
    """Register a world of arrays (torch does so when ``genbounds.models`` is imported).

    ``array_world`` chooses among the registered ones.

    ``handles(value)`` says whether an input belongs to that world; one such input is enough to choose it. ``world.adopt(inputs,
    vectors)`` gets all inputs of a call (the foreign ones, ints, Fractions, floats, numpy arrays), brings them to one dtype and device
    and returns ``(math, lifted)``, where ``math`` has the members listed in ``MEMBERS``; ``vectors`` names the inputs whose last axis is
    the layer. ``world.to_numpy(lifted_value)`` gives a detached float64 copy, and ``world.hand_back(value, inputs)`` the result as the
    caller gets it. Registering a second world of the same class replaces the
    first.
    """
    _registered[:] = [(h, w) for h, w in _registered if type(w) is not type(world)]
    _registered.append((handles, world))


def array_world(inputs: dict[str, Any]) -> ArrayWorld:
    """The world that reads these inputs: a registered one if any input belongs to it, numpy's otherwise.

    A torch tensor loads the package that reads tensors; ``TypeError`` where that is not installed.

    >>> type(array_world({"n": 10})).__name__
    'FloatWorld'
    """
    found = _registered_for(inputs)
    if found is None and any(map(_holds_tensor, inputs.values())):
        try:
            importlib.import_module(_READS_TENSORS)
        except ImportError as error:
            raise TypeError(
                f"inputs must be numbers or arrays, got a torch tensor, which {_READS_TENSORS} reads and it cannot be imported ({error}): "
                "install genbounds[verify], or pass numpy arrays"
            ) from error
        found = _registered_for(inputs)
    return found or FLOATS


def _registered_for(inputs: dict[str, Any]) -> ArrayWorld | None:
    for value in inputs.values():
        for handles, world in _registered:
            if handles(value):
                return world
    return None


def _holds_tensor(value: Any) -> bool:
    """Whether it is a torch tensor or a sequence with one in it, told without torch."""
    if isinstance(value, (list, tuple)):
        return any(map(_holds_tensor, value))
    return any(kind.__module__ == "torch" and kind.__name__ == "Tensor" for kind in type(value).__mro__)


__all__ = ["BALLS", "FLOATS", "MEMBERS", "ArrayWorld", "BallWorld", "FloatWorld", "Number", "World", "array_world", "register_world"]
