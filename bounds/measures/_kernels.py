"""The kernel term of two-layer networks trained near their initialisation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genbounds.bounds.bibliography import Source
from genbounds.bounds.measures._measure import Measure

_ROUNDING = 1e-12
_CONDITION = 1e12


def arc_cosine_kernel(inputs: Any) -> NDArray[np.float64]:
    r"""H_ij = <x_i, x_j> (pi - arccos <x_i, x_j>)/(2 pi): the tangent kernel of two-layer ReLU networks, first layer trained, infinite
    width.

    ``inputs`` (n, d) of norm 1 to within 1e-12; ``ValueError`` otherwise.

    >>> arc_cosine_kernel([[1.0, 0.0], [0.6, 0.8]]).round(14)
    array([[0.5       , 0.21144983],
           [0.21144983, 0.5       ]])
    """
    x = np.asarray(inputs, dtype=np.float64)
    if x.ndim != 2 or not x.size or np.any(np.abs(np.linalg.norm(x, axis=1) - 1) > _ROUNDING):
        raise ValueError(f"inputs must be rows of norm 1, got an array of shape {x.shape}: divide each row by its norm")
    products = x @ x.T
    products = np.clip((products + products.T) / 2, -1, 1)
    np.fill_diagonal(products, 1.0)
    return np.asarray(products * (np.pi - np.arccos(products)) / (2 * np.pi))


def arora2019kernel(*, kernel: Any, targets: Any) -> Measure:
    r"""sqrt(2 y^T K^-1 y/n): the leading term of the bound of Arora et al. for two-layer networks of large width.

    No bound: its second term and the width that it needs are not explicit. The kernel predictor itself has a certificate:
    ``margin.norm_product`` at depth 1 with the norm sqrt(y^T K^-1 y) and ``data_norm`` = sqrt(tr K). Refuses condition numbers above 1e12.

    ``kernel`` (n, n), symmetric and positive definite; ``targets`` (n,).

    >>> round(arora2019kernel(kernel=arc_cosine_kernel([[1.0, 0.0], [0.6, 0.8]]), targets=[1.0, -1.0]).value, 12)
    2.632717923599
    """
    k, y = np.asarray(kernel, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if k.ndim != 2 or k.shape != (y.size, y.size) or not y.size or not np.array_equal(k, k.T):
        raise ValueError(f"kernel must be a symmetric (n, n) matrix and targets (n,), got {k.shape} and {y.shape}: pass the Gram matrix")
    values = np.linalg.eigvalsh(k)
    if values[0] * _CONDITION < values[-1]:
        raise ValueError(
            f"kernel must have a condition number of at most 1e12, got eigenvalues from {values[0]:.3g} to {values[-1]:.3g}: "
            "drop duplicates"
        )
    factor = np.linalg.cholesky(k)
    energy = float(np.sum(np.linalg.solve(factor, y) ** 2))
    return Measure("kernel term", float(np.sqrt(2 * energy / y.size)), Source("arora2019fine", "Theorem 5.1, its leading term"))
