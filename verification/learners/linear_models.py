"""Linear models y ~ <w, x> with smooth losses of the margin m = y <w, x>: constants, exact minimisers, and plain gradient descent.

For ||x|| <= R and a loss phi(m), the gradient in w is phi'(m) y x and the Hessian phi''(m) x x^T. So the loss is (sup |phi'|) R-Lipschitz
and (sup |phi''|) R^2-smooth in w, over all w and all points of the population.

- logistic, phi(m) = ln(1 + e^-m): phi' = -s(-m) and phi'' = s(m) s(-m) with s the sigmoid, so sup |phi'| = 1, sup phi'' = 1/4 (at m = 0),
  and phi'' > 0: the loss is convex.
- sigmoid, phi(m) = s(-m), which lies in [0, 1]: with s = s(m), |phi'| = s (1 - s) <= 1/4 and |phi''| = s (1 - s) |1 - 2 s|. The derivative
  of s (1 - s) (1 - 2 s) in s is 1 - 6 s + 6 s^2, zero at s = (3 -+ sqrt 3) / 6, where the value is 1 / (6 sqrt 3) = .0962: so the loss is
  R/4-Lipschitz and R^2 / (6 sqrt 3)-smooth, and it is not convex.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from genbounds.verification.populations.protocol import Array

SIXTH_ROOT = Fraction(962251, 10_000_000)
"""Above 1 / (6 sqrt 3) = 0.09622504...: its square times 108 exceeds 1."""
UNIT_ROUNDOFF = 2.0**-52


def logistic_constants(radius: float) -> tuple[Fraction, Fraction]:
    """Lipschitz constant R and smoothness R^2 / 4 of the logistic loss, exact at this radius.

    >>> logistic_constants(2.0)
    (Fraction(2, 1), Fraction(1, 1))
    """
    exact = Fraction(radius)
    return exact, exact**2 / 4


def sigmoid_constants(radius: float) -> tuple[Fraction, Fraction]:
    """Lipschitz constant R / 4 and an upper bound on the smoothness R^2 / (6 sqrt 3) of the sigmoid loss.

    >>> lipschitz, smoothness = sigmoid_constants(1.0)
    >>> lipschitz, smoothness**2 * 108 > 1
    (Fraction(1, 4), True)
    """
    exact = Fraction(radius)
    return exact / 4, exact**2 * SIXTH_ROOT


def up(value: Fraction) -> float:
    """The least double found that is not below an exact number."""
    near = float(value)
    return near if Fraction(near) >= value else math.nextafter(near, math.inf)


@dataclass(frozen=True, eq=False)
class Minimiser:
    """A nearly exact minimiser of a regularised logistic risk.

    Attributes:
        weights: (d,) float64.
        distance: an upper bound on its distance from the exact minimiser.
        sample_risk, pool_risk: average logistic loss of these weights on the sample and on the pool, float64.
        error: an upper bound on the rounding error of the two risks, each.
    """

    weights: Array
    distance: float
    sample_risk: float
    pool_risk: float
    error: float


def minimise(inputs: Array, labels: Array, counts: Array, strong_convexity: float, radius: float) -> Minimiser:
    """The minimiser of F(w) = average logistic loss on the sample + (mu/2) ||w||^2, mu = ``strong_convexity``, by Newton's method.

    F is mu-strongly convex, so that ||w - w*|| <= ||grad F(w)|| / mu for its minimiser w*, wherever w came from. The gradient is evaluated
    in float64: sums of N terms of size at most R, and mu w, whose relative errors are below (N + d + 40) 2^-52; this is added to its norm.

    Args:
        inputs: (N, d), rows of norm at most ``radius``. labels: (N,), -1 and +1. counts: (N,), how often each row is in the sample.

    Raises:
        ArithmeticError: Newton's method stops short of a gradient of 1e-10 (it converges for every sample that was tried).
    """
    signed = inputs * labels[:, None]
    shares = counts / counts.sum()
    weights = np.zeros(inputs.shape[1])
    identity = np.eye(len(weights))
    for _ in range(100):
        gradient = _gradient(weights, signed, shares, strong_convexity)
        if np.linalg.norm(gradient) <= 1e-14 * radius:
            break
        slope = _sigmoid(-(signed @ weights))
        hessian = (signed * (shares * slope * (1 - slope))[:, None]).T @ signed + strong_convexity * identity
        step = np.linalg.solve(hessian, gradient)
        weights = weights - _damping(weights, step, gradient, signed, shares, strong_convexity) * step
    norm = float(np.linalg.norm(weights))
    relative = (len(inputs) + len(weights) + 40) * UNIT_ROUNDOFF
    slack = relative * (radius * (1 + radius * norm) + strong_convexity * norm)
    gradient_norm = float(np.linalg.norm(_gradient(weights, signed, shares, strong_convexity))) * (1 + 1e-12) + slack
    if not gradient_norm <= 1e-10 * max(1.0, radius):
        raise ArithmeticError(f"the gradient must vanish at the minimiser, got {gradient_norm}: raise strong_convexity")
    losses = np.logaddexp(0.0, -(signed @ weights))
    return Minimiser(
        weights=weights,
        distance=gradient_norm / strong_convexity * (1 + 1e-12),
        sample_risk=math.fsum(shares * losses),
        pool_risk=math.fsum(losses) / len(losses),
        error=relative * (1 + radius * norm),
    )


def norm_bound(radius: float, strong_convexity: Fraction) -> float:
    """A ball that contains the minimiser for every sample: min(R / mu, sqrt(2 ln 2 / mu)), rounded up.

    The gradient vanishes at the minimiser, so that mu ||w|| is the norm of an average of gradients, each at most R; and (mu/2) ||w||^2 is
    at most the objective at w, which is at most its value ln 2 at 0.

    >>> round(norm_bound(10.0, Fraction(1, 2)), 6), round(norm_bound(0.5, Fraction(1)), 6)
    (1.665109, 0.5)
    """
    mu = float(strong_convexity)
    return min(radius / mu, math.sqrt(2 * math.log(2) / mu)) * (1 + 1e-12) + 1e-16


def loss_range(radius: float, strong_convexity: Fraction) -> float:
    """The logistic loss of a minimiser lies in [0, M], M = ln(1 + exp(R * ``norm_bound``)), rounded up: a consequence of the penalty."""
    return float(np.logaddexp(0.0, radius * norm_bound(radius, strong_convexity))) * (1 + 1e-12)


def _gradient(weights: Array, signed: Array, shares: Array, strong_convexity: float) -> Array:
    result: Array = strong_convexity * weights - (shares * _sigmoid(-(signed @ weights))) @ signed
    return result


def _damping(weights: Array, step: Array, gradient: Array, signed: Array, shares: Array, strong_convexity: float) -> float:
    """Halve the step until the objective falls enough (Armijo); near the minimum, where rounding hides any fall, take the whole step."""

    def objective(point: Array) -> float:
        return float(shares @ np.logaddexp(0.0, -(signed @ point)) + strong_convexity / 2 * (point @ point))

    start, slope, factor = objective(weights), float(gradient @ step), 1.0
    while factor > 1e-6 and objective(weights - factor * step) > start - 1e-4 * factor * slope + 1e-13:
        factor /= 2
    return factor


def _sigmoid(values: Array) -> Array:
    return np.asarray(torch.sigmoid(torch.from_numpy(values)).numpy())


def double_below(number: Fraction) -> float:
    """The largest double that is at most the number, which is positive: a step that was rounded up would be above what a theorem admits.

    >>> double_below(Fraction(1, 4)), double_below(Fraction(1, 10)) < Fraction(1, 10) < 0.1
    (0.25, True)
    """
    near = float(number)
    return near if Fraction(near) <= number else math.nextafter(near, 0.0)


def decaying_steps(scale: Fraction, steps: int) -> Tensor:
    """The step sizes c/t for t = 1, 2, ..., each rounded down to a double, float64 (T,).

    >>> decaying_steps(Fraction(1, 2), 4)
    tensor([0.5000, 0.2500, 0.1667, 0.1250], dtype=torch.float64)
    """
    return torch.tensor([double_below(scale / t) for t in range(1, steps + 1)], dtype=torch.float64)


def descend_sigmoid(signed: Tensor, rows: Tensor, step_sizes: Tensor) -> Tensor:
    """Stochastic gradient descent on the sigmoid loss from w = 0, one example per step: K weight vectors, float64 (K, d).

    Args:
        signed: y x for every row of the pool, float64 (N, d).
        rows: which row of the pool each network meets at each step, int64 (K, T).
        step_sizes: (T,).
    """
    weights = signed.new_zeros((len(rows), signed.shape[1]))
    for step, met in zip(step_sizes.tolist(), rows.T, strict=True):
        examples = signed[met]
        slope = torch.sigmoid((weights * examples).sum(dim=1))
        # The loss is s(-m), its derivative in m is -s (1 - s).
        weights.addcmul_((slope * (1 - slope))[:, None], examples, value=step)
    return weights


def descend_regularised(examples: Array, start: Array, penalty: float, sizes: Sequence[float], radius: float) -> Array:
    """Gradient descent on ln(1 + exp(-<w, z>)) + (mu/2) ||w - w_0||^2 from w_0, one example per step, projected on a ball around w_0: (K,
    d).

    Args:
        examples: z = y x that each run meets at each step, (K, T, d).
        start: w_0, (d,).
        penalty: mu.
        sizes: of the T steps.
        radius: of the ball.

    >>> descend_regularised(np.array([[[1.0, 0.0], [0.0, 1.0]]]), np.zeros(2), 0.5, [1.0, 1.0], 9.0).tolist()
    [[0.25, 0.5]]
    """
    moved = np.zeros((len(examples), len(start)))
    for step, met in zip(sizes, np.moveaxis(examples, 1, 0), strict=True):
        slope = _sigmoid(-((start + moved) * met).sum(axis=1))
        moved = (1 - step * penalty) * moved + step * slope[:, None] * met
        moved *= np.minimum(1.0, radius / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-300))
    return np.asarray(start + moved)


def sigmoid_losses(weights: Tensor, signed: Tensor) -> Tensor:
    """The loss of each network at each row of the pool, (K, N)."""
    return torch.sigmoid(-(weights @ signed.T))
