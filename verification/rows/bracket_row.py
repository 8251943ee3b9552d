"""The row of a quantity of a network that is enclosed between two certified bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import row_id


@dataclass(frozen=True, kw_only=True)
class BracketRow:
    """A network's Lipschitz constant in [lower, upper]: from the logits of pairs of points, and from the norms of the layers.

    The verdict is ``refuted`` where the lower bound is above the upper one, for then one of them is wrong.

    >>> words = {"study": "s", "cell": "c", "population": "digits", "network": "dense", "training": "SGD", "parameters": 10}
    >>> BracketRow(**words, lower=2.0, upper=3.0).looseness, str(BracketRow(**words, lower=2.0, upper=1.0).verdict)
    (1.5, 'refuted')
    """

    study: str
    cell: str
    population: str
    network: str
    training: str
    parameters: int
    lower: float
    upper: float
    quantity: str = "Lipschitz constant"
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse numbers that are none."""
        if not (self.lower >= 0 and self.upper >= 0 and math.isfinite(self.lower)):
            raise ValueError(f"lower and upper must be at least 0 and lower finite, got [{self.lower}, {self.upper}]: measure again")

    @property
    def bound(self) -> str:
        """What is bounded, which stands where other rows name a bound."""
        return self.quantity

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, "", self.quantity)

    @property
    def looseness(self) -> float:
        """The upper bound over the lower one; infinite where the lower one is 0."""
        return self.upper / self.lower if self.lower else math.inf

    @property
    def verdict(self) -> Verdict:
        """Whether the two bounds contradict each other."""
        return Verdict.REFUTED if self.lower > self.upper else Verdict.NOT_REFUTED
