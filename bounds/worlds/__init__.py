"""The number worlds: a formula is written once and read with floats, tensors, balls or symbols.

A world is an object with the members of the ``math`` module that formulas use: ``lift`` (an exact input to the world's own numbers),
``ratio(p, q)``, ``pi``, ``log``, ``log2``, ``log1p``, ``log_quotient(x, y)`` = ln(x/y), ``exp``, ``expm1``, ``one_minus_exp(x)`` = 1 -
exp(-x), ``sqrt``, ``power``, ``ceil``, ``absolute``, ``minimum``, ``maximum``, ``less``, ``less_equal``, ``where``; over the last axis of
a vector input ``sum``, ``prod``, ``largest``, ``cumulative`` (running sums), ``positions`` (1, 2, ...), ``last``, ``with_last`` (the last
entry replaced), ``before`` (all but the last entry), ``after`` (all but the first), ``prepend``; ``along`` sets a scalar beside a vector,
``rows`` a vector beside the levels of a chain; and what is no elementary function: ``kl_inverse``, ``kl_inverse_lower``,
``binomial_tail_inverse``, ``binomial_tail_inverse_log`` (at delta = exp(-cost)), ``log_binomial_sum``, ``ceil_log2`` (of a whole number),
``xi``, ``x_minus_log1p``, ``log_gamma_increment``, ``last_crossing``. ``let(latex, x)`` names a sub-expression for printing and is x
itself elsewhere. Every member takes plain Python ints beside the world's own numbers (``math.log(2)``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from genbounds.bounds.worlds.balls import BALLS, BallWorld
from genbounds.bounds.worlds.floats import FLOATS, FloatWorld

MEMBERS: tuple[str, ...] = (
    "absolute", "after", "along", "before", "binomial_tail_inverse", "binomial_tail_inverse_log", "ceil", "ceil_log2", "cumulative",
    "exp", "expm1", "kl_inverse", "kl_inverse_lower", "largest", "last", "last_crossing", "less", "less_equal", "let", "lift", "log",
    "log1p", "log2", "log_binomial_sum", "log_gamma_increment", "log_quotient", "maximum", "minimum", "one_minus_exp", "pi", "positions",
    "power", "prepend", "prod", "ratio", "rows", "sqrt", "sum", "where", "with_last", "x_minus_log1p", "xi",
)  # fmt: skip


class ArrayWorld(Protocol):
    """What a world of arrays adds: how inputs are brought to one kind, and how results are handed back."""

    def adopt(self, inputs: dict[str, Any], vectors: frozenset[str]) -> tuple[Any, dict[str, Any]]:
        """Return the world's ``math`` object and the lifted inputs."""
        ...

    def to_numpy(self, value: Any) -> np.ndarray:
        """A float64 numpy copy of a lifted input, for validation and searches."""
        ...


_registered: list[tuple[Callable[[Any], bool], ArrayWorld]] = []


def register_world(handles: Callable[[Any], bool], world: ArrayWorld) -> None:
    """Register a world of arrays (torch does so when ``genbounds.models`` is imported).

    ``handles(value)`` says whether an input belongs to that world; one such input is enough to choose it. ``world.adopt(inputs,
    vectors)`` gets all inputs of a call (the foreign ones, ints, Fractions, floats, numpy arrays), brings them to one dtype and device
    and returns ``(math, lifted)``, where ``math`` has the members listed in ``MEMBERS``; ``vectors`` names the inputs whose last axis is
    the layer. ``world.to_numpy(lifted_value)`` gives a detached float64 copy. Registering a second world of the same class replaces the
    first.
    """
    _registered[:] = [(h, w) for h, w in _registered if type(w) is not type(world)]
    _registered.append((handles, world))


def array_world(inputs: dict[str, Any]) -> ArrayWorld:
    """The world that reads these inputs: a registered one if any input belongs to it, numpy's otherwise."""
    for value in inputs.values():
        for handles, world in _registered:
            if handles(value):
                return world
        if type(value).__module__.split(".")[0] == "torch":
            raise TypeError(
                "a torch tensor was passed and the torch reading is not loaded: import genbounds.models first, or pass numpy arrays"
            )
    return FLOATS


__all__ = ["BALLS", "FLOATS", "MEMBERS", "ArrayWorld", "BallWorld", "FloatWorld", "array_world", "register_world"]
