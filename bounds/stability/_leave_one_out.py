"""Leave-one-out residuals without refitting: exact identities of ridge and kernel regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def ridge_leave_one_out(inputs: Any, targets: Any, penalty: float) -> Array:
    """The residuals y_i - f_i(x_i), f_i fitted by ridge regression to all examples but i.

    With H = X (X^T X + penalty I)^-1 X^T the residual is (y_i - (H y)_i)/(1 - H_ii), by the Sherman-Morrison formula. The objective is
    sum (y - <w, x>)^2 + penalty ||w||^2, and its penalty stays the same when an example is left out. (For an average loss with the penalty
    lambda ||w||^2, pass n lambda with the size n of the whole sample.) The residuals are computed in float64 from the singular values of X.
    They are not rounded to a safe side and are not a certificate.

    ``inputs`` (n, d); ``targets`` (n,); ``penalty`` > 0. Raises ``ValueError`` for other shapes or a penalty that is not positive.

    >>> ridge_leave_one_out([[1.0], [1.0], [2.0]], [1.0, 3.0, 2.0], 1.0)  # without the last: w = 4/3, and 2 - 2 w = -2/3
    array([-0.16666667,  2.16666667, -0.66666667])
    """
    x, y = np.asarray(inputs, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1] or not y.size:
        raise ValueError(f"inputs and targets must have shapes (n, d) and (n,), got {x.shape} and {y.shape}: one row per example")
    if not penalty > 0:
        raise ValueError(f"penalty must be greater than 0, got {penalty}: without one use kernel_leave_one_out")
    left, values, _ = np.linalg.svd(x, full_matrices=False)
    shrunk = (values / np.hypot(values, np.sqrt(penalty))) ** 2
    leverage = np.sum(left**2 * shrunk, axis=1)
    return np.asarray((y - left @ (shrunk * (left.T @ y))) / (1 - leverage))


def kernel_leave_one_out(kernel: Any, targets: Any, penalty: float = 0.0) -> Array:
    """The residuals y_i - f_i(x_i), f_i fitted by kernel (ridge) regression to all examples but i.

    With K' = K + penalty I the residual is (K'^-1 y)_i/(K'^-1)_ii. The penalty 0 gives the interpolant of least norm, for which also
    ||f||^2 - ||f_i||^2 = (K^-1 y)_i^2/(K^-1)_ii. The residuals are computed in float64 and are not a certificate.

    ``kernel`` (n, n), symmetric and positive definite; ``targets`` (n,); ``penalty`` >= 0. Raises ``ValueError`` for other shapes, for a
    penalty below 0, and if K' has a condition number above 1e12.

    >>> kernel_leave_one_out([[2.0, 1.0], [1.0, 2.0]], [1.0, 3.0])  # without the second, f(x_2) = 1/2; without the first, f(x_1) = 3/2
    array([-0.5,  2.5])
    """
    k, y = np.asarray(kernel, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if k.ndim != 2 or k.shape != (y.size, y.size) or y.ndim != 1 or not y.size or not np.array_equal(k, k.T):
        raise ValueError(f"kernel must be a symmetric (n, n) matrix and targets (n,), got {k.shape} and {y.shape}: pass the Gram matrix")
    if not penalty >= 0:
        raise ValueError(f"penalty must be at least 0, got {penalty}: it is added to the diagonal")
    regular = k + penalty * np.eye(y.size)
    condition = np.linalg.cond(regular)
    if not condition <= 1e12:
        raise ValueError(f"kernel must have a condition number of at most 1e12, got {condition:.3g}: add a penalty")
    inverse = np.linalg.inv(regular)
    return np.asarray(inverse @ y / np.diag(inverse))
