"""What the cells do: training, then kinks, slices and norms of the solutions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genbounds.verification.populations.protocol import Array, generator
from genbounds.verification.studies.residual.cell import (
    ACTIVATIONS,
    HALF,
    RATES,
    SHORTCUTS,
    DepthCell,
    InterpolationCell,
    sample,
    truth,
    widths,
)
from genbounds.verification.studies.residual.networks import Networks, drawn, trained
from genbounds.verification.studies.residual.pieces import kinks
from genbounds.verification.studies.residual.slices import direction, losses_around, share_not_convex, smoothness_order

LINE = np.linspace(-0.5, 0.5, 201)
PLANE = np.linspace(-1, 1, 17)
MAPPED = 15
"""Planes are mapped at this depth alone."""
GRID = np.linspace(-HALF, HALF, 181)
NOISE = 0.2
"""In the targets that are interpolated; those of the depths have none."""
INTERPOLATED = NOISE**2 / 10
"""Solutions of at most this mean squared error count as interpolating: they fit the noise."""


def train_depths(cells: Sequence[DepthCell]) -> list[Mapping[str, Any]]:
    """Train the networks of cells of one depth, all seeds together.

    Returns:
        For each cell ``parameters``; and for "plain leaky", ..., "residual tanh" the final ``loss`` (that of the better step size), and
        where it is finite the ``order`` of smoothness and the share ``not_convex`` along lines; for LeakyReLU also ``pieces``.
    """
    first = cells[0]
    data = [sample(cell, 0.0) for cell in cells]
    settings = [(shortcut, rate) for shortcut in SHORTCUTS for rate in RATES]
    inputs, targets = (torch.tensor(np.repeat([one[part] for one in data], len(settings), axis=0)) for part in (0, 1))
    kept = np.array([float(shortcut == "residual") for shortcut, _ in settings] * len(cells))
    rates = torch.tensor([rate for _, rate in settings] * len(cells), dtype=torch.float64)
    found: list[dict[str, Any]] = [{} for _ in cells]
    for activation in ACTIVATIONS:
        randoms = [generator("residual: start", first.depth, cell.seed) for cell in cells for _ in settings]
        start = drawn(widths(first.depth), randoms, activation, kept, np.ones(len(kept)))
        networks, loss = trained(start, inputs, targets, rates, first.steps)
        for place, cell in enumerate(cells):
            for number, shortcut in enumerate(SHORTCUTS):
                rows = range(place * len(settings) + number * len(RATES), place * len(settings) + (number + 1) * len(RATES))
                best = min(rows, key=lambda row: float(torch.nan_to_num(loss[row], torch.inf, torch.inf)))
                own = networks.rows([best])
                found[place][f"{shortcut} {activation}"] = _looked_at(own, float(loss[best]), cell, inputs[best], targets[best])
                found[place]["parameters"] = own.parameters
    return list(found)


def _looked_at(own: Networks, loss: float, cell: DepthCell, inputs: Tensor, targets: Tensor) -> Mapping[str, Any]:
    """The solution, and the loss around it."""
    constant = float(targets.var(correction=0))
    if not np.isfinite(loss):
        return {"loss": constant, "constant": constant}
    result: dict[str, Any] = {"loss": min(loss, constant), "constant": constant}
    random = generator("residual: directions", cell.depth, cell.seed)
    directions = [direction(own, random) for _ in range(max(2, cell.directions))]
    lines = [losses_around(own, [one], LINE[:, None], inputs, targets) for one in directions[: cell.directions]]
    result["order"] = float(np.mean([smoothness_order(line) for line in lines]))
    result["not_convex"] = float(np.mean([share_not_convex(line) for line in lines]))
    if float(own.kept[0, 0, 0]) and cell.depth == MAPPED:
        steps = np.stack(np.meshgrid(PLANE, PLANE), axis=-1).reshape(-1, 2)
        plane = losses_around(own, directions[:2], steps, inputs, targets)
        result["plane"] = np.round(np.log10(np.maximum(plane, 1e-8)), 3).reshape(len(PLANE), -1).tolist()
    if own.activation == "leaky":
        result["pieces"] = _pieces(own)
    return result


def _pieces(own: Networks) -> Mapping[str, Any]:
    """How many, where the kinks are, and how far the function through them is from the network, relative to its largest value."""
    places, values, changes = kinks(own, -HALF, HALF)
    fine = np.linspace(-HALF, HALF, 2001)
    exact = own.outputs(torch.tensor(fine))[0].numpy()
    away = float(np.abs(np.interp(fine, places, values) - exact).max() / max(1e-300, float(np.abs(exact).max())))
    ends = np.concatenate([[0], np.flatnonzero(changes), [len(places) - 1]])
    drawn_at: Array = np.stack([places[ends], values[ends]])
    return {"count": int(changes.sum()) + 1, "away": away, "kinks": np.round(drawn_at, 5).tolist()}


def interpolate(cells: Sequence[InterpolationCell]) -> list[Mapping[str, Any]]:
    """Train residual networks of 30 layers from starts of several sizes, all seeds together.

    Returns:
        For each cell its ``inputs`` and ``targets``; for "leaky" and "tanh" the solutions that interpolate, from all sizes of the start and
        step sizes: ``loss``, ``norm`` of all parameters, ``start`` (the norm before training), ``test``, the mean squared distance from the
        truth on the interval, and the ``fit`` on a grid.
    """
    first = cells[0]
    data = [sample(cell, NOISE) for cell in cells]
    settings = [(scale, rate) for scale in first.scales for rate in RATES]
    inputs, targets = (torch.tensor(np.repeat([one[part] for one in data], len(settings), axis=0)) for part in (0, 1))
    scales = np.array([scale for scale, _ in settings] * len(cells))
    rates = torch.tensor([rate for _, rate in settings] * len(cells), dtype=torch.float64)
    found: list[dict[str, Any]] = [{"inputs": one[0].tolist(), "targets": one[1].tolist()} for one in data]
    for activation in ACTIVATIONS:
        randoms = [generator("residual: interpolation", cell.seed) for cell in cells for _ in settings]
        start = drawn(widths(first.depth), randoms, activation, np.ones(len(scales)), scales)
        networks, loss = trained(start, inputs, targets, rates, first.steps)
        before, norms = start.norms(), networks.norms()
        with torch.no_grad():
            fits = networks.outputs(torch.tensor(GRID)).numpy()
        for place in range(len(cells)):
            found[place]["parameters"] = networks.parameters
            found[place][activation] = []
            for number, (scale, rate) in enumerate(settings):
                row = place * len(settings) + number
                if bool(torch.isfinite(loss[row])) and float(loss[row]) <= INTERPOLATED:
                    solution = {
                        "scale": scale,
                        "rate": rate,
                        "loss": float(loss[row]),
                        "norm": float(norms[row]),
                        "start": float(before[row]),
                    }
                    error = float(np.square(fits[row] - truth(GRID)).mean())
                    found[place][activation].append({**solution, "test": error, "fit": np.round(fits[row], 3).tolist()})
    return list(found)
