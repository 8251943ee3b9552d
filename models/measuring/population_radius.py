"""Bounds on the norm of an input: declared for the population, or the largest seen; and how a constant input enlarges a norm."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.exact import exact
from genbounds.bounds.quantity import Quantity
from genbounds.models.norms.rounding import Array


def root_of_square_plus(quantity: Quantity, extra: int, how: str) -> Quantity:
    """sqrt(q^2 + extra), rounded up, of the quantity's own kind."""
    root = root_up(Fraction(quantity.value) ** 2 + extra)  # type: ignore[arg-type]
    kind = "upper" if quantity.kind == "exact" else quantity.kind
    return Quantity(root, kind, f"{quantity.how}, {how}", quantity.delta, quantity.charges)


def larger_root(quantity: Quantity, n: int) -> Quantity:
    """The larger of a column norm and that of a column of n ones."""
    return Quantity(max(float(quantity), root_up(Fraction(n))), "upper", f"{quantity.how}, with a constant input 1")


def root_up(square: Fraction) -> float:
    """A double that is at least the square root and within two units in the last place of it."""
    root = float(np.sqrt(float(square)))
    while Fraction(root) ** 2 < square:
        root = float(np.nextafter(root, np.inf))
    return root


def radii(input_radius: Any, largest: Array) -> list[Quantity]:
    """The declared population bound for all, checked against what was seen; or each sample's largest norm as an
    estimate.
    """
    if input_radius is None:
        how = "largest norm in the sample: the population may exceed it"
        return [Quantity(float(value), "estimate", how) for value in largest]
    declared = input_radius if isinstance(input_radius, Quantity) else None
    if declared is None:
        declared = Quantity(exact(input_radius, "input_radius"), "upper", "declared: bounds ||x|| on the whole population")
    value = declared.value
    if isinstance(value, tuple) or value < 0:
        raise ValueError(f"input_radius must be one non-negative number, got {value}: a bound on ||x|| over the population")
    seen = float(largest.max()) * (1 - 2.0**-40)
    if declared.kind in ("exact", "upper") and value < seen:
        raise ValueError(
            f"input_radius must bound ||x|| on the population, got {float(value)}, and the sample holds {seen:.6g}: it is too small"
        )
    return [declared] * len(largest)
