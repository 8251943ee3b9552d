"""The row of one certificate and the truth."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, EXPECTED_RISK, GIBBS_RISK, MAJORITY_VOTE_RISK, MEAN_RISK_OF_ITERATES, RISK
from genbounds.bounds.certificate import Certificate
from genbounds.bounds.exact import Exact
from genbounds.verification.checks.tightness import slack_bits, tightness
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.identifiers import family_of, row_id

Scale: TypeAlias = Literal["realistic", "non-vacuous"]
SCALES: tuple[Scale, ...] = get_args(Scale)

RISKS = frozenset({RISK, GIBBS_RISK, EMPIRICAL_GIBBS_RISK, MAJORITY_VOTE_RISK, EXPECTED_RISK, MEAN_RISK_OF_ITERATES})
"""What a test set could have bounded instead."""

Risk: TypeAlias = Fraction | Interval
"""What a bound is compared with: an exact number (``Fraction``; any exact number is read as one) or an ``Interval``."""


@dataclass(frozen=True, kw_only=True)
class BoundRow:
    """A certificate compared with the truth.

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
        Statements that cannot fail are compared at 95 %. What is not a risk (a gap, mistakes) has no
        held-out baseline. A certificate with a violated assumption gets the verdict ``assumption violated``, whatever was found, and no
        held-out equivalent, as it certifies nothing.
        """
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
