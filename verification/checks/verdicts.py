"""The words in which the suite reports what a check found."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a check says of a bound. There is no "verified": a check that finds nothing has found nothing.

    >>> str(Verdict.NOT_REFUTED)
    'not refuted'
    """

    REFUTED = "refuted"
    """The bound fails more often than its delta allows; the evidence is beside the verdict."""
    NOT_REFUTED = "not refuted"
    """No evidence against the bound; the largest violation rate that the draws allow is beside the verdict."""
    PROVED_BY_ENUMERATION = "proved by enumeration"
    """Every outcome was enumerated in ball arithmetic: the failure probability is at most delta."""
    ASSUMPTION_VIOLATED = "assumption violated"
    """An assumption of the theorem does not hold here, so the number is not a bound and is not judged."""
    NOT_APPLICABLE = "not applicable"
    """The check does not apply to this bound."""
    UNDECIDED = "undecided"
    """A comparison was still a tie at the highest precision."""

    @property
    def is_failure(self) -> bool:
        """Whether a report with this verdict ends with exit status 1."""
        return self is Verdict.REFUTED
