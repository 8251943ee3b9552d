"""One row of the table of cases: what a formula is tried on, and what it is compared with."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from genbounds.bounds import Certificate, Formula


@dataclass(frozen=True)
class Case:
    """How one form of one formula is tested.

    ``inputs``: a strategy of its inputs, over everything that it admits. ``example``: everyday inputs, all of them plain numbers.
    ``reference``: the exact value (an int or a 60-digit mpf) of the inputs; by default the function of the same name in
    ``tests.reference``, with the form passed on. ``from_choices``: for a formula that searches, the exact value of the inputs and the
    certificate, whose choices it must find admissible; it replaces ``reference``. ``float_tolerance``: how far ``.value`` may be above
    the certificate, relative, and ``float_below``: how far below. ``float_jump``: how far the float
    reading of a floor may also be above it, where the floats cannot tell a number from the whole one above it.
    """

    inputs: st.SearchStrategy[dict[str, Any]]
    example: dict[str, Any]
    reference: Callable[..., Any] | None = None
    from_choices: Callable[[dict[str, Any], Certificate], Any] | None = None
    float_tolerance: float = 1e-12
    float_below: float = 1e-12
    float_jump: float = 0.0


def case(example: dict[str, Any], **strategies: st.SearchStrategy[Any]) -> Case:
    """A case whose inputs are drawn independently of each other."""
    return Case(st.fixed_dictionaries(strategies), example)


def key_of(formula: Formula, form: Any) -> str:
    """The key of a form in the table: ``family.name``, with the form in brackets unless it is the default."""
    return formula.name if form == formula.declaration.form else f"{formula.name}[{form}]"


def reference_of(formula: Formula, form: Any) -> Callable[..., Any]:
    """The function of the same name in ``tests.reference``."""
    family, name = formula.name.split(".")
    function: Callable[..., Any] = getattr(importlib.import_module(f"tests.reference.{family}"), name)
    return function if form == formula.declaration.form else lambda **inputs: function(**inputs, **{formula.form_argument: form})
