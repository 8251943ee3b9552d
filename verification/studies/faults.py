"""The kill matrix: faults planted in the formula of every bound and capacity, and those that the suite notices."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from genbounds.bounds.lookup import catalogue, get
from genbounds.bounds.theorem import Bound, Capacity
from genbounds.verification.checks.faults.capacities import kill_capacity
from genbounds.verification.checks.faults.fates import FATES, UNCHANGED
from genbounds.verification.checks.faults.generated import OPERATORS
from genbounds.verification.checks.faults.killing import kill
from genbounds.verification.checks.faults.listed import KINDS, Kind, fates
from genbounds.verification.rows.canary_row import CanaryRow
from genbounds.verification.rows.fault_row import FaultRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.scenarios import names, scenario
from genbounds.verification.scenarios.scenario import Size
from genbounds.verification.studies.matrix import code_of_the_judges
from genbounds.verification.studies.planted_fault import canary


@dataclass(frozen=True)
class FaultsOf:
    """The faults of one bound or capacity; ``code`` names the versions of everything that judges them."""

    formula: str
    size: Size
    code: str


@dataclass(frozen=True)
class ListedFaults:
    """The faults of rounding, measurements, accounting or pipelines; ``code`` names the versions of everything that judges them."""

    kind: Kind
    code: str


class Faults(Study):
    """Each fault stands in for its bound in the scenarios that judge the bound; that of a capacity is compared with what it
    bounds in small worlds, and read by the bounds it feeds.

    Args:
        full: more worlds, and the faults of rounding, measurements, accounting and pipelines.
    """

    name = "faults"
    revision = 7
    description = "Faults planted in the formulas of all bounds and capacities, one at a time, and whether the suite notices them."
    dtype = "float64"
    tile_size = 4

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[FaultsOf | ListedFaults]:
        """One for each bound and each capacity, and in the full study one for each kind of the other faults."""
        size: Size = "full" if self.full else "thumbnail"
        listed = [ListedFaults(kind, code_of_the_judges()) for kind in KINDS] if self.full else []
        return [*(FaultsOf(one.name, size, code_of_the_judges()) for one in (*_bounds(), *_capacities())), *listed]

    def cost(self, cell: Cell) -> Cost:
        """Some dozen formulas, read in some dozen worlds."""
        if isinstance(cell, ListedFaults):
            return Cost(memory=2**28, seconds=10.0)
        return Cost(memory=2**27 if cell.size == "full" else 2**26, seconds=6.0 if cell.size == "full" else 1.0)

    def group(self, cell: Cell) -> Hashable:
        """Faults of formulas and other faults share no tile."""
        return isinstance(cell, ListedFaults)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """The fate of each fault of each formula."""
        return [_listed(cell.kind) if isinstance(cell, ListedFaults) else _killed(cell) for cell in cells]

    def canary(self) -> Canary:
        """A fault that every rung must kill, and the formula itself."""
        return canary()

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each formula and operator, and one for each other fault; where a check is not to be trusted, one that says so."""
        rows: list[Row] = []
        for cell, result in zip(cells, results, strict=True):
            name = cell_name(self, cell)
            if isinstance(cell, ListedFaults):
                rows += [_planted(name, cell.kind, one) for one in result["listed"]]
                rows += [dead for one in result["listed"] if (dead := _dead(one)) is not None]
            else:
                rows += _counted(name, cell.formula, result["faults"])
        return rows


def _killed(cell: FaultsOf) -> Result:
    theorem = get(cell.formula)
    honest = [one for one in map(scenario, names()) if not one.hostile]
    if isinstance(theorem, Bound):
        found = kill(theorem, honest, cell.size, _bounds())
    else:
        assert isinstance(theorem, Capacity)
        found = kill_capacity(theorem, _bounds(), honest, cell.size)
    return {"faults": [vars(one) for one in found]}


def _listed(kind: Kind) -> Result:
    return {
        "listed": [
            {"name": one.fault.name, "rung": one.fault.rung, "reason": one.fault.reason, "evidence": one.found, "alarm": one.alarm}
            for one in fates((kind,))
        ]
    }


def _counted(cell: str, formula: str, killed: Sequence[dict[str, Any]]) -> Iterator[FaultRow]:
    """The rows of one formula: its faults by operator, the formula itself last."""
    for operator in (*OPERATORS, UNCHANGED):
        found = [one for one in killed if one["operator"] == operator]
        if found:
            counts = {fate: sum(one["fate"] == fate for one in found) for fate in FATES}
            left = tuple(f"{one['where']}: {one['evidence']}" for one in found if one["fate"] == "survived")
            yield FaultRow(study=Faults.name, cell=cell, bound=formula, operator=operator, **counts, survivors=left)


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


def _dead(one: dict[str, Any]) -> CanaryRow | None:
    """What says that the check of a fault is not to be trusted: it misses the fault, or finds something where nothing is planted."""
    missed = one["rung"] if one["rung"] and one["evidence"] is None else ""
    alarmed = f"{one['rung']} ({one['alarm']})" if one["alarm"] else ""
    if not (missed or alarmed):
        return None
    return CanaryRow(study=Faults.name, planted=one["name"], checks=one["rung"], missed=missed, alarmed=alarmed)


def _bounds() -> list[Bound]:
    return [formula for formula in catalogue() if isinstance(formula, Bound)]


def _capacities() -> list[Capacity]:
    return [formula for formula in catalogue() if isinstance(formula, Capacity)]
