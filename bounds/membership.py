"""Whether what a search in floats chose is proved to be right: a class that contains the hypothesis, a point of the grid.

A search may find a poor choice, which costs tightness; it must not find a class that is too small, for which the theorem would be
false. So every form with a search states, as a formula, what its choices must satisfy. Certificates read the statement in balls, with
the exact inputs, and move up each choice for which it isn't proved: the classes grow with their indices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from genbounds.bounds.special.precision import precision
from genbounds.bounds.worlds.balls import BALLS
from genbounds.bounds.worlds.protocol import Number, Truth, World

Conditions: TypeAlias = Mapping[str, Sequence[Truth]]
"""For each choice the conditions that it must satisfy, all of them; of a vector, entry by entry."""
Membership: TypeAlias = Callable[..., Conditions]
"""``membership(math, *, ...)`` of the inputs and the choices of a form, by name."""

_BITS = (128, 1024, 4096)
_ROUNDS = 16  # strides double: up to 2^16 above what the search found


def whole_from(math: World, index: Number, least: int) -> list[Truth]:
    """That an index is a whole number, and at least ``least``."""
    return [*whole(math, index), math.less_equal(least, index)]


def whole(math: World, index: Number) -> list[Truth]:
    """That an index is a whole number."""
    return [math.less_equal(math.ceil(index), index)]


def proved(name: str, membership: Membership, values: Mapping[str, Any], choices: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The choices as float64 arrays, each moved up until its conditions are proved at the exact ``values``.

    ``name`` is that of the formula, for the message: ``ValueError`` where no choice within reach can be proved.

    >>> def at_least(math, *, size, level):
    ...     return {"level": [math.less_equal(size, math.power(2, level))]}
    >>> proved("example", at_least, {"size": 1000}, {"level": 2.0}), proved("example", at_least, {"size": 1000}, {"level": 10.0})
    ({'level': array(17.)}, {'level': array(10.)})
    """
    found = {key: np.asarray(choice, dtype=np.float64) for key, choice in choices.items()}
    stride = 1.0
    for _ in range(_ROUNDS):
        wrong = _unproved(membership, values, found)
        if not wrong:
            return found
        for key, mask in wrong.items():
            moved = np.maximum(found[key] + stride, np.nextafter(found[key], np.inf))
            found[key] = np.where(mask, moved, found[key])
        stride *= 2
    raise ValueError(
        f"{', '.join(wrong)} of {name} must be proved to fit the inputs, and no choice in reach was, the last "
        f"{', '.join(str(found[key]) for key in wrong)}: rescale the inputs, which are at the edge of what a search in doubles can hold"
    )


def _unproved(membership: Membership, values: Mapping[str, Any], choices: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """For each choice that isn't proved the mask of its entries; more bits are tried only where balls overlap."""
    masks: dict[str, np.ndarray] = {}
    for bits in _BITS:
        with precision(bits):
            lifted = {key: BALLS.lift(value) for key, value in {**values, **choices}.items()}
            conditions = membership(BALLS, **lifted)
        truths = {key: [np.asarray(truth, dtype=object) for truth in listed] for key, listed in conditions.items()}
        masks = {key: _failing(listed, choices[key].shape) for key, listed in truths.items()}
        masks = {key: mask for key, mask in masks.items() if mask.any()}
        if not any(_undecided(truth) for key in masks for truth in truths[key]):
            break
    return masks


def _failing(truths: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Where one of the conditions isn't certain, in the shape of the choice."""
    mask = np.zeros(shape, dtype=bool)
    for truth in truths:
        failing = np.array([entry is not True for entry in truth.flat], dtype=bool).reshape(truth.shape)
        mask = mask | (failing if failing.ndim <= len(shape) else failing.any())
    return mask


def _undecided(truth: np.ndarray) -> bool:
    return any(entry is None for entry in truth.flat)
