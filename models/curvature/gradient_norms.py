"""Norms of the gradients of single examples: how flat the loss of each one is."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.func import grad, vmap

from genbounds.bounds.quantity import Quantity
from genbounds.models.curvature._network import problem_of, traced, user_state_kept


def gradient_norms(
    model: nn.Module,
    inputs: Any,
    labels: Any = None,
    *,
    loss: nn.Module | None = None,
    batch_size: int = 128,
) -> Quantity:
    """The l2 norm of the gradient, in the parameters, of each example's loss: a vector of n ``estimate``s, in the order given.

    A small norm says that the example's loss is flat at these weights (individual flatness). The norms are computed in float64 by
    torch.func's ``vmap(grad(...))``, without a bound on the rounding. Arguments as in ``hessian_top_eigenvalue``; ``batch_size`` gradients
    are in memory at once.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> _ = nn.init.zeros_(layer.weight)
    >>> gradient_norms(layer, [[3.0, 4.0], [0.0, 1.0]], [1, -1]).value  # the logistic loss has slope 1/2 at 0
    (2.5, 0.5)
    """
    problem = problem_of(model, inputs, labels, loss, batch_size)
    each = vmap(grad(problem.loss_of_example), in_dims=(None, 0, 0))
    found: list[float] = []
    with user_state_kept(problem.twin.device):
        for x, y in problem.batches:
            gradients = traced("gradients of single examples", each, problem.twin.parameters, x, y)
            squares = sum(gradient.flatten(1).square().sum(1) for gradient in gradients.values())
            found += torch.as_tensor(squares).sqrt().tolist()
    return Quantity(tuple(found), "estimate", "norms of single examples' gradients in float64, rounding not bounded")
