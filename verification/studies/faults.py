"""The kill matrix: faults planted in the formula of every bound, and those that the suite notices."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from genbounds.bounds.lookup import catalogue, get
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.faults.generated import OPERATORS
from genbounds.verification.checks.faults.killing import FATES, kill
from genbounds.verification.checks.faults.listed import KINDS, Kind, fates
from genbounds.verification.rows.fault_row import FaultRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.mutant_row import MutantRow
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


@dataclass(frozen=True)
class ListedFaults:
    """The faults of measurements, accounting or pipelines; ``code`` names the versions of everything that judges them."""

    kind: Kind
    code: str


class Faults(Study):
    """Each fault stands in for its bound in the scenarios that judge the bound.

    Args:
        full: more worlds, and the faults of measurements, accounting and pipelines.
    """

    name = "faults"
    revision = 2
    description = "Faults planted in the formula of every bound, one at a time, and whether the suite notices them."
    dtype = "float64"
    tile_size = 4

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[FaultsOf | ListedFaults]:
        """One for each bound, and in the full study one for each kind of the other faults."""
        size: Size = "full" if self.full else "thumbnail"
        listed = [ListedFaults(kind, code_of_the_judges()) for kind in KINDS] if self.full else []
        return [*(FaultsOf(bound.name, size, code_of_the_judges()) for bound in _bounds()), *listed]

    def cost(self, cell: Cell) -> Cost:
        """Some dozen formulas, read in some dozen worlds."""
        if isinstance(cell, ListedFaults):
            return Cost(memory=2**28, seconds=10.0)
        return Cost(memory=2**26, seconds=3.0 if cell.size == "full" else 0.3)

    def group(self, cell: Cell) -> Hashable:
        """Faults of formulas and other faults share no tile."""
        return isinstance(cell, ListedFaults)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """The fate of each fault of each bound."""
        return [self._killed(cell) for cell in cells]

    @staticmethod
    def _killed(cell: Cell) -> Result:
        if isinstance(cell, ListedFaults):
            found = fates((cell.kind,))
            return {"listed": [{"name": one.name, "rung": one.rung, "reason": one.reason, "evidence": said} for one, said in found]}
        bound = get(cell.bound)
        assert isinstance(bound, Bound)
        honest = [one for one in map(scenario, names()) if not one.hostile]
        return {"faults": [vars(one) for one in kill(bound, honest, cell.size, _bounds())]}

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each bound and operator, and one for each other fault."""
        rows: list[Row] = []
        for cell, result in zip(cells, results, strict=True):
            if isinstance(cell, ListedFaults):
                rows += [_planted(cell_name(self, cell), cell.kind, one) for one in result["listed"]]
                continue
            for operator in OPERATORS:
                killed = [one for one in result["faults"] if one["operator"] == operator]
                if killed:
                    counts = {fate: sum(one["fate"] == fate for one in killed) for fate in FATES}
                    left = tuple(f"{one['where']}: {one['evidence']}" for one in killed if one["fate"] == "survived")
                    words = {"study": self.name, "cell": cell_name(self, cell), "bound": cell.bound, "operator": operator}
                    rows.append(FaultRow(**words, **counts, survivors=left))
        return rows


def _planted(cell: str, kind: Kind, one: dict[str, Any]) -> MutantRow:
    """The row of a fault that is planted elsewhere than in a formula; ``bound`` says where."""
    caught = one["evidence"] is not None
    return MutantRow(
        study=Faults.name,
        cell=cell,
        bound=kind,
        mutant=one["name"],
        caught_by=one["rung"] if caught else "",
        missed_by="" if caught else one["rung"],
        note=one["evidence"] or one["reason"] or "",
    )


def _bounds() -> list[Bound]:
    return [formula for formula in catalogue() if isinstance(formula, Bound)]
