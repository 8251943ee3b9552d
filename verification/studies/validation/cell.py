"""The cells of the study."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

DELTA = Fraction(1, 20)
"""Of every bound of the study."""
BOUNDS = ("Kawaguchi et al.", "Hoeffding", "kl", "Clopper-Pearson")
"""All for every candidate at once."""


@dataclass(frozen=True)
class SearchCell:
    """One search: networks of these widths, step sizes and numbers of steps on one sample; then validation samples, drawn again and again.

    ``n`` is the size of the training sample, ``validation`` that of a validation sample, ``draws`` how many of these (an even number).
    """

    seed: int
    widths: tuple[int, ...] = (4, 16, 64)
    rates: tuple[float, ...] = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
    steps: tuple[int, ...] = (50, 150, 450)
    n: int = 1000
    validation: int = 1000
    draws: int = 40
    population: str = "digits"

    @property
    def candidates(self) -> int:
        """How many models the search looks at."""
        return len(self.widths) * len(self.rates) * len(self.steps)


@dataclass(frozen=True)
class ReuseCell:
    """Test sets of n examples whose labels are fair coins, each asked about so many random classifiers, and then about their vote."""

    seed: int
    n: int = 5000
    classifiers: tuple[int, ...] = (1, 9, 29, 99, 299, 999)
    repetitions: int = 20
    step: Fraction = Fraction(1, 20)


Cells: TypeAlias = SearchCell | ReuseCell
