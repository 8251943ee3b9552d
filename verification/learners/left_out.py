"""Regularised logistic minimisers of a sample, of the sample without each of its examples, and with one replaced: all at once.

The objective is sum_i a_i ln(1 + exp(-y_i <w, x_i>)) + (mu/2) ||w - w_0||^2, with weights a_i that are 1/n for the examples that are
there, or their share among those that are left. Outputs are differences w - w_0; the offset of an example is y_i <w_0, x_i>.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from genbounds.verification.learners.linear_models import UNIT_ROUNDOFF
from genbounds.verification.populations.protocol import Array

LARGEST_GRADIENT = 1e-10
"""What Newton's method must reach."""


@dataclass(frozen=True, eq=False)
class Minimisers:
    """Outputs for several weightings of the same examples.

    Attributes:
        weights: w - w_0, one row for each weighting, (weightings, d).
        gradient: an upper bound on the norm of each objective's gradient there, rounding included.
        strong_convexity: mu.
    """

    weights: Array
    gradient: float
    strong_convexity: float

    @property
    def distance(self) -> float:
        """An upper bound on the distance of each output from the exact minimiser, by strong convexity."""
        return self.gradient / self.strong_convexity * (1 + 1e-12)

    @property
    def objective_gap(self) -> float:
        """An upper bound on what each output's objective is above its minimum."""
        return self.gradient**2 / (2 * self.strong_convexity) * (1 + 1e-12)


def weightings(n: int, *, of_sum: bool) -> Array:
    """All examples, and all but the i-th for i = 1, ..., n: (n + 1, n).

    Args:
        n: number of examples.
        of_sum: whether the others keep their weight 1/n, or share the whole weight.

    >>> weightings(2, of_sum=True).tolist(), weightings(2, of_sum=False).tolist()
    ([[0.5, 0.5], [0.0, 0.5], [0.5, 0.0]], [[0.5, 0.5], [0.0, 1.0], [1.0, 0.0]])
    """
    without = (1 - np.eye(n)) / (n if of_sum else max(n - 1, 1))
    return np.concatenate([np.full((1, n), 1 / n), without])


def minimisers(signed: Array, offsets: Array, shares: Array, strong_convexity: float) -> Minimisers:
    """The exact minimisers, by Newton's method from w_0.

    Args:
        signed: y x for each example, rows of norm at most 1, (n, d).
        offsets: y <w_0, x> for each example, (n,).
        shares: the weights of the examples in each objective, (weightings, n); a row adds up to at most 1.
        strong_convexity: mu.

    Raises:
        ArithmeticError: Newton's method stops short of a gradient of 1e-10.
    """
    squares = (signed[:, :, None] * signed[:, None, :]).reshape(len(signed), -1)
    weights, features = np.zeros((len(shares), signed.shape[1])), signed.shape[1]
    for _ in range(30):
        gradient = _gradient(weights, signed, offsets, shares, strong_convexity)
        if np.abs(gradient).max() <= 1e-13:
            break
        slope = special.expit(-(weights @ signed.T + offsets))
        hessian = ((shares * slope * (1 - slope)) @ squares).reshape(-1, features, features) + strong_convexity * np.eye(features)
        weights = weights - np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
    found = Minimisers(weights, _norm_above(weights, signed, offsets, shares, strong_convexity), strong_convexity)
    if not found.gradient <= LARGEST_GRADIENT:
        raise ArithmeticError(f"the gradient must vanish at the minimiser, got {found.gradient}: raise strong_convexity")
    return found


def stopped_early(signed: Array, offsets: Array, shares: Array, strong_convexity: float, tolerance: float) -> Minimisers:
    """Gradient descent from w_0 with steps 1/(1/4 + mu), each objective until its gradient is at most the tolerance.

    Args and raises as ``minimisers``; ``tolerance`` bounds the norm of the gradient.
    """
    weights, step = np.zeros((len(shares), signed.shape[1])), 1 / (0.25 + strong_convexity)
    for _ in range(10_000):
        gradient = _gradient(weights, signed, offsets, shares, strong_convexity)
        moving = np.linalg.norm(gradient, axis=1, keepdims=True) > tolerance * (1 - 1e-9)
        if not moving.any():
            break
        weights = weights - step * np.where(moving, gradient, 0.0)
    found = Minimisers(weights, _norm_above(weights, signed, offsets, shares, strong_convexity), strong_convexity)
    if not found.gradient <= tolerance:
        raise ArithmeticError(f"the gradient must fall to {tolerance}, got {found.gradient}: raise strong_convexity")
    return found


def _gradient(weights: Array, signed: Array, offsets: Array, shares: Array, strong_convexity: float) -> Array:
    return np.asarray(strong_convexity * weights - (shares * special.expit(-(weights @ signed.T + offsets))) @ signed)


def _norm_above(weights: Array, signed: Array, offsets: Array, shares: Array, strong_convexity: float) -> float:
    """The largest norm of a gradient, and what rounding may hide: sums of n terms of size at most 1, and mu w."""
    norm = float(np.linalg.norm(weights, axis=1).max())
    relative = (len(signed) + signed.shape[1] + 40) * UNIT_ROUNDOFF
    largest = float(np.linalg.norm(_gradient(weights, signed, offsets, shares, strong_convexity), axis=1).max())
    return float(largest * (1 + 1e-12) + relative * (2 + norm * (1 + strong_convexity)))
