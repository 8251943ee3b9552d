"""Pairs of inputs that a network moves far apart, found by gradient ascent: normalisations and attention are steep in few places only."""

from __future__ import annotations

import torch
from torch import Tensor

from genbounds.models.tracing.graph import Graph

_SCALES = (1.0, 2.0**-4, 2.0**-8)
"""The examples are tried at these sizes: small ones, and zero itself, make tokens that are nearly constant."""
_GAPS = (2.0**-12, 2.0**-6)
"""Distances of the two inputs, as parts of the largest norm of an example: the slope at a point, and that over what it is steep on."""
_STEPS = 40
_MOST = 4
_RATE = 0.1


def steepest_pairs(graph: Graph, points: Tensor, directions: Tensor, radius: float | None) -> tuple[Tensor, Tensor]:
    """The few inputs x and y, row by row, at which ||f(x) - f(y)|| / ||x - y|| is large, none beyond ``radius``; candidates, and no bound.

    From ``points`` at several sizes, and from zero, along ``directions``, unit vectors of their shape, both ends move by Adam along the
    gradient of the quotient's logarithm, at a fixed distance from one another.
    """
    largest = float(points.flatten(1).norm(dim=1).max())
    starts = torch.cat([*(points * scale for scale in _SCALES), torch.zeros_like(points[:1])])
    along = torch.cat([*(directions for _ in _SCALES), directions[:1]])
    reach = torch.tensor([*(scale for scale in _SCALES for _ in points), _SCALES[-1]]).to(points) * largest
    gaps = torch.tensor([gap for gap in _GAPS for _ in starts]).to(points) * largest
    rows = [part.repeat(len(_GAPS), *(1,) * (part.ndim - 1)) for part in (starts, along, reach)]
    at_once = graph.batch or len(gaps)
    climbed = [
        _climbed(graph, start, line, far, gap, radius)
        for start, line, far, gap in zip(*(torch.split(part, at_once) for part in (*rows, gaps)), strict=True)
    ]
    x, y, slopes = (torch.cat(found) for found in zip(*climbed, strict=True))
    chosen = slopes.argsort(descending=True)[:_MOST]
    return x[chosen], y[chosen]


def _climbed(graph: Graph, start: Tensor, along: Tensor, reach: Tensor, gap: Tensor, radius: float | None) -> tuple[Tensor, Tensor, Tensor]:
    """The steepest ends of each row and their quotients; a step moves an end by about ``_RATE`` of ``reach``, and turns as much."""
    shape = (-1, *(1,) * (start.ndim - 1))
    root = float(start[0].numel()) ** 0.5
    unit, gap = (reach / root).reshape(shape), gap.reshape(shape)

    def ends() -> tuple[Tensor, Tensor]:
        """Drawn into the ball if there is one."""
        x = start + unit * moved
        y = x + gap * turned / turned.flatten(1).norm(dim=1).clamp_min(1e-300).reshape(shape)
        if radius is None:
            return x, y
        longest = torch.maximum(x.flatten(1).norm(dim=1), y.flatten(1).norm(dim=1)).clamp_min(1e-300)
        inside = (radius * (1 - 2.0**-20) / longest).clamp_max(1.0).reshape(shape)
        return x * inside, y * inside

    with torch.enable_grad():
        moved, turned = torch.zeros_like(start).requires_grad_(True), (along * root).clone().requires_grad_(True)
        best, steepest = (start, start), torch.zeros(len(start), dtype=start.dtype, device=start.device)
        adam = torch.optim.Adam([moved, turned], lr=_RATE)
        for _ in range(_STEPS):
            x, y = ends()
            size = (graph.outputs(y) - graph.outputs(x)).norm(dim=1)
            slopes = size / (y - x).flatten(1).norm(dim=1).clamp_min(1e-300)
            steeper = (slopes.detach() > steepest).reshape(shape)
            best = (torch.where(steeper, x.detach(), best[0]), torch.where(steeper, y.detach(), best[1]))
            steepest = torch.maximum(steepest, slopes.detach().nan_to_num(0.0, 0.0, 0.0))
            loss = -slopes.clamp_min(1e-300).log().sum()
            moved.grad, turned.grad = (
                part.nan_to_num(0.0, 0.0, 0.0)
                for part in torch.autograd.grad(loss, (moved, turned), allow_unused=True, materialize_grads=True)
            )
            adam.step()
    return (*best, steepest)
