"""Exact enumeration of bounds on (errors, n): the failure probability over all true risks, decided in ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from genbounds.bounds import Certificate
from genbounds.bounds.holdout import chernoff_kl, clopper_pearson, hoeffding
from genbounds.bounds.pac_bayes import mcallester, seeger2002
from genbounds.verification.checks.enumeration import Enumeration as Found
from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name

CERTIFIERS: Mapping[str, Callable[[int, int, Fraction], Certificate]] = {
    "holdout.hoeffding": lambda errors, n, delta: hoeffding(empirical_risk=Fraction(errors, n), n=n, delta=delta),
    "holdout.chernoff_kl": lambda errors, n, delta: chernoff_kl(empirical_risk=Fraction(errors, n), n=n, delta=delta),
    "holdout.clopper_pearson": lambda errors, n, delta: clopper_pearson(errors=errors, n=n, delta=delta),
    "pac_bayes.seeger2002": lambda errors, n, delta: seeger2002(empirical_risk=Fraction(errors, n), kl=0, n=n, delta=delta),
    "pac_bayes.mcallester": lambda errors, n, delta: mcallester(empirical_risk=Fraction(errors, n), kl=0, n=n, delta=delta),
}
"""The certificate of each bound after so many errors in n trials; a posterior equal to the prior, a point, has KL 0."""
NOTES = {
    "pac_bayes.seeger2002": "posterior equal to the prior: KL = 0",
    "pac_bayes.mcallester": "posterior equal to the prior: KL = 0",
}


@dataclass(frozen=True)
class EnumerationCell:
    """One bound at one sample size and one delta."""

    bound: str
    n: int
    delta: Fraction


QUICK = ((20, Fraction(1, 100)), (50, Fraction(1, 20)))
FULL = (*QUICK, (200, Fraction(1, 20)), (500, Fraction(1, 1000)))


class Enumeration(Study):
    """Each bound that is a function of (errors, n): is its failure probability at most delta, whatever the true risk?

    Args:
        full: larger samples too.
    """

    name = "enumeration"
    revision = 1
    description = "Bounds on (errors, n), decided for every true risk at once: no sampling, no rounding error, no false alarm."
    dtype = "balls"

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[EnumerationCell]:
        """Settings times bounds."""
        return [EnumerationCell(bound, n, delta) for n, delta in (FULL if self.full else QUICK) for bound in CERTIFIERS]

    def cost(self, cell: Cell) -> Cost:
        """No network: n + 1 certificates, and as many sums of probabilities of up to n outcomes."""
        return Cost(memory=1000 * (cell.n + 1), seconds=1e-4 * cell.n + 5e-7 * cell.n**2)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Issue the n + 1 certificates of each cell, and enumerate."""
        return [_result(decide(cell)) for cell in cells]

    def canary(self) -> Canary:
        """The fraction of errors itself, as a bound."""
        return _canary()

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row per cell."""
        return [
            EnumerationRow.of(_found(result), study=self.name, cell=cell_name(self, cell), bound=cell.bound, note=NOTES.get(cell.bound, ""))
            for cell, result in zip(cells, results, strict=True)
        ]


def decide(cell: EnumerationCell) -> Found:
    """Enumerate the failures of the certificates as issued: doubles, rounded up.

    >>> found = decide(EnumerationCell("holdout.hoeffding", 50, Fraction(1, 20)))
    >>> str(found.verdict), round(found.upper, 4)
    ('proved by enumeration', 0.0103)
    """
    certify = CERTIFIERS[cell.bound]
    found = enumerate_failures([certify(errors, cell.n, cell.delta).value for errors in range(cell.n + 1)], cell.delta)
    if found.verdict is Verdict.PROVED_BY_ENUMERATION:
        # The comparison with delta is exact; the double above the supremum, rounded outward, may lie beyond it by its last digit.
        return replace(found, upper=min(found.upper, float(cell.delta)))
    return found


def _result(found: Found) -> dict[str, Any]:
    return {**vars(found), "verdict": str(found.verdict)}


def _found(result: Result) -> Found:
    found = Found(**result)
    return replace(found, verdict=Verdict(result["verdict"]))


def _canary() -> Canary:
    """The bare fraction of errors must be refuted as a bound on the risk, the certificate not."""
    n, delta = 20, Fraction(1, 20)
    bare, issued = [k / n for k in range(n + 1)], [CERTIFIERS["holdout.clopper_pearson"](k, n, delta).value for k in range(n + 1)]
    refuted = tuple(enumerate_failures(values, delta).verdict is Verdict.REFUTED for values in (bare, issued))
    return Canary.of("the fraction of errors without its deviation", {"enumeration": (refuted[0], refuted[1])})
