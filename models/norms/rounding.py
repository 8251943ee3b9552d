"""Reading matrices as float64 stacks, and scaling them so that rigorous rounding of sums meets no overflow or
underflow.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

Array: TypeAlias = npt.NDArray[np.float64]

EPS = 2.0**-52


def as_stack(matrix: Any, name: str) -> tuple[Array, bool]:
    """Return a finite float64 copy of shape (K, out, in), and whether the input was one matrix (then K = 1).

    float32 and float16 entries are doubles already, so the cast is exact. ``ValueError`` names the layer.
    """
    if isinstance(matrix, torch.Tensor):
        matrix = matrix.detach().to(device="cpu", dtype=torch.float64).numpy()
    array = np.array(matrix, dtype=np.float64)
    if array.ndim not in (2, 3) or array.size == 0:
        raise ValueError(
            f"{name} must be a matrix (out, in) or a stack (K, out, in) with at least one entry, got shape "
            f"{array.shape}: "
            "pass a layer's weight as it is stored"
        )
    if not np.isfinite(array).all():
        bad = int(array.size - np.isfinite(array).sum())
        raise ValueError(
            f"{name} must hold finite numbers, got {bad} NaN or infinite entries: "
            "training has diverged, go back to an earlier checkpoint or lower the learning rate"
        )
    return (array[None], True) if array.ndim == 2 else (array, False)


def scaled(stack: Array) -> tuple[Array, npt.NDArray[np.int64]]:
    """Divide each matrix by a power of two so that its largest entry lies in [1/2, 1); return it with the exponents
    (K,).

    Entries that underflow here, or in a later square, are below 2^-1022 of a sum that is at least 1/4: the slack of one
    rounding that every error factor of this package holds is larger by hundreds of orders of magnitude.
    """
    largest = np.abs(stack).max(axis=(1, 2))
    exponents = np.frexp(largest)[1].astype(np.int64)
    return np.ldexp(stack, -exponents[:, None, None]), exponents


def unscaled_up(values: Array, exponents: npt.NDArray[np.int64], name: str) -> Array:
    """Multiply upper bounds by 2^exponent and round up; a bound of zero stays zero, an overflow is a ``ValueError``."""
    with np.errstate(over="ignore"):
        result = np.where(values > 0, np.nextafter(np.ldexp(values, exponents), np.inf), 0.0)
    if not np.isfinite(result).all():
        raise ValueError(f"{name} has a norm above 1.8e308, the largest double: rescale the layer")
    return result


def unscaled_down(values: Array, exponents: npt.NDArray[np.int64]) -> Array:
    """Multiply lower bounds by 2^exponent and round down, never below zero."""
    return np.maximum(np.nextafter(np.ldexp(np.maximum(values, 0.0), exponents), -np.inf), 0.0)


def inflate(terms: int) -> float:
    """1 + (terms + 4) 2^-52: turns a float64 sum of that many non-negative products into an upper bound.

    A sum of N products in any order has relative error at most N u / (1 - N u), u = 2^-53; this is twice (N + 4) u, so
    that the multiplication by the factor itself, a square root and a final rounding are covered too.
    """
    return 1.0 + (terms + 4) * EPS
