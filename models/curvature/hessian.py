"""The Hessian of the average loss in the parameters: its largest eigenvalue and its trace, through curvlinops."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.bounds.quantity import Quantity
from genbounds.models.curvature._network import Problem, curvlinops, problem_of, traced, user_state_kept
from genbounds.models.curvature.mean_estimate import MeanEstimate

_DENSE = 32
"""Up to so many parameters the matrix itself is as cheap as a Lanczos run, which needs room for its subspace."""


def hessian_top_eigenvalue(
    model: nn.Module,
    inputs: Any,
    labels: Any = None,
    *,
    loss: nn.Module | None = None,
    batch_size: int = 512,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> Quantity:
    """The largest (algebraic) eigenvalue of the Hessian of the average loss, by Lanczos (ARPACK): an ``estimate``.

    Args:
        model: any network with outputs (n, K); a float64 copy in eval mode is measured.
        inputs, labels: the sample, (n, ...) and (n,), or an iterable of batches (x, y) with ``labels=None``.
        loss: a torch loss module with ``reduction="mean"``; by default cross-entropy, or the logistic loss ln(1 + exp(-y f)) for one
            output.
        batch_size: examples worked on at once.
        tolerance: relative accuracy at which Lanczos stops.
        seed: of the starting vector. The global generators stay as they are.

    A Lanczos value is at most the true one up to rounding, so it is not an upper bound, and no certificate takes it. Raises ``ValueError``
    for bad input or where Lanczos does not converge, ``ImportError`` without the extra ``curvature``.

    >>> model, x = nn.Linear(1, 1, bias=False).double(), torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    >>> _ = nn.init.zeros_(model.weight)  # the logistic loss has second derivative x^2/4 there
    >>> round(hessian_top_eigenvalue(model, x, torch.tensor([1, -1])).value, 6)
    0.625
    """
    problem = problem_of(model, inputs, labels, loss, batch_size)
    value = extreme_eigenvalue(problem, problem.batches, "LA", tolerance, seed)
    return Quantity(value, "estimate", f"largest Hessian eigenvalue over {problem.n} examples, Lanczos to {tolerance:g}")


def hessian_trace(
    model: nn.Module,
    inputs: Any,
    labels: Any = None,
    *,
    loss: nn.Module | None = None,
    method: Literal["hutchinson", "xtrace"] = "hutchinson",
    repetitions: int = 10,
    products: int = 10,
    batch_size: int = 512,
    seed: int = 0,
) -> MeanEstimate:
    """The trace of the Hessian of the average loss with its standard error, by curvlinops' estimators: ``estimate``s.

    Args:
        method: ``"hutchinson"`` (Hutchinson 1989: averages of v'Hv over random signs v) or ``"xtrace"`` (Epperly, Tropp and Webber
            2024: fewer products where few eigenvalues carry the trace; it needs a Hessian of rank at least ``products / 2``).
        repetitions: independent runs of the estimator, at least 2; their spread gives the standard error.
        products: Hessian-vector products per run, fewer than there are parameters; even for ``"xtrace"``.

    The other arguments are those of ``hessian_top_eigenvalue``. Both estimators are unbiased.

    >>> model, x = nn.Linear(2, 1, bias=False).double(), torch.eye(2, dtype=torch.float64)
    >>> _ = nn.init.zeros_(model.weight)  # the Hessian is I/8 there
    >>> found = hessian_trace(model, x, torch.tensor([1, -1]), products=1)
    >>> round(found.value.value, 6)
    0.25
    """
    library = curvlinops()
    problem = problem_of(model, inputs, labels, loss, batch_size)
    _check_products(method, repetitions, products, problem.twin.size)
    estimator = library.hutchinson_trace if method == "hutchinson" else library.xtrace
    with user_state_kept(problem.twin.device, seed):
        operator = hessian(problem, problem.batches)
        try:
            found = [float(traced("Hessians", estimator, operator, products)) for _ in range(repetitions)]
        except ValueError as error:
            if method == "xtrace" and "singular" in str(error):
                raise ValueError(
                    f"products must be at most twice the Hessian's rank for xtrace, got {products}: use fewer, or method='hutchinson'"
                ) from error
            raise
    if not np.all(np.isfinite(found)):
        raise ValueError(f"the Hessian's trace must be finite, got {found}: use fewer products, or method='hutchinson'")
    how = f"trace of the Hessian over {problem.n} examples, {method}, {repetitions} times {products} products"
    return MeanEstimate.of(found, how)


def _check_products(method: str, repetitions: int, products: int, size: int) -> None:
    if method not in ("hutchinson", "xtrace"):
        raise ValueError(f"method must be 'hutchinson' or 'xtrace', got {method!r}: use one of these")
    if repetitions < 2:
        raise ValueError(f"repetitions must be at least 2, got {repetitions}: one has no standard error")
    if not 1 <= products < size:
        raise ValueError(f"products must be at least 1 and below the number of parameters, {size}, got {products}: choose fewer")
    if method == "xtrace" and products % 2:
        raise ValueError(f"products must be even for xtrace, got {products}: half of them find the range, half correct it")


def hessian(problem: Problem, batches: list[tuple[Tensor, Tensor]]) -> Any:
    """curvlinops' operator of the Hessian of the average loss over these batches."""
    module = problem.twin.module
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    count = sum(len(x) for x, _ in batches)
    return curvlinops().HessianLinearOperator(module, problem.loss, parameters, batches, check_deterministic=False, num_data=count)


def extreme_eigenvalue(
    problem: Problem, batches: list[tuple[Tensor, Tensor]], which: Literal["LA", "LM"], tolerance: float, seed: int
) -> float:
    """The largest eigenvalue ("LA"), or the one of largest magnitude ("LM"), of the Hessian over these batches."""
    from scipy.sparse.linalg import ArpackError, eigsh

    if not 0 < tolerance < 1:
        raise ValueError(f"tolerance must lie in (0, 1), got {tolerance}: it is the relative accuracy at which Lanczos stops")
    with user_state_kept(problem.twin.device, seed):
        operator = hessian(problem, batches)
        size = operator.shape[0]
        start = np.random.default_rng(seed).standard_normal(size)
        if size <= _DENSE:
            identity = torch.eye(size, dtype=torch.float64, device=problem.twin.device)
            matrix = traced("Hessians", operator.__matmul__, identity)
            values = torch.linalg.eigvalsh((matrix + matrix.T) / 2).cpu().numpy()
        else:
            linear = operator.to_scipy(dtype=np.float64)
            if not np.any(traced("Hessians", linear.matvec, start)):
                return 0.0  # ARPACK refuses a zero matrix; a random vector is in the null space of no other
            try:
                values = eigsh(linear, k=1, which=which, tol=tolerance, v0=start, return_eigenvectors=False)
            except ArpackError as error:
                raise ValueError(f"Lanczos must converge, got: {error}; choose a larger tolerance than {tolerance}") from error
    best = float(max(values, key=abs) if which == "LM" else max(values))
    if not np.isfinite(best):
        raise ValueError("the Hessian must be finite, got NaN or infinities: the loss overflows at these weights")
    return best
