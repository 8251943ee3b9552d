"""The empirical Rademacher complexity of a ball of linear or kernel functions: by all signs, or by drawn signs with their confidence."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genbounds.bounds.inputs import CONFIDENCE
from genbounds.bounds.quantity import Quantity

Array = NDArray[np.float64]
MOST_ENUMERATED = 20  # examples whose signs are enumerated
_BLOCK = 2**12


def kernel_exact(*, kernel: Any, norm: float) -> Quantity:
    r"""The complexity (B/n) E sqrt(eps^T K eps) of {x -> <w, phi(x)>: ||w|| <= B} on the sample, by enumeration of the signs; n at most 20.

    K is the Gram matrix of the n examples (X X^T for linear functions). By symmetry the first sign is fixed; the 2^(n-1) others are all
    taken. float64, moved up by more than the rounding error (n^2 u tr K under each root): an upper bound.

    ``kernel`` (n, n), symmetric, with a diagonal that is not negative; ``norm`` B >= 0. Raises ``ValueError`` for other shapes and n > 20.

    >>> float(kernel_exact(kernel=[[1, 0], [0, 1]], norm=1)), float(kernel_exact(kernel=[[1, 1], [1, 1]], norm=1))
    (0.70710..., 0.5000000...)
    """
    gram, size = _checked(kernel, norm)
    if size > MOST_ENUMERATED:
        raise ValueError(f"kernel must have at most {MOST_ENUMERATED} rows to enumerate its signs, got {size}: use kernel_monte_carlo")
    signs = all_signs(size)
    mean = float(np.sum(_lengths(gram, signs))) / len(signs)
    return Quantity(rounded_up(norm * mean / size), "upper", f"kernel_exact: all signs of {size} examples")


def kernel_monte_carlo(*, kernel: Any, norm: float, signs: Any, delta: Any) -> Quantity:
    r"""An upper confidence limit of the same complexity: (B/n)(mean of sqrt(eps^T K eps) over N draws + sqrt(2 tr K ln(1/delta) / N)).

    Derivation: sqrt(eps^T K eps) changes by at most 2 sqrt(K_ii) with sign i, so the mean of N draws is sub-Gaussian with proxy
    sum_i K_ii/N = tr K/N (McDiarmid), and P(E > mean + t) <= exp(-t^2 N/(2 tr K)). Conditional on the sample: the delta of the returned
    Quantity is over the draws, and a bound that it enters adds it to its own.

    ``kernel`` (n, n); ``norm`` B; ``signs`` (N, n), independent uniform draws of -1 and 1, made without looking at the result; ``delta``.

    >>> signs = np.where(np.random.default_rng(0).random((1000, 100)) < 0.5, -1, 1)
    >>> limit = kernel_monte_carlo(kernel=np.eye(100), norm=1, signs=signs, delta=Fraction(1, 100))
    >>> round(float(limit), 9), float(limit.delta)  # .1 and .00959705182
    (0.109597052, 0.01)
    """
    gram, size = _checked(kernel, norm)
    CONFIDENCE.check("delta", delta)
    draws = checked_signs(signs, size)
    mean = float(np.sum(_lengths(gram, draws))) / draws.shape[0]
    excess = float(np.sqrt(2 * np.trace(gram) * -np.log(float(delta)) / draws.shape[0]))
    how = f"kernel_monte_carlo: {draws.shape[0]} draws of signs"
    return Quantity(rounded_up(norm * (mean + excess) / size), "upper", how, Fraction(delta))


def _lengths(gram: Array, signs: Array) -> Array:
    """sqrt(eps^T K eps) for each row of signs, moved up by its rounding error."""
    size = gram.shape[0]
    slack = 4 * size * size * 2.0**-52 * float(np.trace(gram))
    squares = [np.einsum("ij,ij->i", signs[i : i + _BLOCK] @ gram, signs[i : i + _BLOCK]) for i in range(0, len(signs), _BLOCK)]
    return np.asarray(np.sqrt(np.maximum(np.concatenate(squares), 0) + slack))


def kernel_lower(*, kernel: Any, norm: float) -> Quantity:
    r"""A lower bound on the same complexity: B sqrt(tr K/2)/n, 1/sqrt(2) of the upper bound of ``linear_l2``.

    By the Khintchine-Kahane inequality with its best constant, E ||sum_i eps_i phi_i|| >= sqrt(E ||sum_i eps_i phi_i||^2 / 2), and the
    expectation of the square is tr K. Two equal examples attain it. It says how much of ``linear_l2`` can be slack; a bound takes upper
    bounds only.

    ``kernel`` (n, n); ``norm`` B. The Quantity is of kind ``lower``, moved down by more than the rounding error.

    >>> 0.4999999 < float(kernel_lower(kernel=[[1, 1], [1, 1]], norm=1)) < 0.5
    True
    """
    gram, size = _checked(kernel, norm)
    slack = 1 - size * 2.0**-40
    return Quantity(norm * float(np.sqrt(np.trace(gram) / 2)) / size * slack, "lower", f"kernel_lower: the trace of {size} examples")


def all_signs(size: int) -> Array:
    """The 2^(n-1) vectors of n signs that begin with 1, one a row."""
    bits = (np.arange(2 ** (size - 1))[:, None] >> np.arange(size - 1)) & 1
    return np.concatenate([np.ones((bits.shape[0], 1)), 1.0 - 2.0 * bits], axis=1)


def checked_signs(signs: Any, size: int) -> Array:
    """Drawn signs as an (N, n) array of doubles; ``ValueError`` for anything else."""
    draws = np.asarray(signs, dtype=np.float64)
    if draws.ndim != 2 or draws.shape[1] != size or not draws.shape[0] or not np.all(np.abs(draws) == 1):
        raise ValueError(f"signs must be an (N, {size}) array of -1 and 1, got shape {draws.shape}: one row a draw")
    return draws


def rounded_up(value: float) -> float:
    """The number moved up by more than the rounding of a sum (pairwise, in float64) and a few products."""
    return value * (1 + 2.0**-40)


def _checked(kernel: Any, norm: float) -> tuple[Array, int]:
    gram = np.asarray(kernel, dtype=np.float64)
    if gram.ndim != 2 or gram.shape[0] != gram.shape[1] or not gram.size or not np.array_equal(gram, gram.T) or np.any(np.diag(gram) < 0):
        raise ValueError(f"kernel must be a symmetric (n, n) matrix with a diagonal of at least 0, got shape {gram.shape}: pass K")
    if not (norm >= 0 and np.isfinite(norm)):
        raise ValueError(f"norm must be finite and at least 0, got {norm}: pass the radius of the ball")
    return gram, gram.shape[0]
