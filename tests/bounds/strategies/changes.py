"""Inputs turned into doubles, and inputs moved in one direction inside their domain."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

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


@st.composite
def raised(draw: Any, formula: Formula, name: str, value: Any) -> Any:
    """A value of the input that is nowhere smaller."""
    if isinstance(value, tuple):
        return tuple(draw(raised(formula, name, entry)) if draw(st.booleans()) else entry for entry in value)
    domain = formula.domains[name]
    assert domain is not None
    exact = Fraction(value)
    if domain.whole:
        step = draw(st.integers(0, max(10, 2 * int(exact))))
        return int(exact) + (min(step, int(domain.high) - int(exact)) if math.isfinite(domain.high) else step)
    if math.isfinite(domain.high):
        part = draw(st.fractions(0, Fraction(999, 1000), max_denominator=1000))
        return exact + part * (Fraction(domain.high) - exact)
    return exact + abs(exact) * draw(st.fractions(0, 1000, max_denominator=1000)) + draw(st.sampled_from((0, 0, Fraction(1, 7))))
