"""All that a report says: its rows, what was asked for, and how it was run; frozen, and through JSON without a change."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genbounds.bounds import notebook
from genbounds.bounds.registry import FAMILIES
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.canary_row import CanaryRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.fault_row import FaultRow
from genbounds.verification.rows.finding_row import FindingRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.labels import label
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.rows.since import Kind, tolerated
from genbounds.verification.rows.stored import row_from_dict, row_to_dict
from genbounds.verification.rows.trial_row import TrialRow

SCHEMA = 1
"""Raised whenever report.json changes its shape."""
_READING = (
    "“Not refuted” is not a proof; “proved by enumeration” is one. A row with a violated assumption certifies nothing.",
    "Certificates are rounded up. Each holds at its own confidence, not all at once.",
)
NOT_OF_A_FAMILY = BracketRow | MutantRow | FaultRow | FindingRow | CurvesRow | CanaryRow
"""Rows that are about no bound of one family."""


@dataclass(frozen=True)
class Report:
    """All that a report says. ``run`` (when, where, versions, seconds) is the one part in which a resumed run may differ.

    ``asked`` is what was asked for, as plain JSON values: studies, full or quick, the seed.
    """

    title: str
    asked: Mapping[str, Any]
    rows: tuple[Row, ...]
    run: Mapping[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        """Refuse two rows of one id: whoever cites it would not know which is meant."""
        object.__setattr__(self, "rows", tuple(self.rows))
        seen: dict[str, Row] = {}
        for row in self.rows:
            if row.id in seen:
                raise ValueError(f"rows must have different ids, got {row.id} twice ({row.bound}): give one of them another `quantity`")
            seen[row.id] = row

    @property
    def version(self) -> str | None:
        """The version of genbounds that wrote it; None where it does not say."""
        return _version_of(self.run)

    @property
    def trials(self) -> tuple[TrialRow, ...]:
        """The matrix: bounds in scenarios."""
        return tuple(row for row in self.rows if isinstance(row, TrialRow))

    @property
    def bounds(self) -> tuple[BoundRow, ...]:
        """The certificates."""
        return tuple(row for row in self.rows if isinstance(row, BoundRow))

    @property
    def coverages(self) -> tuple[CoverageRow, ...]:
        """The coverage checks."""
        return tuple(row for row in self.rows if isinstance(row, CoverageRow))

    @property
    def enumerations(self) -> tuple[EnumerationRow, ...]:
        """The exact enumerations."""
        return tuple(row for row in self.rows if isinstance(row, EnumerationRow))

    @property
    def brackets(self) -> tuple[BracketRow, ...]:
        """The enclosures of Lipschitz constants."""
        return tuple(row for row in self.rows if isinstance(row, BracketRow))

    @property
    def mutants(self) -> tuple[MutantRow, ...]:
        """The faults that were planted: the kill matrix."""
        return tuple(row for row in self.rows if isinstance(row, MutantRow))

    @property
    def faults(self) -> tuple[FaultRow, ...]:
        """What became of the faults that were planted in formulas."""
        return tuple(row for row in self.rows if isinstance(row, FaultRow))

    @property
    def findings(self) -> tuple[FindingRow, ...]:
        """What became of the claims of the literature."""
        return tuple(row for row in self.rows if isinstance(row, FindingRow))

    @property
    def curves(self) -> tuple[CurvesRow, ...]:
        """What the studies of phenomena draw."""
        return tuple(row for row in self.rows if isinstance(row, CurvesRow))

    @property
    def canaries(self) -> tuple[CanaryRow, ...]:
        """The faults that the studies plant before their own checks in every run."""
        return tuple(row for row in self.rows if isinstance(row, CanaryRow))

    @property
    def refuted(self) -> tuple[Row, ...]:
        """The rows whose verdict is a failure: with any, ``genbounds verify`` ends with exit status 1. Mutants are to be refuted."""
        return tuple(row for row in self.rows if row.verdict.is_failure and not isinstance(row, MutantRow))

    @property
    def families(self) -> tuple[str, ...]:
        """The families that have a row, in the order of the catalogue."""
        present = {row.family for row in self.rows if not isinstance(row, NOT_OF_A_FAMILY)}
        return tuple([f for f in FAMILIES if f in present] + sorted(present - set(FAMILIES)))

    def find(self, identifier: str) -> Row:
        """The row of an id; ``ValueError`` that names close ones if there is none."""
        for row in self.rows:
            if row.id == identifier:
                return row
        close = difflib.get_close_matches(identifier, dict.fromkeys(row.id for row in self.rows), n=3)
        meant = f"did you mean {' or '.join(close)}?" if close else "the ids stand beside the numbers in report.html"
        raise ValueError(f"id must be one of this report, got {identifier!r}: {meant}")

    def _repr_html_(self) -> str:
        """For notebooks: what the report holds, by verdict, every refuted row, and how to read the words."""
        held: dict[str, Counter[str]] = {}
        for row in self.rows:
            held.setdefault(type(row).__name__, Counter())[str(row.verdict)] += 1
        rows = [(kind, ", ".join(f"{number} {verdict}" for verdict, number in found.items())) for kind, found in held.items()]
        rows += [(str(name), str(value)) for name, value in self.run.items()]
        refuted = [f"Refuted: {label(row)} (genbounds {row.id})." for row in self.refuted]
        return notebook.table(self.title, rows, _READING, refuted)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict that ``from_dict`` reads back to an equal report."""
        return {
            "schema": self.schema,
            "title": self.title,
            "asked": dict(self.asked),
            "rows": [row_to_dict(row) for row in self.rows],
            "run": dict(self.run),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, older: bool = False) -> Report:
        """Read what ``to_dict`` wrote; ``ValueError`` if it is not a report, or one of another schema.

        With ``older``, rows may differ from today's catalogue as far as ``since.tolerated`` says; ``consistency.changed_since`` says how.
        """
        if not isinstance(data, Mapping) or "schema" not in data or "rows" not in data:
            raise ValueError("report must be what genbounds verify wrote, got something else: give its report.json")
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema must be {SCHEMA}, got {data['schema']}: read the report with the version that wrote it")
        but = tolerated(_version_of(data["run"])) if older else frozenset[Kind]()
        rows = tuple(row_from_dict(row, but) for row in data["rows"])
        return cls(title=data["title"], asked=data["asked"], rows=rows, run=data["run"], schema=data["schema"])


def _version_of(run: Mapping[str, Any]) -> str | None:
    versions = run.get("versions")
    found = versions.get("genbounds") if isinstance(versions, Mapping) else None
    return found if isinstance(found, str) and re.fullmatch(r"\d[\w.+-]*", found) else None
