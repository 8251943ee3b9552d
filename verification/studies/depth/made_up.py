"""Results for the canary: the shapes of sound ones, without any training, and a search that found too much."""

from __future__ import annotations

from math import log2
from typing import Any

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.depth.extraction import Constructed
from genbounds.verification.studies.depth.searched import Searched
from genbounds.verification.studies.depth.table import KINDS, Tabled, rate
from genbounds.verification.studies.depth.trained import Trained


def made_up() -> tuple[list[Cell], list[Result], list[Result]]:
    """Cells, results with the fault, sound results."""
    cells: list[Cell] = [
        *(Trained(depth, seed=seed) for depth in (1, 2, 4, 8, 16) for seed in range(3)),
        *(Searched(depth, seed=seed) for depth in (1, 2, 4) for seed in range(3)),
        *(Constructed(2**size, 2**size, 1) for size in range(1, 5)),
        *(Tabled(layers) for layers in (4, 8, 16)),
    ]
    return cells, [_result(cell, 1.1) for cell in cells], [_result(cell, 0.3) for cell in cells]


def _result(cell: Cell, part: float) -> dict[str, Any]:
    if isinstance(cell, Trained):
        bound = (4.0 + 0.1 * cell.seed) ** cell.depth
        return {"bound": bound, "risk": 0.1 + 0.01 * cell.seed, "layer_norm": 4.0}
    if isinstance(cell, Searched):
        bound = 1 + (2 * cell.depth) ** 0.5
        found = part * bound if cell.depth == 4 else 0.3 * (1 + 0.01 * cell.seed)
        return {"found": found, "unit": 1.0, "bound_2015": 2.0 ** (cell.depth - 1), "printed_2018": bound, "bound_2018": bound}
    if isinstance(cell, Constructed):
        parameters, layers = 8 * cell.n**2, cell.bits
        size = parameters * layers * log2(parameters)
        counts = {"parameters": parameters, "layers": layers, "lower": 0.1 * size, "upper": size}
        return {"wrong": 0, "outputs": 1, "every": True, **counts}
    parameters = 400 * cell.layers
    return {"parameters": parameters, "sigmoid": 1e9, **{kind: rate(kind, parameters, cell.layers) for kind in KINDS}}
