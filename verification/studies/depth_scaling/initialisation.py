"""Residual and plain networks as they are drawn: the norm of the output, layer by layer, and the products over windows of layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from genbounds.verification.populations.protocol import Array, generator
from genbounds.verification.studies.depth_scaling.cell import SCALED, SCALINGS, WINDOWED, OutputCell, WindowCell, tau


def output_norms(cell: OutputCell) -> Mapping[str, Any]:
    """What becomes of an input of norm 1 and no negative entry; all scalings have the same weights, W_ij from N(0, 2/width).

    Returns:
        By name: ``linear``, the layers h + tau W h; ``relu``, max(0, h + tau W h) and, plain, max(0, W h); ``normalised``, the same with
        W h standardised over a batch of inputs with entries of order 1. For each scaling ``ln_norm``, the logarithm of the output's norm
        over the input's (root mean squares over the batch); for the first two also ``mean_factor``, the mean over the layers of
        ||h_l||^2 / ||h_(l-1)||^2.
    """
    random, width, scales = generator("depth scaling: output", cell.depth, cell.seed), cell.width, _scales(cell.depth)
    start = np.abs(random.standard_normal(width))
    start /= np.linalg.norm(start)
    linear, relu = (np.repeat(start[:, None], count, axis=1) for count in (len(SCALED), len(SCALINGS)))
    batch = np.repeat(inputs(random, width, cell.batch)[None], len(SCALINGS), axis=0)
    first = np.square(batch).sum(axis=(1, 2))
    logs, factors = np.zeros(linear.shape[1] + relu.shape[1]), np.zeros(linear.shape[1] + relu.shape[1])
    for _ in range(cell.depth):
        weights = draw(random, width)
        moved = weights @ np.concatenate([linear, relu], axis=1)
        linear = linear + scales[: len(SCALED)] * moved[:, : len(SCALED)]
        relu = np.maximum(0.0, relu * KEPT + scales * moved[:, len(SCALED) :])
        squares = np.square(np.concatenate([linear, relu], axis=1)).sum(axis=0)
        factors, logs = factors + squares, logs + 0.5 * np.log(squares)
        linear, relu = (values / np.sqrt(part) for values, part in zip((linear, relu), np.split(squares, [len(SCALED)]), strict=True))
        batch = _normalised_layer(batch, weights, scales)[0]
    found: dict[str, Any] = {"linear": {}, "relu": {}, "normalised": {}}
    places = [("linear", name) for name in SCALED] + [("relu", name) for name in SCALINGS]
    for (kind, name), total, factor in zip(places, logs.tolist(), (factors / cell.depth).tolist(), strict=True):
        found[kind][name] = {"ln_norm": total, "mean_factor": factor}
    for name, total in zip(SCALINGS, (0.5 * np.log(np.square(batch).sum(axis=(1, 2)) / first)).tolist(), strict=True):
        found["normalised"][name] = {"ln_norm": total}
    return found


KEPT = np.array([1.0] * len(SCALED) + [0.0])
"""Whether a layer adds its input to the branch: not in the plain network."""


def _scales(depth: int) -> Array:
    """Of the branches of all networks; a plain one is all branch."""
    return np.array([tau(name, depth) for name in SCALED] + [1.0])


def draw(random: np.random.Generator, width: int) -> Array:
    """Weights of He's initialisation, N(0, 2/width)."""
    return np.asarray(random.standard_normal((width, width)) * math.sqrt(2 / width))


def inputs(random: np.random.Generator, width: int, count: int) -> Array:
    """A batch of inputs of norm sqrt(width) without negative entries, shape (width, count)."""
    drawn = np.abs(random.standard_normal((width, count)))
    return np.asarray(drawn * (math.sqrt(width) / np.linalg.norm(drawn, axis=0)))


def _normalised_layer(batch: Array, weights: Array, scales: Array) -> tuple[Array, Array]:
    """max(0, h + tau (W h - mean) / deviation) for all networks (networks, width, batch), and the deviations (networks, width)."""
    moved = weights @ batch
    moved -= moved.mean(axis=2, keepdims=True)
    deviation = np.sqrt(np.square(moved).mean(axis=2, keepdims=True) + 1e-5)
    kept = KEPT[:, None, None] if len(scales) == len(KEPT) else 1.0
    return np.maximum(0.0, kept * batch + scales[:, None, None] * moved / deviation), deviation[:, :, 0]


def windows(cell: WindowCell) -> Mapping[str, Any]:
    """The spectral norms over all windows; with batch normalisation W_l has its rows divided by the deviations of the batch.

    Returns:
        For each scaling of ``WINDOWED``: ``largest``, over all windows; ``ln_bound``, the logarithm of the product of all 1 + tau ||W_l||;
        and ``excess``, the largest ln(norm) minus the logarithm of its window's own product.
    """
    random = generator("depth scaling: windows", cell.depth, cell.seed, int(cell.normalised))
    batch = np.repeat(inputs(random, cell.width, cell.batch)[None], len(WINDOWED), axis=0)
    drawn = [draw(random, cell.width) for _ in range(cell.depth)]
    scales = np.array([tau(name, cell.depth) for name in WINDOWED])
    branches = []
    for weights in drawn:
        rows = np.ones((len(WINDOWED), cell.width))
        if cell.normalised:
            batch, rows = _normalised_layer(batch, weights, scales)
        branches.append(weights / rows[:, :, None])
    return {name: over_windows([branch[place] for branch in branches], scales[place]) for place, name in enumerate(WINDOWED)}


def over_windows(branches: list[Array], scale: float) -> Mapping[str, Any]:
    """What ``windows`` says of one network whose branches are these matrices, first to last."""
    identity = np.eye(len(branches[0]))
    sums = np.concatenate([[0.0], np.cumsum([math.log1p(scale * float(np.linalg.norm(branch, 2))) for branch in branches])])
    products = np.empty((0, *identity.shape))
    largest, excess = 0.0, -math.inf
    for last, branch in enumerate(branches):
        factor = identity + scale * branch
        products = np.concatenate([factor @ products, factor[None]])
        norms = np.sqrt(np.linalg.eigvalsh(products.transpose(0, 2, 1) @ products)[:, -1])
        largest = max(largest, float(norms.max()))
        excess = max(excess, float((np.log(norms) - (sums[last + 1] - sums[: last + 1])).max()))
    return {"largest": largest, "ln_bound": float(sums[-1]), "excess": excess}
