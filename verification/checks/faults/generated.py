"""The faults of a bound or a capacity: every operator on every part of its formula."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType
from typing import Any

from genbounds.bounds.formula import Formula as Theorem
from genbounds.verification.checks.faults import operators
from genbounds.verification.checks.faults.copies import Formula, Part, parts, replaced
from genbounds.verification.checks.faults.fates import UNCHANGED
from genbounds.verification.checks.reading import COUNTS, EMPIRICAL

SCALED: dict[str, tuple[tuple[str, str], ...]] = {
    "n": (("n for 2n", "2 * n"), ("n for 4n", "4 * n")),
    "delta": (("delta for 2 delta", "2 * delta"), ("delta for delta/2", "delta / 2")),
    "errors": (("k for k + 1", "math.maximum(errors - 1, 0)"),),
    "variance": (("ddof 0", "variance * (n - 1) / n"),),
}
"""Inputs that are read as a multiple of themselves or as a near miss, each with the words of the kill matrix."""
TREES: dict[str, Callable[..., Iterator[operators.Change]]] = {
    "term dropped": operators.terms_dropped,
    "union dropped": operators.unions_dropped,
    "term halved": operators.terms_halved,
    "log10 for ln": operators.base_10,
    "log2 for ln": operators.base_2,
    "square root dropped": operators.roots_dropped,
    "square dropped": operators.squares_dropped,
    "arguments swapped": operators.arguments_swapped,
    "ln(x)/y for ln(x/y)": operators.quotients_split,
    "lower for upper limit": operators.sides_exchanged,
    "running sum dropped": operators.running_sums_dropped,
    "factor i dropped": operators.places_dropped,
}
"""Operators that look for places in a syntax tree, by the words of the kill matrix."""
COMPLEXITY_HALVED = "KL or complexity halved"
OPERATORS = (*TREES, *dict.fromkeys(operator for entry in SCALED.values() for operator, _ in entry), COMPLEXITY_HALVED)


@dataclass(frozen=True)
class Fault:
    """A faulty copy of a formula.

    Attributes:
        operator: the kind of fault.
        where: the place, as it is written in the formula.
        whole: the sound formula.
        part: the function that is changed.
        tree: what it is changed to.
    """

    operator: str
    where: str
    whole: FunctionType
    part: Part
    tree: ast.FunctionDef

    @cached_property
    def formula(self) -> Formula:
        """The faulty copy, to be read with floats."""
        return replaced(self.whole, self.part, self.tree)


def unchanged(theorem: Theorem) -> Fault:
    """The default form of a theorem itself, made as its faults are: from a syntax tree, in which nothing is changed.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> same = unchanged(hoeffding)
    >>> same.operator, same.formula is hoeffding.__wrapped__
    ('nothing changed', False)
    """
    formula = _formula(theorem)
    first = parts(formula)[0]
    return Fault(UNCHANGED, "the formula as it is", formula, first, first.tree)


def faults(theorem: Theorem, form: Any = None) -> tuple[Fault, ...]:
    """Every fault of a form of a bound or a capacity (the default form if not given).

    >>> from genbounds.bounds.holdout import hoeffding
    >>> [fault.operator for fault in faults(hoeffding)][-2:]
    ['delta for 2 delta', 'delta for delta/2']
    """
    formula = _formula(theorem, form)
    made = []
    for part in parts(formula):
        for operator, rule in TREES.items():
            made += [Fault(operator, f"{where} ({part.name})", formula, part, tree) for where, tree in rule(part.tree)]
    first = parts(formula)[0]
    for operator, name, factor in _scalings(theorem):
        made += [Fault(operator, where, formula, first, tree) for where, tree in operators.scaled(name, factor)(first.tree)]
    return tuple(made)


def _formula(theorem: Theorem, form: Any = None) -> FunctionType:
    formula = theorem.forms[theorem.declaration.form if form is None else form].formula
    assert isinstance(formula, FunctionType)
    return formula


def _scalings(theorem: Theorem) -> Iterator[tuple[str, str, str]]:
    """Inputs misread: sample sizes, delta, counts and variances, and what enters as a complexity (KL, norms, dimensions) halved."""
    for name, entries in SCALED.items():
        for operator, factor in entries if name in theorem.inputs else ():
            yield operator, name, factor
    for name in theorem.declaration.increasing:
        if name not in EMPIRICAL and name not in COUNTS:
            yield COMPLEXITY_HALVED, name, f"{name} / 2"
