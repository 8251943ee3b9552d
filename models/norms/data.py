"""Norms of the data: ||X||_F, the largest column norm and the largest example, rounded up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from genbounds.bounds.quantity import Quantity
from genbounds.models.norms.rounding import Array, inflate


def as_data(inputs: Any, name: str = "inputs") -> torch.Tensor:
    """Return ``inputs`` as a float64 tensor (n, features), on its own device; ``ValueError`` for NaN, infinities, no
    data.
    """
    data = inputs.detach() if isinstance(inputs, torch.Tensor) else torch.as_tensor(np.asarray(inputs))
    if data.ndim < 2 or data.numel() == 0:
        raise ValueError(
            f"{name} must have shape (n, ...) with at least one example of at least one feature, got "
            f"{tuple(data.shape)}: "
            "pass one row per example"
        )
    data = data.to(torch.float64).flatten(1)
    if not bool(torch.isfinite(data).all()):
        rows = int((~torch.isfinite(data)).any(dim=1).sum())
        raise ValueError(f"{name} must hold finite numbers, got NaN or infinities in {rows} examples: drop or impute them")
    return data


def squares_upper(data: torch.Tensor, counts: Array | None = None) -> tuple[Array, Array]:
    """Upper bounds on the squared norms of the rows, (..., n), and of the columns with each row ``counts`` times, (K
    or 1, d).

    ``data`` is float64 (n, d), or (K, n, d) for one set of rows per network; ``counts`` float64 (K or 1, n).
    """
    squares = data.square()
    n, width = data.shape[-2:]
    # The last terms cover squares that underflow, each by at most 2^-1074 (and at most 2^53 times).
    rows: Array = squares.sum(dim=-1).cpu().numpy() * inflate(width) + width * 2.0**-1000
    stacked = squares if squares.ndim == 3 else squares[None]
    if counts is None:
        sums = stacked.sum(dim=1)
    elif data.ndim == 2:
        sums = torch.as_tensor(counts, device=data.device) @ squares
    else:
        sums = torch.einsum("kn,knd->kd", torch.as_tensor(counts, device=data.device).expand(len(data), n), squares)
    columns: Array = sums.cpu().numpy() * inflate(n + 2) + n * 2.0**-1000
    return rows, columns


def weighted_root_upper(squares: Array, counts: Array | None) -> Array:
    """sqrt(sum_i counts_i squares_i) over the last axis, rounded up."""
    terms = squares if counts is None else squares * counts
    roots: Array = np.sqrt(terms.sum(axis=-1) * inflate(squares.shape[-1])) * inflate(0)
    if not np.isfinite(roots).all():
        raise ValueError("inputs must have a norm below 1e154, got an overflow: scale them down")
    return roots


def data_norm(inputs: Any, counts: Any = None, *, name: str = "inputs") -> Quantity:
    """||X||_F = sqrt(sum_i counts_i ||x_i||^2), rounded up.

    ``inputs`` is (n, ...), ``counts`` an optional vector of non-negative whole numbers, how often each row occurs in
    the sample. Raises ``ValueError`` naming ``name`` for NaN, infinities, an empty set.

    >>> q = data_norm([[3.0, 4.0], [0.0, 12.0]])
    >>> 13.0 <= float(q) < 13.0 + 1e-12
    True
    """
    squares, _ = squares_upper(as_data(inputs, name))
    weights = None if counts is None else as_counts(counts, 1)[0].astype(np.float64)
    if weights is not None and len(weights) != len(squares):
        raise ValueError(counts_length(len(squares), len(weights)))
    return Quantity(float(weighted_root_upper(squares, weights)), "upper", "||X||_F: float64 sum of squares, rounded up")


def counts_length(wanted: int, got: int) -> str:
    """The message for multiplicities that do not fit the examples."""
    return f"counts must have one entry per example, {wanted}, got {got}: pass the multinomial counts of the rows"


def as_counts(counts: Any, networks: int) -> npt.NDArray[np.int64]:
    """Check multiplicities: whole, non-negative, not all zero; ``ValueError`` otherwise.

    Returns int64 of shape (networks, n) from a vector (n,) or such a matrix. Up to 2^53 they are doubles exactly.

    >>> as_counts([2, 0, 1], 1).tolist()
    [[2, 0, 1]]
    """
    array = counts.detach().cpu().numpy() if isinstance(counts, torch.Tensor) else np.asarray(counts)
    if array.ndim not in (1, 2) or (array.ndim == 2 and len(array) != networks) or not array.size:
        raise ValueError(
            f"counts must have shape (n,){f' or ({networks}, n)' if networks > 1 else ''}, got {array.shape}: "
            "pass the multinomial counts of the rows"
        )
    numeric = array.dtype.kind in "iuf" and bool(np.isfinite(array).all())
    if not numeric or (array < 0).any() or (array > 2**53).any() or (array != np.floor(array)).any():
        raise ValueError("counts must be whole numbers from 0 to 2^53: they say how often each row occurs in the sample")
    if not array.any(axis=-1).all():
        raise ValueError("counts must not all be zero: an empty sample has no risk")
    whole = array.astype(np.int64)
    return np.broadcast_to(whole, (networks, array.shape[-1]))
