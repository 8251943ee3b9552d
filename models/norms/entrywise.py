"""Norms that are sums over the entries, rounded up rigorously."""

from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.quantity import Quantity
from genbounds.models.norms.rounding import Array, as_stack, inflate, scaled, unscaled_up


def _quantity(values: Array, single: bool, how: str) -> Quantity:
    """A scalar upper Quantity for one matrix, a vector one (an entry a matrix) for a stack."""
    value = float(values[0]) if single else tuple(float(v) for v in values)
    return Quantity(value, "upper", how)


def frobenius_upper(stack: Array, name: str = "matrix") -> Array:
    """Upper bounds (K,) on the Frobenius norms of a float64 stack (K, out, in)."""
    unit, exponents = scaled(stack)
    sums = np.square(unit).sum(axis=(1, 2))
    return unscaled_up(np.sqrt(sums * inflate(unit[0].size)), exponents, name)


def rows_2_1_upper(stack: Array, name: str = "matrix") -> Array:
    """Upper bounds (K,) on the sums over output rows of the rows' l2 norms."""
    unit, exponents = scaled(stack)
    sums = np.sqrt(np.square(unit).sum(axis=2)).sum(axis=1)
    return unscaled_up(sums * inflate(unit.shape[1] + unit.shape[2]), exponents, name)


def rows_1_inf_upper(stack: Array, name: str = "matrix") -> Array:
    """Upper bounds (K,) on the largest l1 norm of an output row."""
    unit, exponents = scaled(stack)
    sums = np.abs(unit).sum(axis=2).max(axis=1)
    return unscaled_up(sums * inflate(unit.shape[2]), exponents, name)


def frobenius_norm(matrix: Any, *, name: str = "matrix") -> Quantity:
    """The Frobenius norm, rounded up: the root of the sum of all squared entries.

    ``matrix`` is (out, in), or a stack (K, out, in), which gives a vector with one entry per matrix; a tensor or an array. Raises
    ``ValueError`` naming ``name`` for NaN, infinities and other shapes.

    >>> q = frobenius_norm([[3.0, 4.0]])
    >>> q.kind, 5.0 <= float(q) < 5.0 + 1e-13
    ('upper', True)
    """
    stack, single = as_stack(matrix, name)
    return _quantity(frobenius_upper(stack, name), single, "Frobenius norm: float64 sum of squares, rounded up")


def norm_2_1(matrix: Any, *, name: str = "matrix") -> Quantity:
    """The (2,1) norm of Bartlett, Foster and Telgarsky (2017), ||A^T||_{2,1}, rounded up.

    It is the sum over the OUTPUT units of the l2 norm of their incoming weights: the sum of the row norms of a weight stored as (out, in).
    Shapes and errors as in ``frobenius_norm``.

    >>> round(float(norm_2_1([[3.0, 4.0], [0.0, 2.0]])), 12)
    7.0
    """
    stack, single = as_stack(matrix, name)
    return _quantity(rows_2_1_upper(stack, name), single, "(2,1) norm: float64 sum of the row norms, rounded up")


def norm_1_inf(matrix: Any, *, name: str = "matrix") -> Quantity:
    """The largest l1 norm of an output row, max_k sum_j |a_kj|, rounded up (Golowich, Rakhlin and Shamir 2018,
    Theorem 2).

    Shapes and errors as in ``frobenius_norm``.

    >>> round(float(norm_1_inf([[3.0, -4.0], [0.0, 2.0]])), 12)
    7.0
    """
    stack, single = as_stack(matrix, name)
    return _quantity(rows_1_inf_upper(stack, name), single, "largest l1 norm of a row: float64 sums, rounded up")
