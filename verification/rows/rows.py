"""The rows of a report: what a study found, as plain frozen values that go through JSON without a change."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, EXPECTED_RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, RISK
from genbounds.bounds.certificate import Certificate
from genbounds.bounds.exact import Exact, from_json, to_json
from genbounds.bounds.registry import FAMILIES
from genbounds.bounds.special.rounding import decimal_down
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.runs.identifiers import row_id

if TYPE_CHECKING:
    from genbounds.verification.checks.coverage import Coverage
    from genbounds.verification.checks.enumeration import Enumeration

SCHEMA = 1
"""Raised whenever report.json changes its shape."""

Scale: TypeAlias = Literal["realistic", "non-vacuous"]
SCALES: tuple[Scale, ...] = get_args(Scale)


@dataclass(frozen=True)
class Interval:
    """A quantity known to lie in [lower, upper], and by which method: "95 % Clopper-Pearson interval from 10^6 pairs"."""

    lower: float
    upper: float
    method: str

    def __post_init__(self) -> None:
        """Refuse an empty interval and one without a method."""
        if not self.lower <= self.upper:
            raise ValueError(f"lower must be at most upper, got [{self.lower}, {self.upper}]: give the smaller end first")
        if not self.method:
            raise ValueError("method must say how the interval was found, got nothing: for example '95 % interval from 50 draws'")

    @property
    def middle(self) -> float:
        """The middle of the interval."""
        return self.lower + (self.upper - self.lower) / 2


RISKS = frozenset({RISK, GIBBS_RISK, EMPIRICAL_GIBBS_RISK, MAJORITY_VOTE_RISK, EXPECTED_RISK, MEAN_RISK_OF_ITERATES})
"""What a test set could have bounded instead."""

Risk: TypeAlias = Fraction | Interval
"""What stands beside a bound: an exact number (``Fraction``; any exact number is read as one) or an ``Interval``."""


@dataclass(frozen=True, kw_only=True)
class BoundRow:
    """One certificate beside the truth.

    Args:
        study, cell: the study, and the name (hash) of the cell that the numbers come from.
        population, network, training: in words.
        n: the examples the bound was computed on; ``n_over_pool`` is n over the size of the pool (None: no pool).
        certificate: the bound.
        risk: what the bound bounds, exactly or as an interval; ``risk_what`` says in words what it is ("exact risk on the pool").
        empirical: the same quantity on the sample (None: there is none).
        baseline: what n held-out points would certify at the same confidence, in the bound's units: Clopper-Pearson for errors (None:
            nothing).
        held_out_equivalent: how many held-out points are worth as much (0: the bound is vacuous; None: no number).
        bits_of_slack: log2(bound / risk).
        verdict: a word of the suite's vocabulary.
        scale: ``realistic``, or ``non-vacuous`` for the scale at which the family's bounds say something.
        quantity: what tells two rows of one cell and one bound apart; it is part of the id.
    """

    study: str
    cell: str
    population: str
    network: str
    n: int
    training: str
    certificate: Certificate
    risk: Risk
    risk_what: str
    verdict: Verdict
    scale: Scale
    n_over_pool: Fraction | float | None = None
    empirical: Exact | None = None
    baseline: float | None = None
    held_out_equivalent: int | None = None
    bits_of_slack: float | None = None
    quantity: str = "risk"
    note: str = ""

    def __post_init__(self) -> None:
        """Normalise the risk and the verdict, and refuse words outside the vocabulary."""
        if not isinstance(self.risk, Interval):
            object.__setattr__(self, "risk", Fraction(self.risk))
        object.__setattr__(self, "verdict", Verdict(self.verdict))
        if self.scale not in SCALES:
            raise ValueError(f"scale must be one of {', '.join(SCALES)}, got {self.scale!r}: use one of these words")

    @property
    def bound(self) -> str:
        """The catalogue name of the bound."""
        return self.certificate.bound

    @property
    def family(self) -> str:
        """The family of the bound."""
        return family_of(self.bound)

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, self.quantity)

    @classmethod
    def compared(cls, certificate: Certificate, risk: Risk, n: int, *, verdict: Verdict = Verdict.NOT_REFUTED, **rest: Any) -> BoundRow:
        """A row with the comparison filled in: bits of slack, held-out baseline and equivalent, at the certificate's confidence.

        An interval is compared by its lower end, against the bound: more slack, a tighter baseline, fewer points that it is worth. One that
        begins at 0 says too little for any of them: only a vacuous bound is known to be worth no point.
        Statements that cannot fail are compared at 95 %. What is no risk (a gap, mistakes) has no
        held-out baseline. A certificate with a violated assumption gets the verdict ``assumption violated``, whatever was found, and no
        held-out equivalent, as it certifies nothing.
        """
        from genbounds.verification.checks.tightness import slack_bits, tightness

        truth = risk.lower if isinstance(risk, Interval) else Fraction(risk)
        violated = bool(certificate.violated)
        row = cls(
            certificate=certificate,
            risk=risk,
            n=n,
            verdict=Verdict.ASSUMPTION_VIOLATED if violated else verdict,
            bits_of_slack=slack_bits(certificate.value, truth) if 0 <= truth <= 1 else None,
            **rest,
        )
        if certificate.bounds_on not in RISKS:
            return row
        if isinstance(risk, Interval) and not truth:
            return row if violated or not certificate.vacuous else dataclasses.replace(row, held_out_equivalent=0)
        found = tightness(certificate.value, truth, n, float(certificate.delta or Fraction(1, 20)))
        equivalent = None if violated else found.held_out_equivalent
        return dataclasses.replace(row, baseline=found.baseline, held_out_equivalent=equivalent)

    @property
    def violated(self) -> bool:
        """Whether an assumption is known not to hold, so that the number certifies nothing."""
        return self.verdict is Verdict.ASSUMPTION_VIOLATED or bool(self.certificate.violated)


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """How often a bound was below the risk over independent draws.

    ``log_evidence`` is the natural logarithm of the e-process at its largest; the bound is refuted where it reaches ln(1/``alpha``).
    ``upper_limit`` is the one-sided 95 % limit on the violation rate; ``power`` says in words what would have been found;
    ``critical_scale`` is the factor by which the complexity term could shrink before the rate exceeds delta (None: not measured).
    """

    study: str
    cell: str
    bound: str
    population: str
    draws: int
    violations: int
    delta: float
    alpha: float
    log_evidence: float
    upper_limit: float
    power: str
    verdict: Verdict
    critical_scale: float | None = None
    quantity: str = "coverage"
    note: str = ""

    def __post_init__(self) -> None:
        """Normalise the verdict and refuse counts that cannot be."""
        object.__setattr__(self, "verdict", Verdict(self.verdict))
        if not 0 <= self.violations <= self.draws or self.draws < 1:
            raise ValueError(f"violations must lie between 0 and draws, got {self.violations} of {self.draws}: count again")

    @property
    def family(self) -> str:
        """The family of the bound."""
        return family_of(self.bound)

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, self.quantity)

    @classmethod
    def of(cls, found: Coverage, **rest: Any) -> CoverageRow:
        """The row of a ``checks.coverage.coverage`` result; ``rest``: study, cell, bound, population and what else is to be said."""
        rest.setdefault("power", f"a rate of {2 * found.delta:g} is found with probability {decimal_down(found.power, 2)}")
        return cls(
            draws=found.draws,
            violations=found.violations,
            delta=found.delta,
            alpha=found.alpha,
            log_evidence=found.log_evidence,
            upper_limit=found.upper_limit,
            verdict=found.verdict,
            **rest,
        )

    @property
    def rate(self) -> float:
        """Violations over draws."""
        return self.violations / self.draws


@dataclass(frozen=True, kw_only=True)
class EnumerationRow:
    """The largest failure probability of a bound over all true risks, decided in ball arithmetic.

    ``supremum`` is the upper end of its enclosure; ``at_risk`` is the true risk just above which it is found.
    """

    study: str
    cell: str
    bound: str
    n: int
    delta: Fraction
    supremum: float
    verdict: Verdict
    at_risk: float | None = None
    quantity: str = "enumeration"
    note: str = ""

    def __post_init__(self) -> None:
        """Normalise delta and the verdict."""
        object.__setattr__(self, "delta", Fraction(self.delta))
        object.__setattr__(self, "verdict", Verdict(self.verdict))

    @property
    def family(self) -> str:
        """The family of the bound."""
        return family_of(self.bound)

    @classmethod
    def of(cls, found: Enumeration, **rest: Any) -> EnumerationRow:
        """The row of a ``checks.enumeration.enumerate_failures`` result; ``rest``: study, cell, bound and what else is to be said."""
        return cls(n=found.n, delta=found.delta, supremum=found.upper, at_risk=found.risk, verdict=found.verdict, **rest)

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, f"{self.bound} n={self.n} delta={self.delta}", self.quantity)


Row: TypeAlias = BoundRow | CoverageRow | EnumerationRow | BracketRow | MutantRow
KINDS: dict[str, type[BoundRow] | type[CoverageRow] | type[EnumerationRow] | type[BracketRow] | type[MutantRow]] = {
    "bound": BoundRow,
    "coverage": CoverageRow,
    "enumeration": EnumerationRow,
    "bracket": BracketRow,
    "mutant": MutantRow,
}


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
    def refuted(self) -> tuple[Row, ...]:
        """The rows whose verdict is a failure: with any, ``genbounds verify`` ends with exit status 1. Mutants are to be refuted."""
        return tuple(row for row in self.rows if row.verdict.is_failure and not isinstance(row, MutantRow))

    @property
    def families(self) -> tuple[str, ...]:
        """The families that have a row, in the order of the catalogue."""
        present = {row.family for row in self.rows if not isinstance(row, BracketRow | MutantRow)}
        return tuple([f for f in FAMILIES if f in present] + sorted(present - set(FAMILIES)))

    def find(self, identifier: str) -> Row:
        """The row of an id; ``ValueError`` if there is none."""
        for row in self.rows:
            if row.id == identifier:
                return row
        raise ValueError(f"id must be one of this report, got {identifier!r}: the ids stand beside the numbers in report.html")

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
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """Read what ``to_dict`` wrote; ``ValueError`` if it is no report, or one of another schema."""
        if not isinstance(data, Mapping) or "schema" not in data or "rows" not in data:
            raise ValueError("report must be what genbounds verify wrote, got something else: give its report.json")
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema must be {SCHEMA}, got {data['schema']}: read the report with the version that wrote it")
        rows = tuple(row_from_dict(row) for row in data["rows"])
        return cls(title=data["title"], asked=data["asked"], rows=rows, run=data["run"], schema=data["schema"])


def row_to_dict(row: Row) -> dict[str, Any]:
    """A row as JSON values, with its kind and its id."""
    kind = next(name for name, cls in KINDS.items() if type(row) is cls)
    values = {entry.name: _encoded(getattr(row, entry.name)) for entry in dataclasses.fields(row)}
    return {"kind": kind, "id": row.id, **values}


def row_from_dict(data: Mapping[str, Any]) -> Row:
    """Read what ``row_to_dict`` wrote; ``ValueError`` if the kind is unknown, or if the row contradicts its own numbers (``check_row``).

    The id is the hash of cell, bound and quantity, the names of the number: it says which number it is, not what its value is.
    """
    from genbounds.verification.rows.consistency import check_row

    if data.get("kind") not in KINDS:
        raise ValueError(
            f"kind of a row must be one of {', '.join(KINDS)}, got {data.get('kind')!r}: read it with the version that wrote it"
        )
    cls = KINDS[data["kind"]]
    row = cls(**{entry.name: _decoded(data[entry.name]) for entry in dataclasses.fields(cls)})
    if row.id != data["id"]:
        remedy = "the file was changed by hand, or another version of genbounds wrote it"
        raise ValueError(f"id of a row must be the hash {row.id} of its cell, bound and quantity, got {data['id']!r}: {remedy}")
    check_row(row)
    return row


def family_of(bound: str) -> str:
    """The family in a catalogue name.

    >>> family_of("vc.sauer")
    'vc'
    """
    return bound.split(".")[0]


def _encoded(value: Any) -> Any:
    if isinstance(value, Certificate):
        return {"certificate": value.to_dict()}
    if isinstance(value, Interval):
        return {"interval": {"lower": to_json(value.lower), "upper": to_json(value.upper), "method": value.method}}
    if isinstance(value, Verdict):
        return str(value)
    if isinstance(value, float) and math.isnan(value):
        raise ValueError("a number of a report must not be NaN: a quantity that was not measured is None")
    return to_json(value)


def _decoded(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"certificate"}:
        return Certificate.from_dict(value["certificate"])
    if isinstance(value, dict) and set(value) == {"interval"}:
        inner = value["interval"]
        return Interval(float(from_json(inner["lower"])), float(from_json(inner["upper"])), inner["method"])
    return from_json(value)
