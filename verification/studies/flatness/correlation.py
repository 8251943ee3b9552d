"""Which measure follows the gap, over a grid of hyperparameters: rank association of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from genbounds.verification.checks.effects import Effect, mean_effect
from genbounds.verification.checks.rank_association import Networks, granulated, least_information, tau_b, worst_sign_error
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.flatness.cells import GridCell, N
from genbounds.verification.studies.phenomenon import Finding

MEASURES = {
    "sharpness": "largest eigenvalue",
    "trace": "trace",
    "normalised": "normalised flatness",
    "gradient": "gradients of examples",
    "fisher": "Fisher-Rao norm",
    "bound": "kl bound",
}
"""The measures by the name of their results, in words."""
HYPERPARAMETERS = ("width", "batch", "step", "decay")
PERMUTATIONS = 19
"""Of the null of the information: its p-value is a twentieth at least."""

Grid = Sequence[tuple[GridCell, Result]]


def findings(grid: Grid) -> list[Finding]:
    """For each measure the mean over the samples of Kendall's tau among the settings, and what the rank association says."""
    cell = grid[0][0]
    sizes = (
        f"64-m-10 ReLU without biases on digits, n = {N}, {len(grid)} settings of {', '.join(_varied(grid))}, {cell.networks} samples "
        f"with one network for each, {cell.epochs} epochs"
    )
    result = []
    for name, words in MEASURES.items():
        effect, networks = tau(grid, name), networks_of(grid, name)
        psi = granulated(networks)
        information = least_information(networks, permutations=PERMUTATIONS)
        error, where = worst_sign_error(networks)
        result.append(
            Finding(
                f"{words} and gap",
                effect.above(0),
                f"Kendall's tau within a sample {effect}; where only one hyperparameter is changed "
                f"{', '.join(f'{value:.2g} ({key})' for key, value in psi.items())}; least conditional information "
                f"{information.value:.2g} (p = {information.p_value:.2g}); largest sign error {error:.2g}{f' ({where})' if where else ''}",
                sizes,
            )
        )
    return result


def tau(grid: Grid, name: str) -> Effect:
    """The mean over samples of tau-b between the measure and the gap of the networks trained on it, with Student's interval."""
    measure, gap = table(grid, name), table(grid, "gap")
    return mean_effect([tau_b(one, two) for one, two in zip(measure.T, gap.T, strict=True)])


def table(grid: Grid, name: str) -> Array:
    """A measure of all networks, (settings, samples): of the kl bounds the least one over the scales."""
    rows = [np.array(result[name]) for _, result in grid]
    return np.array([row.min(axis=0) if name == "bound" else row for row in rows])


def networks_of(grid: Grid, name: str) -> Networks:
    """The measure with gaps and settings, one entry for each network."""
    count = grid[0][0].networks
    settings = {key: np.repeat([float(getattr(cell, key)) for cell, _ in grid], count) for key in _varied(grid)}
    return Networks(table(grid, name).ravel(), table(grid, "gap").ravel(), settings)


def _varied(grid: Grid) -> list[str]:
    return [key for key in HYPERPARAMETERS if len({getattr(cell, key) for cell, _ in grid}) > 1]


def curves(grid: Grid) -> dict[str, Any]:
    """The taus with their intervals, and the mean over the hyperparameters of the granulated ones."""
    found = {name: tau(grid, name) for name in MEASURES}
    psi = {name: float(np.mean(list(granulated(networks_of(grid, name)).values()))) for name in MEASURES}
    return {
        words: {"tau": found[name].value, "lower": found[name].lower, "upper": found[name].upper, "granulated": psi[name]}
        for name, words in MEASURES.items()
    }
