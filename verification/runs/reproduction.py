"""Computing a number of a report again, and how near the new result is.

*arithmetic*: the certificate from its stored exact inputs, equal to the last bit everywhere. Reading a report checks that of every row.
*training*: what is behind it trained (or enumerated) again, and everything in the row but its note the same to the last bit, as it is
on the same type of CPU with the same versions. *statistical*: another certificate, for another risk, each no further from the old one
than the report's seeds are from each other; that is a comparison and no test. *changed*: the theorem has changed since the report was
written, so that the certificate is none of today's, whatever comes out.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from genbounds.bounds import notebook
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.consistency import changed_since, check_row
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.since import tolerated
from genbounds.verification.rows.stored import row_to_dict
from genbounds.verification.runs.cells import Cell, Result, Study
from genbounds.verification.runs.plan import PLAN, named_cells, read_plan
from genbounds.verification.runs.run import Progress, results, rows_of, run
from genbounds.verification.runs.store import Record, Store

Level = Literal["training", "statistical", "changed", "none"]
_ASSUMPTIONS = "certificate.certificate.assumptions"


@dataclass(frozen=True)
class Reproduction:
    """A row, the result of computing it again, and how near that is.

    ``cells``: how many of the study's were computed again. ``seeds``: the report's rows that differ from this one in the seed alone, and
    the row itself. ``changes``: what today's catalogue says differently of the row's certificate.
    """

    row: Row
    again: Row
    cells: int
    seeds: tuple[BoundRow, ...]
    changes: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """See the module: "none" where the number was not reproduced."""
        if self.changes:
            return "changed"
        if not self.differences:
            return "training"
        if len(self.seeds) < 2 or not isinstance(self.row, BoundRow) or not isinstance(self.again, BoundRow):
            return "none"
        near = all(
            abs(number(self.again) - number(self.row)) <= max(map(number, self.seeds)) - min(map(number, self.seeds))
            for number in (_certified, _true)
        )
        return "statistical" if near and self.again.verdict is self.row.verdict else "none"

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What the row says and what the new computation gave, where they differ; notes are words and do not count."""
        old, new = _entries(self.row), _entries(self.again)
        return {name: (old.get(name), new.get(name)) for name in {**old, **new} if old.get(name) != new.get(name)}

    def _repr_html_(self) -> str:
        """For notebooks: the summary, as it is."""
        return notebook.lines(self.summary())

    def summary(self) -> str:
        """What was done and what was found, a line for each level."""
        again = f"{self.cells} cell{'s' if self.cells > 1 else ''} of study {self.row.study} computed again"
        if self.changes:
            return "\n".join(self._changed(again))
        lines = []
        if isinstance(self.row, BoundRow):
            lines.append(f"arithmetic: {self.row.bound} is {self.row.certificate.value} from its stored inputs, to the last bit")
        if self.level == "training":
            return "\n".join([*lines, f"training: {again}, and every number is the same to the last bit"])
        lines.append(f"training: {again}, and the row is another one")
        lines += [f"  {name}: {new}, where the report has {old}" for name, (old, new) in self.differences.items()]
        if self.level == "statistical":
            return "\n".join([*lines, f"statistical: no further apart than the {len(self.seeds)} seeds of the report are from each other"])
        if not isinstance(self.row, BoundRow):
            return "\n".join([*lines, "not reproduced: of a row that is not a certificate the last bit counts"])
        if len(self.seeds) < 2:
            return "\n".join([*lines, "not reproduced: the report has no other seed that says how far numbers may be apart"])
        return "\n".join([*lines, f"not reproduced: further apart than the {len(self.seeds)} seeds of the report, or of another verdict"])

    def _changed(self, again: str) -> list[str]:
        """What the catalogue says now, and what the new computation gave."""
        others = {name: pair for name, pair in self.differences.items() if not name.startswith(_ASSUMPTIONS)}
        lines = [f"changed: {change}" for change in self.changes]
        lines.append(f"training: {again}, and {'these are others' if others else 'every number is the same to the last bit'}")
        lines += [f"  {name}: {new}, where the report has {old}" for name, (old, new) in others.items()]
        return [*lines, f"not a certificate of today's {self.row.bound}: cite it with the version that wrote the report"]

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "changes": list(self.changes),
            "id": self.row.id,
            "bound": self.row.bound,
            "level": self.level,
            "cells": self.cells,
            "seeds": len(self.seeds),
            "differences": {name: {"report": old, "again": new} for name, (old, new) in self.differences.items()},
        }


def reproduce(
    report: Report,
    identifier: str,
    study: Study,
    folder: Path,
    workers: int = 0,
    progress: Callable[[Progress], None] | None = None,
) -> Reproduction:
    """Compute the row of an id again: its cell, with the others of its tile, or all of its study's where one cell does not make the row.

    Args:
        report: as it was read.
        identifier: of a row of it.
        study: the study of that row, with the report's seed.
        folder: where the report's results lie: what they hold of other cells is taken from there. If they are gone, the whole study runs,
            in tiles that are planned anew.
        workers, progress: as for ``run``.

    Raises:
        ValueError: no row of that id, one that contradicts its own numbers, or a study that has another revision by now.
    """
    row = report.find(identifier)
    check_row(row, tolerated(report.version))
    changes = changed_since(row)
    was = report.asked.get("revisions", {}).get(study.name)
    if was != study.revision:
        raise ValueError(
            f"study {study.name!r} must have the revision that the report was made with, {was}, got {study.revision}: its numbers are "
            f"computed otherwise by now; install the version that wrote the report{''.join(f'; {change}' for change in changes)}"
        )
    from genbounds.models.runtime.threads import one_thread

    with one_thread(), tempfile.TemporaryDirectory(prefix="genbounds-") as place:
        cells = _prepare(Path(place), row, study, folder)
        found = results([study], run([study], place, workers=workers, progress=progress))[study.name]
        again = _find(study, row, found, Path(place))
    if again is None:
        raise ValueError(f"id {identifier!r} must come out of study {study.name!r} again, and did not: its rows are named otherwise by now")
    alike = (one for one in report.bounds if isinstance(row, BoundRow) and _but_for_the_seed(one) == _but_for_the_seed(row))
    return Reproduction(row, again, cells, tuple(alike), changes)


def _prepare(place: Path, row: Row, study: Study, folder: Path) -> int:
    """Put the results of all cells that need not be computed again into a new folder, with the plan; how many are left to compute."""
    named = named_cells(study)
    tile = next((keys for keys in read_plan(folder).get(study.name, []) if row.cell in keys), [])
    stored = {key: record for key, record in Store(folder).read().items() if key in named} if tile else {}
    if row.cell not in stored or not _made_by_its_cell(study, row, named[row.cell], stored[row.cell], folder):
        return len(named)
    kept = [record for key, record in stored.items() if key not in tile]
    target = Store(place)
    target.prepare()
    (place / PLAN).write_bytes((folder / PLAN).read_bytes())
    with target.writer() as writer:
        writer.write(kept)
    return len(named) - len(kept)


def _made_by_its_cell(study: Study, row: Row, cell: Cell, record: Record, folder: Path) -> bool:
    """Whether the cell that the row is named after gives its numbers alone; a verdict may depend on how many rows there are."""
    alone = _find(study, row, [(cell, record.result)], folder)
    if alone is None:
        return False
    left_out = (_ASSUMPTIONS,) if changed_since(row) else ()  # what the theorem has gained since is in no older row
    old, new = (
        {name: value for name, value in _entries(one, "note", "verdict").items() if not name.startswith(left_out)} for one in (row, alone)
    )
    return old == new


def _find(study: Study, row: Row, found: Sequence[tuple[Cell, Result]], folder: Path) -> Row | None:
    return next((one for one in rows_of(study, found, folder) if one.id == row.id), None)


def _but_for_the_seed(row: BoundRow) -> tuple[Any, ...]:
    training, quantity = (re.sub(r"\bseed \d+", "seed", words) for words in (row.training, row.quantity))
    certificate = row.certificate
    names = row.study, row.bound, certificate.form, row.population, row.network, row.scale, training, quantity
    return *names, row.n, certificate.delta


def _certified(row: BoundRow) -> Fraction:
    return Fraction(row.certificate.value)


def _true(row: BoundRow) -> Fraction:
    return Fraction(row.risk.middle if isinstance(row.risk, Interval) else row.risk)


def _entries(row: Row, *but: str) -> dict[str, Any]:
    return _flat({name: value for name, value in row_to_dict(row).items() if name not in ("label", *(but or ("note",)))})


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """The innermost entries of nested JSON values by their paths."""
    if isinstance(value, dict) and value:
        parts = [_flat(inner, f"{name}.{key}" if name else str(key)) for key, inner in value.items()]
    elif isinstance(value, list) and value:
        parts = [_flat(inner, f"{name}[{position}]") for position, inner in enumerate(value)]
    else:
        return {name: value}
    return {path: inner for part in parts for path, inner in part.items()}
