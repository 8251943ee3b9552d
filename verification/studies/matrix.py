"""The matrix: every bound of the catalogue on trial in every scenario that its declarations fit, every capacity against what it bounds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import util
from importlib.machinery import ModuleSpec
from pathlib import Path

from genbounds.bounds.lookup import catalogue, get
from genbounds.bounds.theorem import Bound, Capacity
from genbounds.verification.checks.check import check
from genbounds.verification.checks.shares import share
from genbounds.verification.rows.trial_row import TrialRow, checked_rows, checked_to_dict
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.scenarios.scenario import Size
from genbounds.verification.studies.planted_scenario import canary

JUDGES = (
    "genbounds.bounds",
    "genbounds.verification.checks",
    "genbounds.verification.scenarios",
    "genbounds.verification.small_worlds",
    "genbounds.models",
)
"""The packages whose code decides what the matrix says."""


@dataclass(frozen=True)
class Trials:
    """One form of one bound in all scenarios, or of one capacity in all small worlds.

    ``code`` names the versions of everything that judges it, ``seed`` its first draw.
    """

    bound: str
    form: str
    size: Size
    alpha: float
    code: str
    seed: int = 0


class Matrix(Study):
    """Each bound meets each scenario that supplies its inputs, knows what it bounds, and guarantees what it assumes; each capacity meets
    each small world that does so for what it gives.

    Args:
        full: more worlds, and more draws.
    """

    name = "matrix"
    revision = 6
    description = "Every bound and capacity on trial wherever its declarations fit, and how small a mistake would have been noticed."
    dtype = "float64"
    tile_size = 4

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[Trials]:
        """One for each form of each bound and of each capacity, which draws nothing."""
        size: Size = "full" if self.full else "thumbnail"
        bounds, capacities = ([(f, form) for f in catalogue() if isinstance(f, kind) for form in f.forms] for kind in (Bound, Capacity))
        alpha, code = share(self.name) / len(bounds), code_of_the_judges()
        return [Trials(f.name, str(form), size, alpha, code) for f, form in bounds] + [
            Trials(f.name, str(form), size, 0.0, code) for f, form in capacities
        ]

    def cost(self, cell: Cell) -> Cost:
        """Some hundred readings of a formula; the worlds are made once in a process, and kept."""
        return Cost(memory=2**27 if cell.size == "full" else 2**26, seconds=3.0 if cell.size == "full" else 1.0)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """The trials of each bound and each capacity."""
        return [self._tried(cell) for cell in cells]

    @staticmethod
    def _tried(cell: Trials) -> Result:
        bound = get(cell.bound)
        assert isinstance(bound, Bound | Capacity)
        form = next(form for form in bound.forms if str(form) == cell.form)
        return checked_to_dict(check(bound, form=form, size=cell.size, alpha=cell.alpha, seed=cell.seed))

    def canary(self) -> Canary:
        """Errors that go unreported and a sign reversed, before every rung."""
        return canary(share(self.name) / 1000)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[TrialRow]:
        """One row for each rung of each trial."""
        rows: list[TrialRow] = []
        for cell, result in zip(cells, results, strict=True):
            rows += checked_rows(result, study=self.name, cell=cell_name(self, cell), bound=cell.bound, form=cell.form)
        return rows


@cache
def code_of_the_judges() -> str:
    """A hash of the code of bounds, checks, scenarios and models: stored trials are used again only while none of it has changed."""
    digest = hashlib.blake2b(digest_size=16)
    for package in JUDGES:
        for folder in (util.find_spec(package) or ModuleSpec(package, None)).submodule_search_locations or ():
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
