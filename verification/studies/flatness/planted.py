"""Small results as the study's measurements would give them, without any training."""

from __future__ import annotations

from typing import Any

from genbounds.verification.studies.flatness.cells import GridCell, PairsCell, ScalesCell
from genbounds.verification.studies.flatness.gibbs import SCALES


def made_up() -> tuple[list[Any], list[dict[str, Any]]]:
    """Results in which all claims hold: every measure orders the networks as the gap does."""
    cells: list[Any] = []
    results: list[dict[str, Any]] = []
    for place, (batch, step) in enumerate(((4, 0.05), (32, 0.05))):
        values = [0.1 * place + 0.01 * network for network in range(3)]
        cells.append(GridCell(8, batch, step, 0.0, 1, 3, 100))
        bounds = [[0.5 + value for value in values] for _ in SCALES]
        lower = [[0.1] * 3 for _ in SCALES]
        names = ("sharpness", "trace", "normalised", "gradient", "fisher", "gap")
        results.append({**{name: list(values) for name in names}, "bound": bounds, "lower": lower, "upper": lower})
    cells.append(ScalesCell(8, (-1, 0, 1), 1))
    results.append(
        {
            "changed": 0.0,
            "block": [0.25, 1.0, 4.0],
            "sharpness": [4.0, 1.5, 4.0],
            "trace": [8.0, 3.0, 8.0],
            "normalised": [2.0, 2.0, 2.0],
            "gradient": [2.0, 1.0, 2.0],
            "fisher": [1.0, 1.0, 1.0],
            "fisher_by_gradients": [1.0, 1.0, 1.0],
        }
    )
    cells.append(PairsCell(16, 3, 0.2, 1, 3))
    gaps, flat = [[0.1, 0.11, 0.12], [0.2, 0.22, 0.23]], [[0.1] * 3, [1.0] * 3]
    results.append({"trace": [[1.0] * 3] * 2, "gradient": flat, "mean_gradient": flat, "gap": gaps, "risk": gaps, "loss": gaps})
    return cells, results
