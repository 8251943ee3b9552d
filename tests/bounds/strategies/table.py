"""The table of cases of all families: one entry for every form of every formula of the catalogue."""

from __future__ import annotations

import importlib
from typing import Any

from hypothesis import settings
from tests.bounds.strategies.case import Case, key_of

from genbounds.bounds import FAMILIES, Formula, catalogue

CASES: dict[str, Case] = {
    f"{family}.{name}": entry
    for family in FAMILIES
    for name, entry in importlib.import_module(f"tests.bounds.strategies.{family}").CASES.items()
}
READINGS: dict[str, tuple[Formula, Any]] = {key_of(formula, form): (formula, form) for formula in catalogue() for form in formula.forms}
TESTED = sorted(CASES.keys() & READINGS.keys())
# How many draws of its inputs each formula meets in a property of all of them: half of what a single test makes, there being hundreds.
DRAWS = max(5, settings().max_examples // 2)


def with_form(key: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs with the argument that selects the form of this key."""
    formula, form = READINGS[key]
    return inputs if form == formula.declaration.form else {**inputs, formula.form_argument: form}
