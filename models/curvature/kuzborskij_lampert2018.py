"""Curvature at initialisation, as in the data-dependent stability of Kuzborskij and Lampert (2018)."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn

from genbounds.models.curvature._network import problem_of
from genbounds.models.curvature.hessian import extreme_eigenvalue
from genbounds.models.curvature.mean_estimate import MeanEstimate


def initial_curvature(
    model: nn.Module,
    inputs: Any,
    labels: Any = None,
    *,
    loss: nn.Module | None = None,
    examples: int | None = None,
    tolerance: float = 1e-4,
    seed: int = 0,
) -> MeanEstimate:
    """The mean over examples z of the spectral norm of the Hessian of f(w_1, z): an ``estimate`` of its mean over the population.

    Pass the network as it was *before* training. The number enters ``stability.kuzborskij_lampert2018`` (Kuzborskij and Lampert, ICML 2018)
    only through ``.estimate``, because the theorem needs the mean over the population.

    Args:
        model: the network at its initialisation; a float64 copy in eval mode is measured.
        inputs, labels, loss: those of ``hessian_top_eigenvalue``.
        examples: how many examples to take, drawn without replacement by ``seed``; all if None. Each costs a Lanczos run.
        tolerance: relative accuracy at which Lanczos stops.

    The standard error is that of the sample mean as an estimate of the mean over the population.

    >>> import torch
    >>> model, x = nn.Linear(1, 1, bias=False).double(), torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    >>> _ = nn.init.zeros_(model.weight)  # second derivatives 1/4 and 1
    >>> round(initial_curvature(model, x, torch.tensor([1, -1])).value.value, 6)
    0.625
    """
    problem = problem_of(model, inputs, labels, loss, batch_size=1)
    count = problem.n if examples is None else examples
    if not 2 <= count <= problem.n:
        raise ValueError(f"examples must lie in 2, ..., {problem.n}, got {count}: so many are in the sample, and one has no standard error")
    chosen = np.sort(np.random.default_rng(seed).permutation(problem.n)[:count])
    norms = [abs(extreme_eigenvalue(problem, [problem.batches[index]], "LM", tolerance, seed)) for index in chosen]
    return MeanEstimate.of(norms, f"mean spectral norm of the Hessians of {count} single examples, Lanczos to {tolerance:g}")
