"""The row of the faults that one operator planted in one bound: how many the suite caught, and what survived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from genbounds.bounds.lookup import catalogue
from genbounds.bounds.theorem import Capacity
from genbounds.verification.checks.faults.fates import UNCHANGED
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import family_of, row_id


@dataclass(frozen=True, kw_only=True)
class FaultRow:
    """One bound, or capacity, and one operator; or the formula itself with nothing changed (``UNCHANGED``), which must not be caught.

    ``caught``, ``true``, ``same`` and ``survived`` count the faults by fate, and add up to ``planted``. ``true`` and ``same`` are faults
    that nothing can catch: what they say is true, or no other number, in the worlds looked at. ``survivors`` says for each fault that
    survived where it is and why it did.

    >>> row = FaultRow(study="s", cell="c", bound="vc.sauer", operator="n for 2n", caught=2, true=1, same=0, survived=1,
    ...                survivors=("2 * n for n: it leaves 0.889 of the deviation",))
    >>> row.planted, row.family, row.share
    (4, 'vc', 0.6666666666666666)
    """

    study: str
    cell: str
    bound: str
    operator: str
    caught: int
    true: int
    same: int
    survived: int
    survivors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse counts that are negative, and survivors that are not all named."""
        if min(self.caught, self.true, self.same, self.survived) < 0:
            raise ValueError(
                f"counts of faults must be at least 0, got {self.caught}, {self.true}, {self.same}, {self.survived}: count again"
            )
        if len(self.survivors) != self.survived:
            raise ValueError(f"survivors must name all {self.survived} that survived, got {len(self.survivors)}: list each of them")

    @property
    def planted(self) -> int:
        """All faults of this operator."""
        return self.caught + self.true + self.same + self.survived

    @property
    def share(self) -> float | None:
        """The share caught of those that could be; None if there are none."""
        return share(self.caught, self.survived)

    @property
    def family(self) -> str:
        """The family of the bound."""
        return family_of(self.bound)

    @property
    def quantity(self) -> str:
        """What tells two rows of one bound apart."""
        return f"faults: {self.operator}"

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, self.quantity)

    @property
    def of_capacity(self) -> bool:
        """Whether the formula is that of a capacity, whose faults are caught by the bounds that it feeds."""
        return self.bound in _capacities()

    @property
    def verdict(self) -> Verdict:
        """No verdict on the bound: the row says what the suite would have noticed. A formula that is caught as it is fails the report."""
        return Verdict.REFUTED if self.operator == UNCHANGED and self.caught else Verdict.NOT_APPLICABLE


@cache
def _capacities() -> frozenset[str]:
    return frozenset(formula.name for formula in catalogue() if isinstance(formula, Capacity))


@dataclass(frozen=True)
class KillLine:
    """A line of the kill matrix: the faults of one operator, or in one family."""

    name: str
    planted: int
    caught: int
    true: int
    same: int
    survived: int

    @property
    def share(self) -> float | None:
        """The share caught of those that could be; None if there are none."""
        return share(self.caught, self.survived)


def share(caught: int, survived: int) -> float | None:
    """Caught out of those that are caught or survive; faults that leave a true statement, or the same one, are counted apart.

    >>> share(3, 1), share(0, 0)
    (0.75, None)
    """
    return caught / (caught + survived) if caught + survived else None


def kill_matrix(rows: Sequence[FaultRow], by: str, capacities: bool = False) -> list[KillLine]:
    """The rows of bounds, or of capacities, added up ``by`` operator or family, in the order in which they come, and all in the last line.

    Formulas with nothing changed are not faults, and do not count.
    """
    rows = [row for row in rows if row.operator != UNCHANGED and row.of_capacity == capacities]
    names = dict.fromkeys(getattr(row, by) for row in rows)
    lines = [_added(name, (row for row in rows if getattr(row, by) == name)) for name in names]
    return [*lines, _added("all", rows)] if rows else []


def kill_matrices(rows: Sequence[FaultRow]) -> list[tuple[str, list[KillLine]]]:
    """The tables of a report that are not empty, each with the words of what it is ordered by."""
    tables = [(by, kill_matrix(rows, by)) for by in ("operator", "family")]
    tables.append(("operator, capacities", kill_matrix(rows, "operator", capacities=True)))
    return [(words, lines) for words, lines in tables if lines]


def _added(name: str, rows: Iterable[FaultRow]) -> KillLine:
    listed = list(rows)
    planted, caught, true, same, survived = (
        sum(getattr(row, entry) for row in listed) for entry in ("planted", "caught", "true", "same", "survived")
    )
    return KillLine(name, planted, caught, true, same, survived)
