"""One representative case a bound: inputs that the documentation plots and the benchmark times, and a line on when to use the bound.

An input may be a function of n (the number of errors at a fixed rate, the norm of n inputs of norm 1). One file a family. A test compares
the names with the catalogue, so that a new bound needs its line here.
"""

from __future__ import annotations

from cases import holdout, information, margin, pac_bayes, perceptron, rademacher, stability, vc
from cases.case import DELTA, Case

__all__ = ["CASES", "DELTA", "Case"]

CASES: dict[str, Case] = {
    name: case
    for family in (holdout, vc, rademacher, margin, pac_bayes, perceptron, stability, information)
    for name, case in family.CASES.items()
}
