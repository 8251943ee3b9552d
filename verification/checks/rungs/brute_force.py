"""A capacity compared with what it bounds, in worlds so small that this is known by brute force.

A capacity meets the small worlds that know the quantity that it gives, supply what it takes and guarantee what it assumes; nothing else
brings them together. It is refuted where it is below the quantity. The **resolution** is the largest part of the capacity that the
quantity is: a capacity of less than that part would be refuted. It is taken where the capacity says more than what holds in any case (a
growth function below 2^n), and with constant caps inside the formula taken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.theorem import Capacity
from genbounds.bounds.worlds import FLOATS, FloatWorld
from genbounds.verification.checks.reading import Formula, UncappedFloats, total
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Size
from genbounds.verification.small_worlds import Known, SmallWorld, small_worlds

NAME = "brute force"
ROUNDING = 1e-9
"""A quantity is known to far more than this part of itself; what lies closer below it does not count against a capacity."""


@dataclass(frozen=True)
class Meeting:
    """A form of a capacity and a small world that knows what it gives.

    Attributes:
        capacity, form, small: the two.
        missing: inputs that the small world does not supply.
        unknown: assumptions of the capacity that it does not guarantee.
    """

    capacity: Capacity
    form: Any
    small: SmallWorld
    missing: tuple[str, ...] = ()
    unknown: tuple[Assumption, ...] = ()

    @property
    def scenario(self) -> SmallWorld:
        """The small world, which stands where a bound has its scenario."""
        return self.small

    @property
    def violated(self) -> tuple[Assumption, ...]:
        """None: no small world is made to violate an assumption."""
        return ()

    @property
    def judged(self) -> bool:
        """Whether a capacity below the quantity is refuted here."""
        return not self.missing and not self.unknown

    def why_not(self) -> str:
        """Why the capacity is not judged here; empty where it is."""
        parts = [f"nothing supplies {', '.join(self.missing)}"] if self.missing else []
        if self.unknown:
            parts.append(f"the small world does not guarantee {', '.join(repr(one.name) for one in self.unknown)}")
        return "; ".join(parts)

    def inputs(self, known: Known) -> dict[str, Any]:
        """What the capacity takes of a setting."""
        return {name: known.inputs[name] for name in self.capacity.inputs if name in known.inputs}

    def value(self, known: Known) -> float:
        """The capacity as a user gets it: rounded up, from exact inputs; ``ValueError`` where its premises do not hold."""
        form = {} if self.form == self.capacity.declaration.form else {self.capacity.form_argument: self.form}
        value = self.capacity(**self.inputs(known), **form).value
        assert not isinstance(value, tuple)
        return float(value)

    def in_floats(self, known: Known, formula: Formula | None = None, math: FloatWorld = FLOATS) -> float:
        """Another formula in place of the capacity's, or its own, in floats; ``ValueError`` where its premises do not hold."""
        named = self.inputs(known)
        arrays = {name: np.array(entry, dtype=float) if isinstance(entry, tuple) else float(entry) for name, entry in named.items()}
        return float(total(self.capacity, self.form, {**self.capacity.defaults, **arrays}, math, formula))


def meetings(capacity: Capacity, form: Any = None, small: Sequence[SmallWorld] | None = None) -> tuple[Meeting, ...]:
    """The small worlds that know what a form of a capacity gives (the default form if not given), judged or not.

    >>> from genbounds.bounds.vc import log_growth_sauer
    >>> [one.small.name for one in meetings(log_growth_sauer) if one.judged]
    ['patterns of small sets']
    """
    form = capacity.declaration.form if form is None else form
    found = []
    for one in small_worlds() if small is None else small:
        if one.gives == capacity.declaration.gives:
            missing = tuple(name for name in capacity.inputs if name not in capacity.defaults and name not in one.inputs)
            unknown = tuple(entry for entry in capacity.forms[form].assumes if one.audit.get(entry, ("",))[0] not in _HOLDS)
            found.append(Meeting(capacity, form, one, missing, unknown))
    return tuple(found)


_HOLDS = ("by construction", "checked")


def judged_settings(meeting: Meeting, size: Size) -> Iterator[tuple[Known, float]]:
    """The settings of a small world that the capacity does not refuse, each with its value."""
    for known in meeting.small.settings(size):
        try:
            yield known, meeting.value(known)
        except ValueError:  # the theorem's own premise: there is no statement to judge
            continue


def too_low(value: float, truth: Fraction | float) -> bool:
    """Whether a value is below the truth by more than rounding."""
    return value < float(truth) - ROUNDING * abs(float(truth))


def look(meeting: Meeting, size: Size) -> Finding | None:
    """What is found of a capacity in a small world; None where it is not judged there."""
    found = list(judged_settings(meeting, size)) if meeting.judged else []
    if not found:
        return None
    wrong = next(((known, value) for known, value in found if too_low(value, known.truth)), None)
    if wrong is not None:
        known, value = wrong
        truth = float(known.truth)
        said = f"in the world {known.label} {meeting.capacity.name} is {value:.9g} where the {_words(meeting)} is at least {truth:.9g}"
        return Finding(NAME, Verdict.REFUTED, 1.0, 1.0, known.label, None, len(found), said, truth, value, True)
    says = [value < known.ceiling * (1 - ROUNDING) for known, value in found]
    parts = [
        part(known, max(value, meeting.in_floats(known, math=UncappedFloats()))) if more else 0.0
        for (known, value), more in zip(found, says, strict=True)
    ]
    with_cap = max(part(known, value) for known, value in found)
    best = int(np.argmax(parts))
    known, value = found[best]
    text = f"the {_words(meeting)} by brute force in {len(found)} settings"
    truth = min(float(known.truth), value)
    return Finding(NAME, Verdict.NOT_REFUTED, parts[best], with_cap, known.label, None, len(found), text, truth, value, any(says))


def part(known: Known, value: float) -> float:
    """The part of a value that the truth is, from 0 to 1."""
    return min(1.0, max(0.0, float(known.truth) / value)) if value > 0 else 0.0


def _words(meeting: Meeting) -> str:
    return meeting.capacity.declaration.gives.replace("_", " ")
