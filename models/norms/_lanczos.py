"""Lanczos's method on a batch of Hermitian operators given by their products: estimates only, never a bound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


def lanczos(matvec: Callable[[Tensor], Tensor], start: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Estimates of the largest eigenvalues (n,) and their vectors (n, m), by Lanczos with full reorthogonalisation.

    ``matvec`` maps (n, m) to (n, m), one positive semi-definite Hermitian operator a row; ``start`` is (n, m), not
    zero. The estimates are Rayleigh quotients up to rounding, so they are at most the truth, about.

    >>> matrix = torch.diag(torch.tensor([3.0, 2.0, 1.0], dtype=torch.float64))
    >>> values, _ = lanczos(lambda v: v @ matrix, torch.ones(1, 3, dtype=torch.float64), 3)
    >>> round(float(values[0]), 12)
    3.0
    """
    n, m = start.shape
    steps = min(steps, m)
    vector = start / torch.linalg.vector_norm(start, dim=1, keepdim=True)
    basis = torch.zeros((n, steps, m), dtype=start.dtype)
    diagonal, off = torch.zeros(n, steps, dtype=torch.float64), torch.zeros(n, steps, dtype=torch.float64)
    for step in range(steps):
        basis[:, step] = vector
        image = matvec(vector)
        diagonal[:, step] = (vector.conj() * image).sum(dim=1).real
        used = basis[:, : step + 1]
        for _ in range(2):
            image = image - ((used.conj() @ image[:, :, None]).mT @ used)[:, 0]
        norm = torch.linalg.vector_norm(image, dim=1, keepdim=True)
        # A row whose space is exhausted goes on with zeros: it adds zero eigenvalues, below the one that is sought.
        alive = norm[:, 0] > 1e-6 * diagonal[:, :1].amax(dim=1)
        vector = torch.where(alive[:, None], image / norm.clamp_min(1e-300 if norm.dtype == torch.float64 else 1e-30), 0)
        off[:, step] = torch.where(alive, norm[:, 0].double(), 0.0)
    tridiagonal = torch.diag_embed(diagonal) + torch.diag_embed(off[:, : steps - 1], 1) + torch.diag_embed(off[:, : steps - 1], -1)
    values, vectors = torch.linalg.eigh(tridiagonal)
    top = vectors[:, :, -1].to(start.dtype)
    return values[:, -1], (top[:, None] @ basis)[:, 0]


def start_vectors(n: int, m: int, dtype: torch.dtype) -> Tensor:
    """Fixed pseudo-random rows (n, m), all the same: no global seed is touched, and soundness needs no luck."""
    row = torch.from_numpy(np.random.default_rng(0).standard_normal(m))
    return row.to(dtype).expand(n, m).clone()
