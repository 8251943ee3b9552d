"""Spectral norms that a certificate may use: an upper and a lower bound, both with their rounding errors in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from genbounds.bounds.quantity import Quantity
from genbounds.models.norms.entrywise import frobenius_upper
from genbounds.models.norms.rounding import EPS, Array, as_stack, inflate, scaled, unscaled_down, unscaled_up

LARGEST_SVD = 512
"""Matrices whose smaller side is above this are bounded by a Cholesky factorisation, which takes a fraction of the
time.
"""

_LANCZOS_STEPS = 80
_HOW_UPPER = "float64 singular values with a backward-error pad, at most the Frobenius norm and sqrt(one-norm * inf-norm)"
_HOW_CHOLESKY = "Cholesky factorisation of mu I - A A^T with its backward-error term"


def spectral_norm(matrix: Any, *, name: str = "matrix", largest_svd: int = LARGEST_SVD) -> tuple[Quantity, Quantity]:
    """Certified bounds on the largest singular value: ``(upper, lower)``.

    Args:
        matrix: (out, in), or a stack (K, out, in), for which both Quantities are vectors with one entry a matrix. Tensor or array, any
            device; the arithmetic is float64 on the CPU.
        name: the layer's name for error messages.
        largest_svd: a smaller side above this is bounded by Cholesky instead of singular values.

    Method: LAPACK's singular values are those of a matrix within p eps ||A|| of A; p = 8 max(out, in) covers its bound.
    Large matrices: if Cholesky of mu I - G succeeds, G = fl(A A^T), then ||A||^2 <= mu + (errors of the
    factorisation, of the product and of the subtraction); mu starts just above a Lanczos estimate, so the result is
    within 1 % as a rule. Power iteration alone is a *lower* bound, and is here only used for one.

    Raises ``ValueError`` naming ``name`` for NaN, infinities and other shapes.

    >>> upper, lower = spectral_norm([[2.0, 0.0], [0.0, 1.0]])
    >>> float(lower) <= 2.0 <= float(upper) < 2.0 + 1e-13
    True
    """
    stack, single = as_stack(matrix, name)
    upper, lower = spectral_bounds(stack, name, largest_svd)
    how = _HOW_UPPER if min(stack.shape[1:]) <= largest_svd else _HOW_CHOLESKY
    values = (float(upper[0]), float(lower[0])) if single else (tuple(upper.tolist()), tuple(lower.tolist()))
    return Quantity(values[0], "upper", how), Quantity(values[1], "lower", "float64, with its rounding error subtracted")


def spectral_bounds(stack: Array, name: str = "matrix", largest_svd: int = LARGEST_SVD) -> tuple[Array, Array]:
    """Upper and lower bounds, each of shape (K,), on the spectral norms of a finite float64 stack (K, out, in).

    >>> upper, lower = spectral_bounds(np.array([[[3.0, 0.0], [0.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]]))
    >>> bool(lower[0] <= 4 <= upper[0]), upper.round(12).tolist()
    (True, [4.0, 0.0])
    """
    unit, exponents = scaled(stack)
    if min(stack.shape[1:]) == 1:  # a vector: its Frobenius norm is its spectral norm
        norms = np.sqrt(np.square(unit).sum(axis=(1, 2)))
        factor = inflate(unit[0].size)
        upper, lower = norms * factor, norms / factor
    elif min(stack.shape[1:]) <= largest_svd:
        upper, lower = _by_singular_values(unit)
    else:
        pairs = [_by_cholesky(matrix) for matrix in unit]
        upper, lower = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    upper = np.minimum(upper, _cap(unit))
    return unscaled_up(upper, exponents, name), unscaled_down(lower, exponents)


def _cap(unit: Array) -> Array:
    """min(Frobenius norm, sqrt(one-norm * inf-norm)), rounded up: bounds on the spectral norm that no SVD is needed
    for.
    """
    rows, columns = unit.shape[1:]
    one = np.abs(unit).sum(axis=1).max(axis=1) * inflate(rows)
    inf = np.abs(unit).sum(axis=2).max(axis=1) * inflate(columns)
    mixed = np.sqrt(one * inf) * inflate(4)
    return np.asarray(np.minimum(frobenius_upper(unit), mixed), dtype=np.float64)


def _by_singular_values(unit: Array) -> tuple[Array, Array]:
    """LAPACK's largest singular value, divided and multiplied by 1 -+ 8 max(out, in) 2^-52."""
    pad = 8 * max(unit.shape[1:]) * EPS
    largest = np.asarray(np.linalg.svd(unit, compute_uv=False)[:, 0], dtype=np.float64)
    return largest / (1 - pad) * inflate(0), largest / (1 + pad) / inflate(0)


def _by_cholesky(matrix: Array) -> tuple[float, float]:
    """Bounds for one matrix with entries below 1 in size, from its Gram matrix on the smaller side."""
    a = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    square = float(frobenius_upper(a[None])[0]) ** 2 * inflate(0)
    gram = a @ a.T
    vector, estimate = top_eigenvector(gram)
    upper = gram_upper(gram, estimate, product_error=(a.shape[1] + 2) * EPS * square, cap=square)
    return upper, _rayleigh_lower(a, vector, np.sqrt(square))


def gram_upper(gram: Array, estimate: float, *, product_error: float, cap: float, slack: float = 1e-4) -> float:
    """An upper bound on ||A||, from G = fl(A A^T), an estimate of its largest eigenvalue, a bound on ||G - A A^T|| and an
    upper bound ``cap`` on ||A||^2. The first attempt is made ``slack`` above the estimate.

    Rounding (Higham, *Accuracy and Stability*, section 10.1; Rump 2006): a Cholesky factorisation that runs to its
    end on the float matrix M of size m proves that M + E is positive semi-definite for some ||E|| <= gamma trace(M),
    gamma = (m + 1) u / (1 - 2 (m + 1) u). With M = fl(mu I - G): ||A||^2 <= mu + gamma trace(M) + (error of the product)
    + eps (mu + largest diagonal entry of G). Inner products of length k have the error k eps ||A||_F^2.
    """
    m = len(gram)
    diagonal = np.arange(m)
    largest = float(np.abs(gram[diagonal, diagonal]).max())
    while True:
        mu = max(estimate, largest) * (1 + slack)
        if mu >= cap:  # the Frobenius norm, or what the caller knows, is already as good
            return float(np.sqrt(cap) * inflate(0))
        shifted = -gram
        shifted[diagonal, diagonal] += mu
        trace = float(np.abs(shifted[diagonal, diagonal]).sum()) * inflate(m)
        try:
            scipy.linalg.cholesky(shifted, lower=True, overwrite_a=True, check_finite=False)
        except np.linalg.LinAlgError:
            slack *= 4
            continue
        gamma = (m + 2) * EPS  # twice what is needed
        bound = mu + gamma * trace + product_error + 2 * EPS * (mu + largest)
        return float(np.sqrt(bound * inflate(4)) * inflate(0))


def top_eigenvector(gram: Array) -> tuple[Array, float]:
    """An approximate top eigenvector of a symmetric matrix and its Rayleigh quotient, by Lanczos with full
    reorthogonalisation.

    The start is a fixed vector of pseudo-random signs: nothing here touches a global seed, and soundness needs no luck.
    """
    m = len(gram)
    vector = np.random.default_rng(0).standard_normal(m)
    basis = np.zeros((m, min(_LANCZOS_STEPS, m)))
    basis[:, 0] = vector / np.linalg.norm(vector)
    diagonal, off = [], []
    for step in range(basis.shape[1]):
        image = gram @ basis[:, step]
        diagonal.append(float(basis[:, step] @ image))
        for _ in range(2):
            image -= basis[:, : step + 1] @ (basis[:, : step + 1].T @ image)
        norm = float(np.linalg.norm(image))
        if norm <= 1e-12 * abs(diagonal[0]) or step + 1 == basis.shape[1]:
            break
        off.append(norm)
        basis[:, step + 1] = image / norm
    size = len(diagonal)
    values, vectors = scipy.linalg.eigh_tridiagonal(np.array(diagonal), np.array(off[: size - 1]))
    return basis[:, :size] @ vectors[:, -1], float(values[-1])


def _rayleigh_lower(a: Array, vector: Array, frobenius: float) -> float:
    """||A^T v|| / ||v|| rounded down: fl(A^T v) is within m eps ||A||_F ||v|| of A^T v."""
    size = float(np.linalg.norm(vector)) * inflate(len(vector))
    image = float(np.linalg.norm(a.T @ vector)) / inflate(a.shape[1])
    return max((image - (len(vector) + 2) * EPS * frobenius * size) / size * (1 - 4 * EPS), 0.0)
