"""The catalogue of formulas: one by its name, or all of a family."""

from __future__ import annotations

from genbounds.bounds import registry
from genbounds.bounds.formula import Formula


def get(name: str) -> Formula:
    """The bound or capacity of this name (``family.name``, an alias, or a bare name where it is unique).

    >>> get("hoeffding").name
    'holdout.hoeffding'
    """
    found = registry.entry(name)
    assert isinstance(found, Formula)
    return found


def catalogue(family: str | None = None) -> tuple[Formula, ...]:
    """All bounds and capacities, or those of one family, in the order of the families and of their names.

    >>> "holdout.hoeffding" in [formula.name for formula in catalogue("holdout")]
    True
    """
    return tuple(found for found in registry.entries(family) if isinstance(found, Formula))
