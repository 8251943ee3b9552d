"""Small results as the study's measurements would give them, without any training."""

from __future__ import annotations

from typing import Any

from genbounds.verification.studies.overparametrised.cells import AccuracyCell, DescentCell, KernelCell, SmoothCell


def made_up() -> tuple[list[Any], list[dict[str, Any]]]:
    """Results in which all claims hold."""
    cells: list[Any] = []
    results: list[dict[str, Any]] = []
    for seed in range(3):
        for width, depth in ((16, 1), (64, 1), (64, 4)):
            cells.append(DescentCell(width, depth, 2, seed))
            left = 0.01 * depth / width * (1 + 0.01 * seed)
            small = width**-0.5 * (1 + 0.01 * seed)
            real = [1.0, left**0.5, left]
            infinite, disagreement = (small, 1e-16) if depth == 1 else (None, None)
            found = {"real": real, "predicted": real, "deviation": small, "drift": small, "contraction": 0.99}
            results.append({**found, "infinite": infinite, "disagreement": disagreement})
        cells.append(SmoothCell(16, 2, seed))
        results.append({"errors": [0.5, 0.25], "bounds": [1.0, 0.5]})
    cells.append(KernelCell((5, 10), 2))
    means = {"risk": [0.5, 0.4], "leave_one_out": [0.5, 0.4], "bound": [1.0, 0.9]}
    results.append({"sizes": [5, 10], **means, "identity": 1e-12, "inequality": 0.9, "differences": [0.1, -0.1]})
    cells.append(AccuracyCell(100, 64, 1, 3))
    results.append({"network": [0.95, 0.96, 0.95], "kernel": [0.93, 0.93, 0.92], "features": [0.9, 0.91, 0.9]})
    return cells, results
