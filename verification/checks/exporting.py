"""A0 for others to recheck: the certificates after 0, ..., n errors, and the largest failure probability, as plain JSON values."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.judging import certificate_value
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import names, scenario


def enumeration_of(bound: Bound, form: Any = None, n: int = 50, delta: Fraction = Fraction(1, 20)) -> dict[str, Any]:
    """What a recheck needs: doubles as Python prints them, which read back exactly; delta as a fraction.

    Raises:
        ValueError: no scenario judges the bound by counts of errors.

    >>> from genbounds.bounds.holdout import clopper_pearson
    >>> found = enumeration_of(clopper_pearson, n=2)
    >>> found["delta"], len(found["certificates"]), found["verdict"]
    ('1/20', 3, 'proved by enumeration')
    """
    for name in names():
        found = match(bound, scenario(name), form)
        world = found.scenario.counted(n) if found.judged else None
        if world is not None and "delta" in bound.inputs:
            values = [certificate_value(found, world, errors, delta) for errors in range(n + 1)]
            result = enumerate_failures(values, delta)
            return {
                "bound": bound.name,
                "form": str(found.form),
                "n": n,
                "delta": str(delta),
                "certificates": [value if value < 1 else 1.0 for value in values],
                "supremum": [result.lower, result.upper],
                "just_above_risk": result.risk,
                "verdict": str(result.verdict),
            }
    raise ValueError(f"bound must be a function of a number of errors, got {bound.name}: no scenario counts its errors")
