"""Least squares on random ReLU features of Gaussian inputs: train error, bias and variance, the population's moments in closed form.

Inputs are x ~ N(0, I_d), features s(<w_j, x>) with s the ReLU and w_j uniform on the sphere, labels y = f(x) + sigma e with f a
combination of ten further ReLU units. For unit vectors at angle a, E s(<u, x>) s(<v, x>) = (sin a + (pi - a) cos a)/(2 pi) (Cho and
Saul 2009, the arc-cosine kernel of degree one), so the risk of any combination of the units is a quadratic form: no test set is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.randomness.streams import Stream

INPUTS, TEACHERS, NOISE = 20, 10, 0.5
WIDTHS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0, 1.05, 1.2, 1.5, 2.0, 4.0, 8.0, 16.0)
"""Numbers of features over the number of examples."""
THRESHOLD = WIDTHS.index(1.0)


@dataclass(frozen=True)
class FeatureCell:
    """One draw of the features and of the target, and ``samples`` samples of n examples each."""

    n: int
    samples: int
    seed: int = 0


def moments(directions: Tensor) -> Tensor:
    """E s(<u_i, x>) s(<u_j, x>) for rows u_i of norm 1.

    >>> moments(torch.eye(2, dtype=torch.float64)).tolist()  # 1/2 and 1/(2 pi)
    [[0.5, 0.15915494309189535], [0.15915494309189535, 0.5]]
    """
    cosine = (directions @ directions.mT).clamp(-1, 1)
    cosine.fill_diagonal_(1.0)
    angle = cosine.arccos()
    return (angle.sin() + (math.pi - angle) * cosine) / (2 * math.pi)


def feature_result(cell: FeatureCell) -> dict[str, list[float] | float]:
    """By width: the training error, the risk, the squared bias, the variance (both unbiased), and the error of the identity of the
    three.
    """
    stream = Stream("capacity", "random features").sub(str(cell.seed))
    most = round(cell.n * WIDTHS[-1])
    directions = stream.sub("features").normal([0], 0, (most + TEACHERS) * INPUTS).reshape(-1, INPUTS)
    directions = directions / directions.norm(dim=1, keepdim=True)
    signs = torch.ones(TEACHERS, dtype=torch.float64)
    signs[::2] = -1
    second = moments(directions)
    teacher = signs / (signs @ second[most:, most:] @ signs).sqrt()
    draws = stream.sub("samples").normal(range(cell.samples), 0, cell.n * (INPUTS + 1)).reshape(cell.samples, cell.n, INPUTS + 1)
    inputs, noise = draws[..., :INPUTS], NOISE * draws[..., INPUTS]
    units = (inputs @ directions.mT).clamp(min=0)
    target = units[..., most:] @ teacher + noise
    found: dict[str, list[float]] = {"train": [], "risk": [], "bias": [], "variance": [], "identity": []}
    for share in WIDTHS:
        width = round(cell.n * share)
        weights = (torch.linalg.pinv(units[..., :width]) @ target[..., None])[..., 0]
        kept = torch.cat([torch.arange(width), torch.arange(most, most + TEACHERS)])
        values = decompose(weights, teacher, second[kept][:, kept])
        values["train"] = float((target - (units[..., :width] @ weights[..., None])[..., 0]).square().mean())
        for name, column in found.items():
            column.append(values[name])
    return {**found, "noise": NOISE**2}


def decompose(weights: Tensor, teacher: Tensor, second: Tensor) -> dict[str, float]:
    """Risk (with the labels' noise), squared bias and variance of the fits, whose weights are the rows of (samples, width).

    ``second`` holds the second moments of the fits' units, then of the teacher's. The variance has samples - 1 below it, and the
    squared bias loses the share of the variance that the mean of a few fits still has. ``identity`` is the relative difference between
    the mean risk and noise + plug-in squared bias + plug-in variance, which is rounding alone.
    """
    samples = len(weights)
    errors = torch.cat([weights, -teacher.expand(samples, -1)], dim=1)
    mean = errors.mean(0)
    spread = float(_form(errors - mean, second).mean())
    bias = float(_form(mean[None], second)[0])
    excess = float(_form(errors, second).mean())
    variance = spread * samples / (samples - 1)
    return {
        "risk": excess + NOISE**2,
        "bias": bias - variance / samples,
        "variance": variance,
        "identity": abs(excess - bias - spread) / excess,
    }


def _form(rows: Tensor, second: Tensor) -> Tensor:
    return ((rows @ second) * rows).sum(1)
