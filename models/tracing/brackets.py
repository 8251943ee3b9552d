"""Lower bounds on a network's Lipschitz constant: how far it really moves its outputs, between points that are chosen well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from genbounds.models.tracing.ascent import steepest_pairs
from genbounds.models.tracing.evaluation import logits_with_error
from genbounds.models.tracing.graph import Graph

POINTS = 8
_STEPS = (2.0**-10, 2.0**-3, 1.0)
_MOST_OUTPUTS = 16
_LARGE = 1 << 20
"""Activations of one example above which half the points and a quarter of the Jacobian's rows must do."""


def lipschitz_lower(graph: Graph, gains: Sequence[tuple[float, ...]], points: Tensor, radius: float | None) -> float:
    """A certified lower bound: the largest (||f(y) - f(x)|| - their errors) / ||y - x|| over a few pairs, rounded down.

    At each point x, y = x + h v with v the top right singular vector of the local Jacobian (of a random sketch of its rows
    where there are more than 16 outputs, or than 4 in a large network) and a few h of either sign; and the points themselves in pairs. With
    normalisations or attention, unless the network is large, half the points are also where an ascent starts (``steepest_pairs``). The
    Jacobian and the ascent only choose the pairs, so that kinks and their own rounding cannot spoil the bound. Pairs beyond ``radius`` are
    left out. For an embedding ||y - x|| is that of the one-hot codes.
    """
    large = sum(node.size for node in graph.nodes) > _LARGE
    points = points[: POINTS // 2 if large else POINTS]
    if graph.one_hot is not None:
        return _largest_quotient(graph, gains, points, [])
    directions = _directions(graph, points, _MOST_OUTPUTS // 4 if large else _MOST_OUTPUTS)
    sizes = points.flatten(1).norm(dim=1).clamp_min(2.0**-10)
    shape = (-1, *(1,) * (points.ndim - 1))
    moved = []
    for step in _STEPS:
        for sign in (1.0,) if large else (1.0, -1.0):
            other = points + (sign * step * sizes).reshape(shape) * directions
            inside = radius is None or bool((other.flatten(1).norm(dim=1) <= radius).all())
            if inside and bool(torch.isfinite(other).all()):
                moved.append(other)
    best = _largest_quotient(graph, gains, points, moved)
    if large or not any(node.is_local or node.kind == "normalise" for node in graph.nodes):
        return best
    chosen = points[: POINTS // 2]
    return max(best, _pair_by_pair(graph, gains, *steepest_pairs(graph, chosen, directions[: len(chosen)], radius)))


def _pair_by_pair(graph: Graph, gains: Sequence[tuple[float, ...]], x: Tensor, y: Tensor) -> float:
    """The largest quotient of the pairs, each by itself: the error of a batch is that of all of it."""
    best = 0.0
    with torch.no_grad():
        for here, there in zip(torch.split(x, 1), torch.split(y, 1), strict=True):
            (first, error), (second, other) = (logits_with_error(graph, gains, end) for end in (here, there))
            best = max(best, _quotient(second - first, error + other, (there - here).flatten(1).norm(dim=1)))
    return best


def _directions(graph: Graph, points: Tensor, most: int) -> Tensor:
    """Unit vectors along which the outputs move most, to first order; any vector will do for soundness."""
    with torch.enable_grad():
        x = points.clone().requires_grad_(True)
        outputs = graph.outputs(x)
        count = outputs.shape[1]
        sketch = torch.eye(count, dtype=torch.float64, device=x.device)
        if count > most:
            signs = np.random.default_rng(0).choice([-1.0, 1.0], (most, count))
            sketch = torch.as_tensor(signs, dtype=torch.float64, device=x.device)
        rows = [
            torch.autograd.grad((outputs @ row).sum(), x, retain_graph=True, allow_unused=True, materialize_grads=True)[0].flatten(1)
            for row in sketch
        ]
    jacobian = torch.stack(rows, 1).nan_to_num(0.0, 0.0, 0.0)
    jacobian = jacobian / jacobian.abs().amax((1, 2), keepdim=True).clamp_min(1e-300)  # only its direction counts, and squares stay finite
    _values, vectors = torch.linalg.eigh(jacobian @ jacobian.mT)
    top = (vectors[..., -1:].mT @ jacobian)[:, 0]
    unit: Tensor = top / top.norm(dim=1, keepdim=True).clamp_min(1e-300)
    return unit.reshape(points.shape)


def _largest_quotient(graph: Graph, gains: Sequence[tuple[float, ...]], points: Tensor, moved: list[Tensor]) -> float:
    batches = [points, *moved]
    with torch.no_grad():
        found = [logits_with_error(graph, gains, batch) for batch in batches]
    best = 0.0
    here, error = found[0]
    for batch, (there, other_error) in zip(batches[1:], found[1:], strict=True):
        best = max(best, _quotient((there - here), error + other_error, (batch - points).flatten(1).norm(dim=1)))
    count = len(points)
    first, second = torch.triu_indices(count, count, 1, device=points.device)
    if graph.one_hot is not None:
        apart = (2.0 * (points[first] != points[second]).flatten(1).sum(1).to(torch.float64)).sqrt()
    else:
        apart = (points[first] - points[second]).flatten(1).norm(dim=1)
    return max(best, _quotient(here[first] - here[second], 2 * error, apart))


def _quotient(change: Tensor, error: float, apart: Tensor) -> float:
    """The largest of ||change|| less its error over the distance, with 2^-30 of itself for the rounding of both norms."""
    size = change.norm(dim=1) * (1 - 2.0**-30) - error
    valid = (apart > 0) & torch.isfinite(size)
    if not bool(valid.any()):
        return 0.0
    return max(0.0, float((size[valid] / (apart[valid] * (1 + 2.0**-30))).max()) * (1 - 2.0**-50))
