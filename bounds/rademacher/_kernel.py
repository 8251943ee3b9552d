"""The empirical Rademacher complexity of a ball of linear or kernel functions: by all signs, or by random signs, with a confidence."""

from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import INDEPENDENT_SIGNS, AuditedAssumption
from genbounds.bounds.quantity import Quantity
from genbounds.bounds.rademacher._signs import (
    BLOCK,
    MOST_ENUMERATED,
    Array,
    all_signs,
    ball_complexity,
    checked_delta,
    checked_norm,
    checked_signs,
    exponent_of,
)

_NEGLIGIBLE = 2.0**-20  # of the trace: negative eigenvalues below it are taken for rounding
_TINY = 2.0**-500  # a matrix of zeros is semidefinite


def kernel_exact(*, kernel: Any, norm: float) -> Quantity:
    r"""The complexity (B/n) E sqrt(eps^T K eps) of {x -> <w, phi(x)>: ||w|| <= B} on the sample, by enumeration of the signs; n at most 20.

    K is the Gram matrix of the n examples (X X^T for linear functions). By symmetry the first sign is fixed, and all 2^(n-1) choices of the
    others are taken. The mean is computed in float64 and moved up by more than its rounding error (n^2 u tr K under each root), so that the
    result is an upper bound.

    ``kernel`` (n, n) is symmetric and positive semidefinite: it is assumed to be a Gram matrix, and a matrix with an eigenvalue below
    -tr K/2^20 is refused. ``norm`` is B >= 0. Raises ``ValueError`` for such a matrix, for other shapes and for n > 20.

    >>> float(kernel_exact(kernel=[[1, 0], [0, 1]], norm=1)), float(kernel_exact(kernel=[[1, 1], [1, 1]], norm=1))
    (0.70710..., 0.5000000...)
    """
    radius, (gram, size, exponent) = checked_norm(norm), _checked(kernel)
    if size > MOST_ENUMERATED:
        raise ValueError(f"kernel must have at most {MOST_ENUMERATED} rows to enumerate its signs, got {size}: use kernel_monte_carlo")
    signs = all_signs(size)
    mean = float(np.sum(_lengths(gram, signs))) / len(signs)
    return Quantity(
        ball_complexity(radius, mean, exponent, size), "upper", f"kernel_exact: all signs of {size} examples", gives="complexity", n=size
    )


def kernel_monte_carlo(*, kernel: Any, norm: float, signs: Any, delta: Any) -> Quantity:
    r"""An upper confidence limit of the complexity of ``kernel_exact``: (B/n)(mean of sqrt(eps^T K eps) over N draws of signs +
    sqrt(2 tr K ln(1/delta) / N)).

    Derivation: sqrt(eps^T K eps) changes by at most 2 sqrt(K_ii) with sign i. So the mean of N draws is sub-Gaussian with variance proxy
    sum_i K_ii/N = tr K/N (McDiarmid), and P(E > mean + t) <= exp(-t^2 N/(2 tr K)). The limit is conditional on the sample: ``delta`` is the
    probability of failure over the draws, and a bound that takes the returned ``Quantity`` adds it to its own.

    ``kernel`` (n, n); ``norm`` B; ``signs`` (N, n), independent uniform draws of -1 and 1, made without looking at the result; ``delta``.

    >>> from fractions import Fraction
    >>> signs = np.where(np.random.default_rng(0).random((1000, 100)) < 0.5, -1, 1)
    >>> limit = kernel_monte_carlo(kernel=np.eye(100), norm=1, signs=signs, delta=Fraction(1, 100))
    >>> round(float(limit), 9), float(limit.delta)  # .1 and .00959705182
    (0.109597052, 0.01)
    """
    radius, (gram, size, exponent) = checked_norm(norm), _checked(kernel)
    failure, cost = checked_delta(delta)
    draws = checked_signs(signs, size)
    mean = float(np.sum(_lengths(gram, draws))) / draws.shape[0]
    excess = float(np.sqrt(2 * np.trace(gram) * cost / draws.shape[0]))
    how = f"kernel_monte_carlo: {draws.shape[0]} draws of signs"
    complexity, signs_ = ball_complexity(radius, mean + excess, exponent, size), (AuditedAssumption(INDEPENDENT_SIGNS),)
    return Quantity(complexity, "upper", how, failure, assumptions=signs_, gives="complexity", n=size)


def _lengths(gram: Array, signs: Array) -> Array:
    """sqrt(eps^T K eps) for each row of signs, moved up by its rounding error."""
    size = gram.shape[0]
    slack = 4 * size * size * 2.0**-52 * float(np.trace(gram))
    squares = [np.einsum("ij,ij->i", signs[i : i + BLOCK] @ gram, signs[i : i + BLOCK]) for i in range(0, len(signs), BLOCK)]
    return np.asarray(np.sqrt(np.maximum(np.concatenate(squares), 0) + slack))


def kernel_lower(*, kernel: Any, norm: float) -> Quantity:
    r"""A lower bound on the complexity of ``kernel_exact``: B sqrt(tr K/2)/n, which is 1/sqrt(2) of the upper bound of ``linear_l2``.

    By the Khintchine-Kahane inequality with its best constant, E ||sum_i eps_i phi_i|| >= sqrt(E ||sum_i eps_i phi_i||^2 / 2), and the
    expectation of the square is tr K. Two equal examples attain it. It shows how much slack ``linear_l2`` can have at most; bounds on the
    risk do not take it, as they need an upper bound.

    ``kernel`` (n, n); ``norm`` B. The ``Quantity`` is of kind ``lower``, moved down by more than the rounding error.

    >>> 0.4999999 < float(kernel_lower(kernel=[[1, 1], [1, 1]], norm=1)) < 0.5
    True
    """
    radius, (gram, size, exponent) = checked_norm(norm), _checked(kernel)
    root = float(np.sqrt(np.trace(gram) / 2))
    return Quantity(
        ball_complexity(radius, root, exponent, size, lower=True),
        "lower",
        f"kernel_lower: the trace of {size} examples",
        gives="complexity",
        n=size,
    )


def _checked(kernel: Any) -> tuple[Array, int, int]:
    """The matrix over 4^e, its size, and e: the largest entry is then below 1."""
    gram = np.asarray(kernel, dtype=np.float64)
    if gram.ndim != 2 or gram.shape[0] != gram.shape[1] or not gram.size or not np.array_equal(gram, gram.T) or np.any(np.diag(gram) < 0):
        raise ValueError(f"kernel must be a symmetric (n, n) matrix with a diagonal of at least 0, got shape {gram.shape}: pass K")
    if not np.all(np.isfinite(gram)):
        raise ValueError(f"kernel must be finite, got {np.max(np.abs(gram))}: look for an overflow where it was computed")
    exponent = -(-exponent_of(float(np.max(np.abs(gram)))) // 2)
    scaled = np.ldexp(gram, -2 * exponent)
    try:
        np.linalg.cholesky(scaled + (_NEGLIGIBLE * float(np.trace(scaled)) + _TINY) * np.eye(len(gram)))
    except np.linalg.LinAlgError:
        raise ValueError(
            "kernel must be positive semidefinite, got a matrix with an eigenvalue below -tr K/2^20: pass the Gram matrix of the sample"
        ) from None
    return scaled, gram.shape[0], exponent
