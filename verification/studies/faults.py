"""The kill matrix: faults planted in the formula of every bound, and those that the suite notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genbounds.bounds.lookup import catalogue, get
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.faults.generated import OPERATORS
from genbounds.verification.checks.faults.killing import FATES, kill
from genbounds.verification.rows.fault_row import FaultRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.scenarios import names, scenario
from genbounds.verification.scenarios.scenario import Size
from genbounds.verification.studies.matrix import code_of_the_judges


@dataclass(frozen=True)
class FaultsOf:
    """The faults of one bound; ``code`` names the versions of everything that judges them."""

    bound: str
    size: Size
    code: str


class Faults(Study):
    """Each fault stands in for its bound in the scenarios that judge the bound.

    Args:
        full: more worlds.
    """

    name = "faults"
    revision = 1
    description = "Faults planted in the formula of every bound, one at a time, and whether the suite notices them."
    dtype = "float64"
    tile_size = 4

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[FaultsOf]:
        """One for each bound."""
        size: Size = "full" if self.full else "thumbnail"
        return [FaultsOf(bound.name, size, code_of_the_judges()) for bound in _bounds()]

    def cost(self, cell: Cell) -> Cost:
        """Some dozen formulas, read in some dozen worlds."""
        return Cost(memory=2**26, seconds=3.0 if cell.size == "full" else 0.3)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """The fate of each fault of each bound."""
        return [self._killed(cell) for cell in cells]

    @staticmethod
    def _killed(cell: Cell) -> Result:
        bound = get(cell.bound)
        assert isinstance(bound, Bound)
        honest = [one for one in map(scenario, names()) if not one.hostile]
        return {"faults": [vars(one) for one in kill(bound, honest, cell.size, _bounds())]}

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each bound and operator."""
        rows: list[Row] = []
        for cell, result in zip(cells, results, strict=True):
            for operator in OPERATORS:
                killed = [one for one in result["faults"] if one["operator"] == operator]
                if killed:
                    counts = {fate: sum(one["fate"] == fate for one in killed) for fate in FATES}
                    left = tuple(f"{one['where']}: {one['evidence']}" for one in killed if one["fate"] == "survived")
                    words = {"study": self.name, "cell": cell_name(self, cell), "bound": cell.bound, "operator": operator}
                    rows.append(FaultRow(**words, **counts, survivors=left))
        return rows


def _bounds() -> list[Bound]:
    return [formula for formula in catalogue() if isinstance(formula, Bound)]
