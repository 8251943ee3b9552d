"""Computing a number of a report again, and how nearly it came out.

*arithmetic*: the certificate from its stored exact inputs, equal to the last bit everywhere. Reading a report checks that of every row.
*training*: the networks behind it trained again, and everything in the row but its note the same, to the last bit; so it is on the same type of
CPU with the same versions. *statistical*: another number, no further from the old one than the report's seeds are from each other.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from genbounds.bounds.special.rounding import decimal_nearest
from genbounds.verification.cells import Study
from genbounds.verification.consistency import check_row
from genbounds.verification.plan import PLAN, named_cells, read_plan
from genbounds.verification.rows import BoundRow, CoverageRow, EnumerationRow, Report, Row, row_to_dict
from genbounds.verification.run import Progress, results, run
from genbounds.verification.store import Store

Level = Literal["training", "statistical", "none"]


@dataclass(frozen=True)
class Reproduction:
    """A row, what came out when it was computed again, and how near that is.

    `cells`: how many of the study's were computed again. `spread`: the certificates' over the report's seeds, lowest and highest (None:
    there is one seed alone, or the row is no certificate).
    """

    row: Row
    again: Row
    cells: int
    spread: tuple[float, float] | None

    @property
    def level(self) -> Level:
        """See the module: "none" where the number was not reproduced."""
        if row_to_dict(replace(self.again, note="")) == row_to_dict(replace(self.row, note="")):
            return "training"
        if self.spread is None or not isinstance(self.row, BoundRow) or not isinstance(self.again, BoundRow):
            return "none"
        apart = abs(Fraction(self.again.certificate.value) - Fraction(self.row.certificate.value))
        same = self.again.verdict is self.row.verdict
        return "statistical" if same and apart <= Fraction(self.spread[1]) - Fraction(self.spread[0]) else "none"

    def summary(self) -> str:
        """What was done and what was found, a line for each level."""
        lines = []
        if isinstance(self.row, BoundRow):
            lines.append(f"arithmetic: {self.row.bound} is {_value(self.row)} from its stored inputs, to the last bit")
        again = f"{self.cells} cell{'s' if self.cells > 1 else ''} of study {self.row.study} computed again"
        if self.level == "training":
            return "\n".join([*lines, f"training: {again}, and every number is the same to the last bit"])
        lines.append(f"training: {again}, and {self.row.bound} is {_value(self.again)}, where the report has {_value(self.row)}")
        if self.spread is None:
            return "\n".join([*lines, "not reproduced: there are no other seeds in the report to say how far numbers may be apart"])
        low, high = (decimal_nearest(end, 6) for end in self.spread)
        if self.level == "statistical":
            return "\n".join([*lines, f"statistical: no further apart than the report's seeds, {low} to {high}"])
        return "\n".join([*lines, f"not reproduced: further apart than the report's seeds, {low} to {high}, or of another verdict"])

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "id": self.row.id,
            "bound": self.row.bound,
            "level": self.level,
            "cells": self.cells,
            "reported": _value(self.row),
            "again": _value(self.again),
            "spread": self.spread,
        }


def reproduce(
    report: Report, identifier: str, study: Study, folder: Path, progress: Callable[[Progress], None] | None = None
) -> Reproduction:
    """Compute the row of an id again: its cell with the others of its tile, or all of its study's cells where it is made of several.

    Args:
        report: as it was read.
        identifier: of a row of it.
        study: the study of that row, with the report's seed.
        folder: where the report's results lie: what they hold of other cells is taken from there. If they are gone, the whole study runs.
        progress: as for `run`.

    Raises:
        ValueError: no row of that id, one that contradicts its own numbers, or a study that has another revision by now.
    """
    row = report.find(identifier)
    check_row(row)
    was = report.asked.get("revisions", {}).get(study.name)
    if was != study.revision:
        raise ValueError(
            f"study {study.name!r} must have the revision that the report was made with, {was}, got {study.revision}: its numbers are "
            "computed otherwise by now; install the version that wrote the report"
        )
    with tempfile.TemporaryDirectory(prefix="genbounds-") as place:
        cells = _prepare(Path(place), row, study, folder)
        found = results([study], run([study], place, progress=progress))[study.name]
    rows = study.rows([cell for cell, _ in found], [result for _, result in found])
    again = [one for one in rows if one.id == identifier]
    if not again:
        raise ValueError(f"id {identifier!r} must come out of study {study.name!r} again, and did not: its rows are named otherwise by now")
    return Reproduction(row, again[0], cells, _spread(report, row))


def _prepare(place: Path, row: Row, study: Study, folder: Path) -> int:
    """Put the results of all cells but those of the row's tile into a new folder, with the plan; how many are left to compute."""
    named = named_cells(study)
    tiles = read_plan(folder).get(study.name, [])
    tile = next((keys for keys in tiles if row.cell in keys), None)
    if tile is None:
        return len(named)
    kept = [record for key, record in Store(folder).read().items() if key in named and key not in tile]
    target = Store(place)
    target.prepare()
    (place / PLAN).write_bytes((folder / PLAN).read_bytes())
    with target.writer() as writer:
        writer.write(kept)
    return len(named) - len(kept)


def _spread(report: Report, row: Row) -> tuple[float, float] | None:
    """The lowest and the highest certificate among the rows that differ from this one in nothing but the seed."""
    if not isinstance(row, BoundRow):
        return None
    values = [one.certificate.value for one in report.bounds if _but_for_the_seed(one) == _but_for_the_seed(row)]
    return (min(values), max(values)) if len(values) > 1 else None


def _but_for_the_seed(row: BoundRow) -> tuple[Any, ...]:
    training = re.sub(r"\bseed \d+", "seed", row.training)
    return row.study, row.bound, row.certificate.form, row.population, row.network, row.n, training, row.scale


def _value(row: Row) -> float | int | str:
    """The number of a row, to every digit that it has."""
    if isinstance(row, BoundRow):
        return row.certificate.value
    if isinstance(row, CoverageRow):
        return f"{row.violations} violations in {row.draws} draws"
    if isinstance(row, EnumerationRow):
        return row.supremum
    return str(row.verdict)
