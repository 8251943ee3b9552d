"""How steep a network really is: by ascent on the network itself in float64, without the code that reads networks."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

ROUNDS, FEW, SCALES = 24, 4, (1.0, 0.1, 0.01)
"""Turns of the ascent, in a network of more than ``LARGE`` parameters, and the sizes of the points where it begins."""
LARGE = 300_000


def logits(output: Any) -> Tensor:
    """The logits in what a network returns."""
    if isinstance(output, Tensor):
        return output if output.ndim > 1 else output[:, None]
    return logits(output["logits"] if isinstance(output, Mapping) else output[0])


def steepness(model: nn.Module, inputs: Tensor) -> float:
    """The largest local Lipschitz constant that was found at points no longer than the longest input; of token ids the largest quotient."""
    double = copy.deepcopy(model).double().eval()
    if not inputs.is_floating_point():
        return _pairs(double, inputs)
    start = inputs.double()
    radius = float(start.flatten(1).norm(dim=1).max())
    flat = torch.ones_like(start) * torch.linspace(-1, 1, len(start), dtype=torch.float64).reshape(-1, *(1,) * (start.ndim - 1))
    rounds = ROUNDS if sum(parameter.numel() for parameter in double.parameters()) <= LARGE else FEW
    return max(_ascent(double, points, radius, rounds) for points in (*(scale * start for scale in SCALES), flat))


def _ascent(model: nn.Module, points: Tensor, radius: float, rounds: int) -> float:
    """Moves along the steepest direction or at random, kept where they make the Jacobian's norm larger."""
    random = torch.Generator().manual_seed(0)
    norms, directions = _jacobian_norms(model, points)
    shape = (-1, *(1,) * (points.ndim - 1))
    step = 0.3
    for turn in range(rounds):
        size = step * points.flatten(1).norm(dim=1).clamp_min(1e-3).reshape(shape)
        move = directions * (1 - 2 * (turn % 2)) if turn % 3 else torch.randn(points.shape, generator=random, dtype=torch.float64)
        moved = points + size * move / move.flatten(1).norm(dim=1).clamp_min(1e-300).reshape(shape)
        moved = moved * (radius / moved.flatten(1).norm(dim=1).clamp_min(radius)).reshape(shape)
        there, along = _jacobian_norms(model, moved)
        better = there > norms
        points = torch.where(better.reshape(shape), moved, points)
        directions = torch.where(better.reshape(shape), along, directions)
        norms = torch.maximum(norms, there)
        step *= 1.0 if bool(better.any()) else 0.7
    return float(norms.max())


def _jacobian_norms(model: nn.Module, points: Tensor) -> tuple[Tensor, Tensor]:
    """The norm of the Jacobian at each point, and its top right singular vector."""
    x = points.clone().requires_grad_(True)
    found = logits(model(x))
    rows = [
        torch.autograd.grad(found[:, k].sum(), x, retain_graph=True, allow_unused=True, materialize_grads=True)[0]
        for k in range(found.shape[1])
    ]
    jacobian = torch.stack([row.flatten(1) for row in rows], 1)
    values, vectors = torch.linalg.eigh(jacobian @ jacobian.mT)
    return values[:, -1].clamp_min(0).sqrt(), (vectors[..., -1:].mT @ jacobian)[:, 0].reshape(points.shape)


def _pairs(model: nn.Module, tokens: Tensor) -> float:
    """Changes of one to all tokens of a sequence, each over the distance of the one-hot codes."""
    random = torch.Generator().manual_seed(0)
    best = 0.0
    with torch.no_grad():
        here = logits(model(tokens))
        for turn in range(ROUNDS):
            changed = torch.rand(tokens.shape, generator=random) < (turn + 1) / ROUNDS
            other = torch.where(changed, tokens[torch.randperm(len(tokens), generator=random)].roll(1, 1), tokens)
            apart = (2.0 * (other != tokens).sum(1)).sqrt()
            quotient = (logits(model(other)) - here).norm(dim=1) / apart
            best = max(best, float(quotient[apart > 0].max()) if bool((apart > 0).any()) else 0.0)
    return best
