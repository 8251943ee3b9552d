"""Linear twins: their distance compared with the recursion that bounds it, and the gaps of the first of each pair."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genbounds.bounds import Certificate
from genbounds.bounds.stability import (
    hardt2016convex,
    hardt2016distance_convex,
    hardt2016distance_nonconvex,
    hardt2016nonconvex,
    kuzborskij_lampert2018,
)
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.linear_models import decaying_steps, double_below, logistic_constants, sigmoid_constants
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array, generator
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.twin_networks.cells import LinearTwins

RADIUS = 0.5
"""Of the ball on which the steps of the logistic loss are projected: it bounds the loss, and moves no two points apart."""


def checkpoints(n: int) -> list[int]:
    """Steps at which linear twins are compared: twelve of them, the last one n.

    >>> checkpoints(24)
    [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]
    """
    return sorted({max(1, n * part // 12) for part in range(1, 13)})


def measure(cell: LinearTwins) -> dict[str, Any]:
    """Distances and their bounds at the checkpoints, mean over the pairs; the largest quotient of the two; and the gaps."""
    pool, key = population(cell.population), digest(cell)
    signed = torch.tensor(pool.inputs * pool.labels[:, None])
    sample = np.stack([pool.sample((key, pair), cell.n) for pair in range(cell.pairs)])
    replaced = generator("replaced", key).integers(cell.n, size=cell.pairs)
    twin = sample.copy()
    twin[np.arange(cell.pairs), replaced] = pool.sample(key, cell.pairs, purpose="replacements")
    order = Stream(f"twin networks {key}", "order").draws(range(cell.pairs)).permutation(0, cell.n)
    rows = torch.cat([torch.from_numpy(each).gather(1, order) for each in (sample, twin)])
    met = (order == torch.from_numpy(replaced)[:, None]).numpy().astype(np.float64)
    steps = step_sizes(cell)
    weights = descend(cell.loss, signed, rows, steps, checkpoints(cell.n), ball(cell) if cell.loss == "logistic" else None)
    distances = np.array([(at[: cell.pairs] - at[cell.pairs :]).norm(dim=1).numpy() for at in weights])
    limits = np.array([distance_limits(cell, steps[:count].numpy(), met[:, :count]) for count in checkpoints(cell.n)])
    losses = _losses(cell.loss, weights[-1][: cell.pairs], signed)
    gaps = losses.mean(dim=1) - losses.gather(1, torch.from_numpy(sample)).mean(dim=1)
    apart = limits > 0
    return {
        "steps": checkpoints(cell.n),
        "distance": distances.mean(axis=1).tolist(),
        "limit": limits.mean(axis=1).tolist(),
        "quotient": float((distances[apart] / limits[apart]).max(initial=0.0)),
        "before": float(distances[~apart].max(initial=0.0)),
        "gaps": gaps.tolist(),
    }


def step_sizes(cell: LinearTwins) -> Tensor:
    """Constant steps for the logistic loss, c/t for the sigmoid loss, rounded down to doubles; (n,)."""
    if cell.loss == "sigmoid":
        return decaying_steps(cell.step, cell.n)
    return torch.full((cell.n,), double_below(cell.step), dtype=torch.float64)


def descend(loss: str, signed: Tensor, rows: Tensor, steps: Tensor, at: list[int], radius: float | None = None) -> list[Tensor]:
    """Stochastic gradient descent from weights 0, one example per step; the weights (K, d) after the steps ``at``.

    Args:
        loss: "logistic" or "sigmoid".
        signed: y x for every row of the pool, float64 (N, d).
        rows: which row each model meets at each step, (K, T). steps: (T,).
        radius: of the ball on which each step ends with a projection; None for none.
    """
    weights, kept = signed.new_zeros((len(rows), signed.shape[1])), []
    for position, (step, met) in enumerate(zip(steps.tolist(), rows.T, strict=True), start=1):
        examples = signed[met]
        wrong = torch.sigmoid(-(weights * examples).sum(dim=1))
        slope = wrong if loss == "logistic" else wrong * (1 - wrong)
        weights.addcmul_(slope[:, None], examples, value=step)
        if radius is not None:  # which moves no two points apart; a little inside the ball, for rounding
            weights.mul_((radius * (1 - 1e-12) / weights.norm(dim=1, keepdim=True).clamp(min=1e-300)).clamp(max=1.0))
        if position in at:
            kept.append(weights.clone())
    return kept


def distance_limits(cell: LinearTwins, steps: Array, met: Array) -> Array:
    """The catalogue's recursion for the distance after these steps, (pairs,): ``met`` (pairs, T) is 1 at the replaced example, else 0."""
    lipschitz, smoothness = map(float, constants(cell))
    formula = hardt2016distance_convex if cell.loss == "logistic" else hardt2016distance_nonconvex
    return np.asarray(formula.value(lipschitz=lipschitz, smoothness=smoothness, step_sizes=steps, replaced=met))


def constants(cell: LinearTwins) -> tuple[Fraction, Fraction]:
    """Lipschitz constant and smoothness of the loss over the population."""
    radius = population(cell.population).input_radius
    return logistic_constants(radius) if cell.loss == "logistic" else sigmoid_constants(radius)


def gap_bound(cell: LinearTwins) -> Certificate:
    """Hardt, Recht and Singer's bound on the absolute value of the expected gap."""
    lipschitz, smoothness = constants(cell)
    if cell.loss == "logistic":
        return hardt2016convex(lipschitz=lipschitz, smoothness=smoothness, step_sizes=(cell.step,) * cell.n, n=cell.n)
    return hardt2016nonconvex(lipschitz=lipschitz, smoothness=smoothness, step_scale=cell.step, steps=cell.n, n=cell.n)


def start_bound(cell: LinearTwins) -> Certificate:
    """Kuzborskij and Lampert's bound on the expected gap of the sigmoid loss, with the curvature of the start.

    The expected risk, which is measured nowhere, is at most 1. At weights 0 the second derivative of the sigmoid loss vanishes at every
    example, so that the curvature is rho L c (1 + ln T), where rho = R^3/8: the third derivative s (1 - s) (1 - 6 s (1 - s)) of s is at
    most 1/8 in absolute value (at s = 1/2). 1 + ln T is rounded up.
    """
    lipschitz, smoothness = constants(cell)
    radius = Fraction(population(cell.population).input_radius)
    logarithm = Fraction(math.log(cell.n) * (1 + 1e-12)) + 1
    curvature = min(smoothness, radius**3 / 8 * lipschitz * cell.step * logarithm)
    return kuzborskij_lampert2018(
        lipschitz=lipschitz, smoothness=smoothness, curvature=curvature, step_scale=cell.step, expected_risk=1, steps=cell.n, n=cell.n
    )


def ball(cell: LinearTwins) -> float:
    """All weights are at most so long: by the projection; or, for the sigmoid loss, as a step c/t moves them by at most c R/(4 t)."""
    if cell.loss == "logistic":
        return RADIUS
    return float(cell.step) * population(cell.population).input_radius / 4 * (1 + math.log(cell.n)) * (1 + 1e-12)


def half_range(cell: LinearTwins) -> float:
    """The gap lies within plus and minus this: the width of the values that the loss has on margins up to r, r = R times ``ball``.

    ln(1 + e^r) - ln(1 + e^-r) = r for the logistic loss, s(r) - s(-r) = tanh(r/2) for the sigmoid loss.
    """
    margin = ball(cell) * population(cell.population).input_radius
    return float(margin if cell.loss == "logistic" else math.tanh(margin / 2)) * (1 + 1e-9)


def _losses(loss: str, weights: Tensor, signed: Tensor) -> Tensor:
    margins = weights @ signed.T
    return torch.nn.functional.softplus(-margins) if loss == "logistic" else torch.sigmoid(-margins)
