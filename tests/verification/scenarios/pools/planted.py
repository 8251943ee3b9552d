"""Faults that are planted in bounds, and whether draws tell them from the true ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from genbounds.bounds.lookup import get
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.matching import match
from genbounds.verification.checks.rungs.repeated_draws import RepeatedDraws
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios import scenario


def bound(name: str) -> Bound:
    """The bound of that name."""
    found = get(name)
    assert isinstance(found, Bound)
    return found


def broken(one: Bound, formula: Callable[..., dict[str, Any]]) -> Bound:
    """The bound with another formula, which is also given its own as ``own``."""
    form = one.declaration.form
    own = one.forms[form].formula
    copy = object.__new__(type(one))
    copy.__dict__.update(one.__dict__)
    planted = lambda math_, **inputs: formula(own, math_, **inputs)  # noqa: E731
    copy.__dict__["forms"] = {**one.forms, form: replace(one.forms[form], formula=planted)}
    return copy


def scaled(one: Bound, factor: float) -> Bound:
    """The bound with every term but the first, which is the empirical risk, multiplied."""

    def formula(own: Any, math_: Any, **inputs: Any) -> dict[str, Any]:
        first, *others = own(math_, **inputs).items()
        return dict([first]) | {name: factor * term for name, term in others}

    return broken(one, formula)


def times(one: Bound, factor: float) -> Bound:
    """The bound with every term multiplied."""
    return broken(one, lambda own, math_, **inputs: {name: factor * term for name, term in own(math_, **inputs).items()})


def counted_tenfold(one: Bound, name: str = "n") -> Bound:
    """The bound with ten times the number of examples, or of draws."""
    return broken(one, lambda own, math_, **inputs: dict(own(math_, **inputs | {name: 10 * inputs[name]})))


def tells(name: str, true: Bound, fault: Bound) -> bool:
    """Whether the draws of a scenario refute the fault and not the true bound, at a level of 1e-3."""
    found = match(true, scenario(name))
    verdicts = []
    for one in (true, fault):
        looked = RepeatedDraws().look(replace(found, bound=one), "thumbnail", 1e-3)
        assert looked is not None
        verdicts.append(looked.verdict)
    return verdicts == [Verdict.NOT_REFUTED, Verdict.REFUTED]
