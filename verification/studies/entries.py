"""What a cell found, as it goes through the store, and the rows that a report makes of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scipy import special

from genbounds.bounds.certificate import Certificate
from genbounds.bounds.exact import Exact, from_json, to_json
from genbounds.bounds.holdout import hoeffding
from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.bound_row import BoundRow, Risk
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.canary import Canary

NO_POWER = "no power: too few draws to refute a bound of this confidence at the level of the report"
"""Said where bounds below every one of the risks would not be refuted either."""


@dataclass(frozen=True)
class Entry:
    """One certificate with what it is compared with.

    Args:
        certificate: the bound.
        risk: what it bounds, an exact fraction or an interval with its method; ``risk_what`` says it in words.
        n: the number of examples that the bound was computed on.
        empirical: the same quantity on those examples, if there is one.
        note: for the reader of the report.
        quantity: tells two certificates of one cell and one bound apart.
        risk_delta: the probability with which the interval of the risk lies above it.
    """

    certificate: Certificate
    risk: Risk
    risk_what: str
    n: int
    empirical: Exact | None = None
    note: str = ""
    quantity: str = "risk"
    risk_delta: Exact = 0

    @property
    def violated(self) -> bool | None:
        """Whether the bound is below the risk; None where an assumption does not hold, so that there is nothing to judge.

        For a risk known as an interval, below its lower end.
        """
        if self.certificate.violated:
            return None
        return math.isfinite(self.certificate.value) and Fraction(self.certificate.value) < _least(self)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact."""
        risk = self.risk
        return {
            "certificate": self.certificate.to_dict(),
            "risk": [risk.lower, risk.upper, risk.method] if isinstance(risk, Interval) else to_json(risk),
            "risk_what": self.risk_what,
            "n": self.n,
            "empirical": to_json(self.empirical),
            "note": self.note,
            "quantity": self.quantity,
            "risk_delta": to_json(self.risk_delta),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Entry:
        """Read what ``to_dict`` wrote."""
        risk = data["risk"]
        return cls(
            certificate=Certificate.from_dict(data["certificate"]),
            risk=Interval(float(risk[0]), float(risk[1]), risk[2]) if isinstance(risk, list) else Fraction(from_json(risk)),
            risk_what=data["risk_what"],
            n=data["n"],
            empirical=from_json(data["empirical"]),
            note=data["note"],
            quantity=data["quantity"],
            risk_delta=from_json(data["risk_delta"]),
        )


def rows_of(entries: Sequence[tuple[Entry, Mapping[str, Any]]]) -> list[BoundRow]:
    """The rows of the entries of a study, each with the words that stand in its row: study, cell, population, ...

    A bound that holds with probability 1 - delta may be below the risk now and then. So the verdict is on all draws of one bound in the
    study together: k of r below the risk refute it if P(Bin(r, delta) >= k) is at most the study's share over the number of bounds. A
    statement that cannot fail is refuted by one. The draws are independent, as every cell has its own.
    """
    groups = Counter(_group(entry) for entry, _ in entries)
    rows = []
    for entry, words in entries:
        together = [other for other, _ in entries if _group(other) == _group(entry)]
        verdict, found = judge(together, share(words["study"]) / len(groups))
        note = "; ".join(part for part in (entry.note, found) if part)
        row = BoundRow.compared(
            entry.certificate,
            entry.risk,
            entry.n,
            verdict=verdict,
            risk_what=entry.risk_what,
            empirical=entry.empirical,
            quantity=entry.quantity,
            note=note,
            **words,
        )
        rows.append(row)
    return rows


def judge(entries: Sequence[Entry], alpha: float) -> tuple[Verdict, str]:
    """The verdict on one bound from independent draws of it, and in words what was compared and found.

    Where even a bound below every one of these risks would not be refuted at this level, the words say that there was no power.
    ``ValueError`` for a statement in expectation, which single draws do not judge.
    """
    judged = [entry for entry in entries if entry.violated is not None]
    if not judged:
        return Verdict.ASSUMPTION_VIOLATED, ""
    if any(entry.certificate.mode == "EXP" for entry in judged):
        raise ValueError(
            f"{judged[0].certificate.bound} holds in expectation, got single draws: judge a mean with averages.expectation_row"
        )
    compared = sum(_least(entry) > 0 for entry in judged)
    exact = not any(isinstance(entry.risk, Interval) for entry in judged)
    what = "risk" if exact else "lower limit of the risk"
    draws = f"{len(judged)} independent draws" if len(judged) > 1 else "one draw"
    if not compared:
        return Verdict.NOT_REFUTED, f"nothing to compare: the {what} is 0 in {draws}"
    below = sum(entry.violated is True for entry in judged)
    delta = max(_delta(entry) for entry in judged)

    def chance(count: int) -> float:
        return float(special.bdtrc(count - 1, len(judged), delta))

    if not below:
        powerless = chance(compared) > alpha and not any(_delta(entry) == 0 for entry in judged)
        return Verdict.NOT_REFUTED, f"bound at least the {what} in {draws}{f'; {NO_POWER}' if powerless else ''}"
    certain = any(entry.violated and _delta(entry) == 0 for entry in judged)
    least = 0.0 if certain else chance(below)
    verdict = Verdict.REFUTED if least <= alpha else Verdict.NOT_REFUTED
    return verdict, f"bound below the {what} in {below} of {draws}, which has probability {decimal_up(least, 2)} at most if the bound holds"


def canary(study: str) -> Canary:
    """Certificates far below the risk in ten of ten draws must be refuted by what judges the entries of a study, those above it not."""
    certificate = hoeffding(empirical_risk=0, n=1000, delta=Fraction(1, 20))
    words = {"study": study, "population": "none", "network": "none", "training": "none", "scale": "realistic"}

    def refuted(risk: Fraction) -> bool:
        entries = [Entry(certificate, risk, "planted", 1000) for _ in range(10)]
        rows = rows_of([(entry, {**words, "cell": str(draw)}) for draw, entry in enumerate(entries)])
        return any(row.verdict.is_failure for row in rows)

    return Canary.of("a certificate of 0.04 for a risk of 1/2, ten times", {"comparison": (refuted(Fraction(1, 2)), refuted(Fraction(0)))})


def _least(entry: Entry) -> Fraction:
    """The exact risk, or the lower end of its interval."""
    return Fraction(entry.risk.lower if isinstance(entry.risk, Interval) else entry.risk)


def _delta(entry: Entry) -> float:
    """The probability with which the bound lies below the lower limit of the risk although both theorems hold; 0 where that cannot be."""
    return float(entry.certificate.delta or 0) + float(entry.risk_delta)


def _group(entry: Entry) -> tuple[str, str]:
    return entry.certificate.bound, entry.quantity
