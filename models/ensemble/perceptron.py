"""The perceptron (Rosenblatt 1958) on many samples at once, with everything its theorems speak of.

w_0 = 0; an example (x, y), y in {-1, 1}, is a mistake where y <w, x> <= 0, and then w becomes w + y x. There is no
bias: append a constant coordinate for one. Everything is float64; on whole-number inputs (pixels) it is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from genbounds.models.ensemble.samples import IndexSamples


@dataclass(frozen=True, eq=False)
class PerceptronRun:
    """What K perceptrons did, one on each sample.

    Made by ``cycle`` and ``one_pass``.

    Attributes:
        weights: the last weights w_T, float64 (K, d).
        mistakes: number of updates T, int64 (K,).
        mistaken: which positions of the sample were ever a mistake, bool (K, n).
        squared_norms: the sum of ||x_t||^2 over the mistakes, float64 (K,). For every unit vector u with y <u, x> >= gamma, T gamma <=
            <w_T, u> <= ||w_T|| <= sqrt(squared_norms).
        passes: number of passes over the sample, int64 (K,), including the last one without a mistake if converged.
        converged: whether the last pass made no mistake, bool (K,).
        iterate_errors: the sum over the steps t of the pool errors of the weights *before* step t, int64 (K,); None unless asked for.
    """

    weights: Tensor
    mistakes: Tensor
    mistaken: Tensor
    squared_norms: Tensor
    passes: Tensor
    converged: Tensor
    iterate_errors: Tensor | None = None

    @property
    def weight_norms(self) -> Tensor:
        """||w_T||, (K,)."""
        return self.weights.square().sum(dim=1).sqrt()

    @property
    def distinct_mistaken(self) -> Tensor:
        """How many positions of the sample were ever a mistake, int64 (K,)."""
        return self.mistaken.sum(dim=1)

    def random_iterate_risk(self, pool_size: int) -> Tensor:
        """Risk, on the pool, of w_tau with tau uniform on {0, ..., n-1}, averaged over tau: float64 (K,)."""
        if self.iterate_errors is None:
            raise ValueError("iterate_errors were not recorded: run one_pass(..., iterate_risk=True)")
        return self.iterate_errors.to(torch.float64) / (self.mistaken.shape[1] * pool_size)


def one_pass(inputs: Tensor, labels: Tensor, samples: IndexSamples, *, iterate_risk: bool = False) -> PerceptronRun:
    """Show each perceptron its sample once, in the order given.

    Args:
        inputs: the pool, (N, d).
        labels: (N,), -1 and 1.
        samples: indices (K, n) into the pool; row k is the sequence that perceptron k sees.
        iterate_risk: also add up the pool errors of every iterate (computed anew only where the weights changed).

    Example (n orthonormal examples make n mistakes, all that (R/gamma)^2 = n allows):
        >>> run = one_pass(torch.eye(5), torch.ones(5, dtype=torch.int64), IndexSamples(torch.arange(5)))
        >>> run.mistakes, run.squared_norms
        (tensor([5]), tensor([5.], dtype=torch.float64))
    """
    return _run(inputs, labels, samples, 1, iterate_risk)


def cycle(inputs: Tensor, labels: Tensor, samples: IndexSamples, *, max_passes: int = 1000) -> PerceptronRun:
    """Show each perceptron its sample again and again, in one fixed order, until a pass makes no mistake.

    A perceptron that still errs after ``max_passes`` passes is returned with ``converged`` False.

    >>> inputs = torch.tensor([[1.0, 0.5], [-1.0, 0.25]], dtype=torch.float64)
    >>> run = cycle(inputs, torch.tensor([1, -1]), IndexSamples(torch.tensor([[0, 1]])))
    >>> run.converged.tolist(), run.mistakes.tolist(), run.weights.tolist()
    ([True], [1], [[1.0, 0.5]])
    """
    if max_passes < 1:
        raise ValueError(f"max_passes must be at least 1, got {max_passes}")
    return _run(inputs, labels, samples, max_passes, False)


def pool_errors(weights: Tensor, inputs: Tensor, labels: Tensor) -> Tensor:
    """Rows of the pool with y <w, x> <= 0, int64 (K,), for weights (K, d).

    >>> weights = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    >>> inputs = torch.tensor([[1.0, -1.0], [2.0, 1.0]], dtype=torch.float64)
    >>> pool_errors(weights, inputs, torch.tensor([1, 1])).tolist()
    [0, 1]
    """
    signed = inputs.to(torch.float64) * labels.to(torch.float64)[:, None]
    return _errors(weights, signed)


def _errors(weights: Tensor, signed: Tensor) -> Tensor:
    return (weights @ signed.T <= 0).sum(dim=1)


@torch.no_grad()
def _run(inputs: Tensor, labels: Tensor, samples: IndexSamples, max_passes: int, iterate_risk: bool) -> PerceptronRun:
    _check(inputs, labels)
    samples.check(samples.networks, len(inputs))
    signed = inputs.to(torch.float64) * labels.to(torch.float64)[:, None]  # y x: all that the algorithm looks at
    order = samples.indices.to(inputs.device)
    networks, n = order.shape
    weights = signed.new_zeros((networks, signed.shape[1]))
    mistakes = torch.zeros(networks, dtype=torch.int64, device=inputs.device)
    mistaken = torch.zeros((networks, n), dtype=torch.bool, device=inputs.device)
    squared_norms = signed.new_zeros(networks)
    norms = signed.square().sum(dim=1)
    errors, iterate_errors = _errors(weights, signed), torch.zeros_like(mistakes)
    passes, active = torch.zeros_like(mistakes), torch.ones(networks, dtype=torch.bool, device=inputs.device)
    for _ in range(max_passes):
        before = mistakes.clone()
        for position, rows in enumerate(order.T):
            if iterate_risk:
                iterate_errors += errors
            examples = signed[rows]
            wrong = (weights * examples).sum(dim=1) <= 0
            changed = wrong.nonzero().squeeze(1)
            if not len(changed):
                continue
            weights[changed] += examples[changed]
            mistakes[changed] += 1
            squared_norms[changed] += norms[rows[changed]]
            mistaken[changed, position] = True
            if iterate_risk:
                errors[changed] = _errors(weights[changed], signed)
        passes += active
        active = mistakes > before
        if not active.any():
            break
    return PerceptronRun(weights, mistakes, mistaken, squared_norms, passes, ~active, iterate_errors if iterate_risk else None)


@dataclass(frozen=True, eq=False)
class HardMargin:
    """A separating hyperplane through the origin.

    Made by ``hard_margin``.

    Attributes:
        direction: float64 (d,), not normalised.
        margin: rounded down, so that y <direction, x> >= margin ||direction|| holds for every example exactly.
    """

    direction: Tensor
    margin: float


def hard_margin(inputs: Tensor, labels: Tensor) -> HardMargin:
    """The separator through the origin with (nearly) the largest margin, and a proved lower bound of its margin.

    Any separator's margin is a lower bound of the best, so the solver's tolerance costs tightness only: the margin is
    computed again from the direction it returns, min y <w, x> / ||w||, in rational arithmetic, and rounded down.

    The solver is least-distance programming (Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23):
    min ||w|| subject to y <w, x> >= 1, through non-negative least squares.

    Args:
        inputs: (N, d).
        labels: (N,), -1 and 1.

    Raises:
        ValueError: if no direction with a positive margin was found.

    Example:
        >>> found = hard_margin(torch.tensor([[3.0, 4.0], [-4.0, -3.0]]), torch.tensor([1, -1]))
        >>> bool(4.9497474 < found.margin <= 7 / 2 * 2**0.5)
        True
    """
    from scipy.optimize import nnls

    _check(inputs, labels)
    signed = inputs.detach().to("cpu", torch.float64) * labels.to("cpu", torch.float64)[:, None]
    rows = signed.numpy()
    scale = float(np.abs(rows).max()) or 1.0
    system = np.vstack([rows.T / scale, np.ones(len(rows))])
    target = np.zeros(len(system))
    target[-1] = 1.0
    multipliers, _ = nnls(system, target, maxiter=30 * len(rows))
    residual = system @ multipliers - target
    direction = -residual[:-1] / residual[-1] if residual[-1] else residual[:-1]
    margin = _margin_rounded_down(rows, direction)
    if not margin > 0:
        raise ValueError(
            "inputs and labels must be linearly separable through the origin, and no separator was found: use a "
            "separable pool, or append a constant coordinate if the separator needs a bias"
        )
    return HardMargin(torch.from_numpy(direction), margin)


def _margin_rounded_down(rows: np.ndarray, direction: np.ndarray) -> float:
    """The largest double found that is at most min <row, direction> / ||direction||; 0 where that is not positive."""
    values = rows @ direction
    # Only rows whose floating-point value could be the minimum are worth exact arithmetic.
    error = (rows.shape[1] + 2) * np.finfo(float).eps * (np.abs(rows) @ np.abs(direction))
    candidates = rows[values - error <= (values + error).min()]
    exact = [Fraction(float(w)) for w in direction]
    least = min(_inner_product(row, exact) for row in candidates)
    if not least > 0:
        return 0.0
    square = least**2 / sum(w**2 for w in exact)
    return _rounded_down(math.sqrt(square), lambda m: m**2 <= square)


def _inner_product(row: np.ndarray, exact: list[Fraction]) -> Fraction:
    return sum((Fraction(float(x)) * w for x, w in zip(row, exact, strict=True)), Fraction(0))


def _rounded_down(guess: float, holds: Callable[[Fraction], bool]) -> float:
    while not holds(Fraction(guess)):
        guess = math.nextafter(guess, 0.0)
    return guess


def _check(inputs: Tensor, labels: Tensor) -> None:
    if inputs.dim() != 2 or inputs.numel() == 0:
        raise ValueError(f"inputs must be a non-empty (N, d) tensor, got shape {tuple(inputs.shape)}")
    if labels.shape != (len(inputs),):
        raise ValueError(f"labels must have shape ({len(inputs)},), one for each input, got {tuple(labels.shape)}")
    if not bool(torch.isfinite(inputs).all()):
        raise ValueError("inputs must be finite, got NaN or infinite entries: clean the data first")
    if not bool(((labels == 1) | (labels == -1)).all()):
        raise ValueError("labels must be -1 and 1, got others: write 2 * label - 1 for labels 0 and 1")
