"""One seed for a whole report: the seeds of all cells of a study, moved together."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from typing import Any

from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study

STRIDE = 1_000_000
"""A report with seed s uses the seeds s * STRIDE, s * STRIDE + 1, ... of its cells: reports of different seeds share no draw."""


class Reseeded(Study):
    """A study in which every cell that has a field ``seed`` gets it moved by ``seed * STRIDE``; all else is the study's own.

    >>> Reseeded.moved(7, 2)
    2000007
    """

    def __init__(self, study: Any, seed: int) -> None:
        self.study = study
        self.seed = seed
        self.name, self.revision, self.description, self.dtype = study.name, study.revision, study.description, study.dtype
        self.measures_tiles, self.extent = study.measures_tiles, study.extent

    @staticmethod
    def moved(seed: int, by: int) -> int:
        """The seed of a cell in a report of another seed."""
        return seed + by * STRIDE

    @property
    def tile_size(self) -> int:  # type: ignore[override]
        """The study's."""
        size: int = self.study.tile_size
        return size

    def cells(self) -> Sequence[Cell]:
        """The study's cells with their seeds moved."""
        return [self._moved(cell) for cell in self.study.cells()]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """The study's."""
        found: list[Result] = self.study.run_tile(cells)
        return found

    def group(self, cell: Cell) -> Hashable:
        """The study's."""
        group: Hashable = self.study.group(cell)
        return group

    def cost(self, cell: Cell) -> Cost | None:
        """The study's."""
        cost: Cost | None = self.study.cost(cell)
        return cost

    def canary(self) -> Canary | None:
        """The study's."""
        found: Canary | None = self.study.canary()
        return found

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Any]:
        """The study's."""
        rows: Sequence[Any] = self.study.rows(cells, results)
        return rows

    def _moved(self, cell: Cell) -> Cell:
        if not any(field.name == "seed" for field in dataclasses.fields(cell)):
            return cell
        return dataclasses.replace(cell, seed=self.moved(cell.seed, self.seed))
