"""What a representative case is, and what several of them share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

DELTA = Fraction(1, 20)
RISK = Fraction(1, 20)
N = 10_000
WIDTHS = (10, 20, 20, 2)


def errors_at_risk(n: int) -> int:
    """The count nearest to an error rate of 5 %."""
    return round(RISK * n)


def norm_of_unit_inputs(n: int) -> float:
    """The Frobenius norm of n inputs of norm 1."""
    return math.sqrt(n)


@dataclass(frozen=True)
class Case:
    """When to use a bound, and inputs for it; ``size`` names the input that is the number of examples, if it has one.

    ``sizes`` is the range of n that is plotted. ``risk`` is the empirical risk of the case, at which Clopper-Pearson is drawn with the
    bound; None where the bound is not of a risk.
    """

    when: str
    inputs: dict[str, Any]
    size: str | None = "n"
    sizes: tuple[int, int] = (100, 10**7)
    risk: Fraction | None = RISK

    def at(self, n: int = N) -> dict[str, Any]:
        """The inputs at this number of examples."""
        values = {name: value(n) if callable(value) else value for name, value in self.inputs.items()}
        return values if self.size is None else {**values, self.size: n}


EMPIRICAL: dict[str, Any] = {"empirical_risk": RISK, "delta": DELTA}
NETWORK: dict[str, Any] = {"norm_product": 8, "depth": 3, "data_norm": norm_of_unit_inputs}
