"""The empirical Rademacher complexity of an l1 ball of linear functions: by all signs, or by random signs, with a confidence."""

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


def linear_l1_exact(*, data: Any, norm: float) -> Quantity:
    r"""The complexity (B/n) E max_j |sum_i eps_i x_ij| of {x -> <w, x>: ||w||_1 <= B} on the sample, over all signs; n at most 20.

    By duality the supremum over the l1 ball is B times the largest absolute coordinate of sum_i eps_i x_i. By symmetry the first sign is
    fixed, and all 2^(n-1) choices of the others are taken. The mean is computed in float64 and moved up by more than its rounding error
    (n u sum_i |x_ij| in each coordinate), so that the result is an upper bound.

    ``data`` (n, d); ``norm`` B >= 0. Raises ``ValueError`` for other shapes and for n > 20.

    >>> float(linear_l1_exact(data=[[1, 0], [0, 1]], norm=1)), float(linear_l1_exact(data=[[1, 1], [1, -1]], norm=1))
    (0.5000000..., 1.000000...)
    """
    radius, (points, exponent) = checked_norm(norm), _checked(data)
    if len(points) > MOST_ENUMERATED:
        raise ValueError(
            f"data must have at most {MOST_ENUMERATED} rows to enumerate the signs, got {len(points)}: use linear_l1_monte_carlo"
        )
    mean = _mean_largest(points, all_signs(len(points)))
    return Quantity(
        ball_complexity(radius, mean, exponent, len(points)),
        "upper",
        f"linear_l1_exact: all signs of {len(points)} examples",
        gives="complexity",
        n=len(points),
    )


def linear_l1_monte_carlo(*, data: Any, norm: float, signs: Any, delta: Any) -> Quantity:
    r"""An upper confidence limit of the complexity of ``linear_l1_exact``: (B/n)(mean of max_j |sum_i eps_i x_ij| over N draws of signs +
    sqrt(2 v ln(1/delta)/N)) with v = sum_i max_j x_ij^2.

    Derivation: the maximum changes by at most 2 max_j |x_ij| with sign i, so the mean of N draws is sub-Gaussian with variance proxy v/N
    (McDiarmid). The limit is conditional on the sample: ``delta`` is the probability of failure over the draws, and a bound that takes the
    returned ``Quantity`` adds it to its own.

    ``data`` (n, d); ``norm`` B; ``signs`` (N, n), independent uniform draws of -1 and 1, made without looking at the result; ``delta``.

    >>> from fractions import Fraction
    >>> signs = np.where(np.random.default_rng(0).random((1000, 100)) < 0.5, -1, 1)
    >>> limit = linear_l1_monte_carlo(data=np.eye(100), norm=1, signs=signs, delta=Fraction(1, 100))
    >>> round(float(limit), 9), float(limit.delta)  # .01 and .00959705182
    (0.019597052, 0.01)
    """
    radius, (points, exponent) = checked_norm(norm), _checked(data)
    failure, cost = checked_delta(delta)
    draws = checked_signs(signs, len(points))
    proxy = float(np.sum(np.max(np.abs(points), axis=1) ** 2))
    excess = float(np.sqrt(2 * proxy * cost / len(draws)))
    how = f"linear_l1_monte_carlo: {len(draws)} draws of signs"
    complexity = ball_complexity(radius, _mean_largest(points, draws) + excess, exponent, len(points))
    return Quantity(
        complexity, "upper", how, failure, assumptions=(AuditedAssumption(INDEPENDENT_SIGNS),), gives="complexity", n=len(points)
    )


def _mean_largest(points: Array, signs: Array) -> float:
    """The mean over the rows of signs of the largest |sum_i eps_i x_ij|, moved up by its rounding error."""
    slack = 4 * len(points) * 2.0**-52 * float(np.max(np.sum(np.abs(points), axis=0)))
    sums = [np.max(np.abs(signs[i : i + BLOCK] @ points), axis=1) for i in range(0, len(signs), BLOCK)]
    return float(np.sum(np.concatenate(sums))) / len(signs) + slack


def _checked(data: Any) -> tuple[Array, int]:
    """The points over 2^e, and e: the largest entry is then below 1, and squares of what matters do not underflow."""
    points = np.asarray(data, dtype=np.float64)
    if points.ndim != 2 or not points.size or not np.all(np.isfinite(points)):
        raise ValueError(f"data must be a finite (n, d) matrix, got shape {points.shape}: pass one row per example")
    exponent = exponent_of(float(np.max(np.abs(points))))
    return np.ldexp(points, -exponent), exponent
