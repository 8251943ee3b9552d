"""Coverage over repeated draws: how often is a bound below the exact risk of what was trained on the draw?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.checks.coverage import MINIMUM_DRAWS, coverage, draws_needed
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.tightness import critical_scale
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.studies.repeated_draws import COSTS, DELTA, EXPERIMENTS, DrawsCell, Judged

BOUNDS = (
    "holdout.hoeffding",
    "holdout.chernoff_kl",
    "holdout.clopper_pearson",
    "vc.growth_function",
    "pac_bayes.seeger2002",
    "pac_bayes.mcallester",
    "stability.bousquet_elisseeff2002",
)
"""The checks of this study, declared beforehand: each has its share of the false-alarm probability."""
CHECK_ALPHA = share("coverage") / len(BOUNDS)
CHUNK = 250
"""Draws of one cell."""
FULL_TIMES = 4


class Coverage(Study):
    """At least as many draws of every experiment as find a violation rate of twice delta with probability .95.

    Args:
        full: four times as many.
    """

    name = "coverage"
    revision = 3
    description = (
        "Bounds on hundreds of independent draws each: how often the bound is below the exact risk, and what would have been found."
    )

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[DrawsCell]:
        """Every experiment in chunks of draws."""
        draws = max(MINIMUM_DRAWS, draws_needed(float(DELTA), alpha=CHECK_ALPHA))
        chunks = -(-draws // CHUNK) * (FULL_TIMES if self.full else 1)
        return [
            DrawsCell(experiment, population, CHUNK, seed)
            for experiment, (_, _, population) in EXPERIMENTS.items()
            for seed in range(chunks)
        ]

    def cost(self, cell: Cell) -> Cost:
        """Of what makes one draw, times the draws."""
        return COSTS[cell.experiment].times(cell.draws)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Make the draws of each cell."""
        return [EXPERIMENTS[cell.experiment][0](cell) for cell in cells]

    def canary(self) -> Canary:
        """A bound below the risk in three of ten draws, before the study's own row."""
        return Canary.of("a bound below the risk in three of ten draws", {"coverage": (_refuted(3), _refuted(0))})

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row a bound, over all draws of its experiment."""
        rows: list[Row] = []
        for experiment, (_, judge, population) in EXPERIMENTS.items():
            mine = [position for position, cell in enumerate(cells) if cell.experiment == experiment]
            if mine:
                name = cell_name(self, cells[mine[0]])
                rows += [_row(judged, name, population) for judged in judge([results[position] for position in mine], population)]
        return rows


def _refuted(of_ten: int) -> bool:
    """Whether a bound that lies below the risk so often is refuted."""
    values = np.tile(np.repeat([0.25, 0.75], [of_ten, 10 - of_ten]), 100)
    judged = Judged("holdout.hoeffding", values, np.full(1000, 0.5), np.zeros(1000), "canary")
    return _row(judged, "canary", "none").verdict.is_failure


def _row(judged: Judged, cell: str, population: str) -> CoverageRow:
    deviation = judged.values - judged.empirical
    slack = judged.risks - judged.margin
    return CoverageRow.of(
        coverage(judged.violated, float(DELTA), CHECK_ALPHA),
        study=Coverage.name,
        cell=cell,
        bound=judged.bound,
        population=population,
        critical_scale=critical_scale(judged.empirical, deviation, slack, float(DELTA)),
        note=f"{judged.note}; bound {decimal_up(float(np.mean(judged.values)), 3)}, risk {np.mean(judged.risks):.3g} on average",
    )
