"""The row of a claim of the literature: what it says, what was measured, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import row_id


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """One claim of a study of a phenomenon.

    Attributes:
        claim: in one sentence. ``source``: where it is made.
        outcome: of a theorem a ``Verdict``, of a phenomenon an ``Outcome``, in its words.
        said: what was measured, with intervals. ``sizes``: at which sizes it was looked for.
        printed: the number that the literature prints, for those claims that have one.

    >>> words = {"study": "s", "cell": "c", "name": "depth", "claim": "C.", "source": "S", "said": "2 [1, 3].", "sizes": "n = 9"}
    >>> row = FindingRow(**words, outcome="reversed")
    >>> str(row.verdict), FindingRow(**words, outcome="refuted").verdict.is_failure
    ('not applicable', True)
    """

    study: str
    cell: str
    name: str
    claim: str
    source: str
    outcome: str
    said: str
    sizes: str
    printed: str = ""

    def __post_init__(self) -> None:
        """Refuse an outcome in other words."""
        known = [*map(str, Outcome), *map(str, Verdict)]
        if self.outcome not in known:
            raise ValueError(f"outcome must be one of {', '.join(known)}, got {self.outcome!r}: give an Outcome or a Verdict")

    @property
    def bound(self) -> str:
        """What is on trial, which stands where other rows name a bound."""
        return f"{self.study}: {self.name}"

    @property
    def quantity(self) -> str:
        """What tells two findings of a study apart."""
        return f"finding: {self.name}"

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, self.quantity)

    @property
    def theorem(self) -> bool:
        """Whether the claim is a theorem, so that evidence against it would be a failure."""
        return self.outcome in map(str, Verdict)

    @property
    def verdict(self) -> Verdict:
        """Of a theorem the outcome; a phenomenon has no verdict, and is not a failure whatever its outcome."""
        return Verdict(self.outcome) if self.theorem else Verdict.NOT_APPLICABLE
