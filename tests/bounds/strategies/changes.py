"""Inputs turned into doubles, and inputs moved in one direction inside their domain."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from tests.bounds.strategies.numbers import between

from genbounds.bounds import Formula


def double(value: Any) -> Any:
    """The nearest double (an int that is a double stays one), entry by entry of a vector."""
    if isinstance(value, tuple):
        return tuple(double(entry) for entry in value)
    return int(float(value)) if isinstance(value, int) else float(value)


def everyday(formula: Formula, inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs as doubles, brought to where ``.value`` promises its accuracy: magnitudes of 1e-30 to 1e30.

    Products and squares of inputs over- and underflow in floats where balls do not.
    """
    near = {
        name: _within(value, 1e-300 if name == "delta" else 1e-30, 1 - 2.0**-53 if name == "delta" else 1e30)
        for name, value in inputs.items()
    }
    assume(accepted(formula, near))
    return near


def _within(value: Any, low: float, high: float) -> Any:
    """The double with the magnitude brought between the limits, 0 left alone."""
    if isinstance(value, tuple):
        return tuple(_within(entry, low, high) for entry in value)
    near = double(value)
    if near == 0 or low <= abs(near) <= high:
        return near
    return type(near)(math.copysign(high if abs(near) > high else low, near))


def accepted(formula: Formula, inputs: dict[str, Any]) -> bool:
    """Whether the inputs pass the formula's checks."""
    try:
        formula.check(inputs)
    except ValueError:
        return False
    return True


# How far an input moves: the part of itself by which it grows, the part of the way to an end, a little besides, and which entries.
PUSHES = st.tuples(
    st.one_of(between(Fraction(1, 1000), 2, 1000), between(Fraction(1, 1000), 1000, 1000)),
    between(Fraction(1, 1000), Fraction(999, 1000), 1000),
    st.sampled_from((Fraction(1, 7), 0, 0, 2)),
    st.integers(1, 2**30 - 1),
)


def moved(formula: Formula, name: str, value: Any, push: tuple[Any, ...], up: bool) -> Any:
    """A value of the input that is nowhere smaller, or nowhere larger, and inside its domain."""
    times, part, little, which = push
    if isinstance(value, tuple):
        return tuple(moved(formula, name, entry, push, up) if which >> index & 1 else entry for index, entry in enumerate(value))
    domain = formula.domains[name]
    assert domain is not None
    exact, end, sign = Fraction(value), domain.high if up else domain.low, 1 if up else -1
    if domain.whole:
        step = max(1, int(min(times, 2) * abs(exact)))
        return int(exact) + sign * (min(step, abs(int(end) - int(exact))) if math.isfinite(end) else step)
    if math.isfinite(end):
        return exact + part * (Fraction(end) - exact)
    return exact + sign * (abs(exact) * times + (little if exact else max(little, Fraction(1, 7))))


def moves(formula: Formula, name: str, inputs: dict[str, Any], push: tuple[Any, ...]) -> tuple[dict[str, Any], bool] | None:
    """The inputs with the named one raised, or lowered where no larger one goes with the others; by less where that is all they admit."""
    times, part, little, which = push
    for up in (True, False):
        for shorter, entries in ((1, which), (8, which), (64, -1)):
            value = moved(formula, name, inputs[name], (times / shorter, part / shorter, little / shorter, entries), up)
            if value != inputs[name] and accepted(formula, {**inputs, name: value}):
                return {**inputs, name: value}, up
    return None
