"""Are the faults of a capacity noticed? Its faulty value is compared with what it bounds, and read by the bounds that it feeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from genbounds.bounds.theorem import Bound, Capacity
from genbounds.bounds.worlds import FLOATS
from genbounds.verification.checks.faults.fates import Fate
from genbounds.verification.checks.faults.generated import Fault, faults, unchanged
from genbounds.verification.checks.faults.killing import EQUAL, Killed, Planting, fate, on_trial
from genbounds.verification.checks.matching import Feed, in_floats, match
from genbounds.verification.checks.reading import Formula, Ready, SearchingFloats, made_ready, total
from genbounds.verification.checks.rungs.brute_force import Meeting, judged_settings, meetings, part, too_low
from genbounds.verification.scenarios.scenario import Scenario, Size
from genbounds.verification.small_worlds import Known

_FLOATS = SearchingFloats()
WORST = ("caught", "survived", "true", "same")
"""Of the fates in small worlds and by the bounds that a capacity feeds, the first of these counts: one that catches a fault is enough."""


def kill_capacity(capacity: Capacity, bounds: Sequence[Bound], scenarios: Sequence[Scenario], size: Size) -> list[Killed]:
    """The fate of every fault of a capacity in small worlds and by the bounds that it feeds; that of its formula unchanged comes first.

    What is said to be true here is nowhere below the sound capacity, or the bound that this gives.

    Args:
        capacity: the capacity.
        bounds: those that it may feed; ``scenarios``: where they may be judged.
        size: in how many worlds each fault is tried for each bound.
    """
    trials = []
    for bound in bounds:
        matches = [match(bound, scenario) for scenario in scenarios]
        fed = [found for found in matches if found.judged and any(feed.formula is capacity for feed in found.feeds)]
        if fed:
            trial = on_trial(fed, size, [bound])
            trials += [trial] if trial.tried else []
    known = settings_of(capacity, size)
    return [
        _by_any(fault, [*directly(fault, known), *(fate(fault, in_feed(fault, capacity), trial) for trial in trials)])
        for fault in made(capacity)
    ]


def settings_of(capacity: Capacity, size: Size) -> list[tuple[Meeting, Known, float]]:
    """The settings of small worlds in which a capacity is judged, each with its value in floats."""
    every = [one for one in meetings(capacity) if one.judged]
    return [(one, known, one.in_floats(known, math=_FLOATS)) for one in every for known, _ in judged_settings(one, size)]


def directly(fault: Fault, settings: Sequence[tuple[Meeting, Known, float]]) -> list[Killed]:
    """The fate of a fault when compared with what the capacity bounds, where that is known; nothing where it is known nowhere."""

    def killed(said: Fate, evidence: str) -> list[Killed]:
        return [Killed(fault.operator, fault.where, said, evidence)]

    values: list[tuple[float, float]] = []
    left = 0.0
    for meeting, known, sound in settings:
        try:
            value = meeting.in_floats(known, fault.formula, _FLOATS)
        except (ArithmeticError, IndexError, TypeError, ValueError):
            continue
        if too_low(value, known.truth):
            return killed(
                "caught", f"{meeting.small.name}: {known.label}: {value:.6g} where {float(known.truth):.6g} is the least it can be"
            )
        values.append((value, sound))
        left = max(left, part(known, value))
    if not settings:
        return []
    if not values:
        return killed("caught", "the formula gives no number in any small world")
    looked = f"in the {len(settings)} small settings looked at"
    if all(math.isclose(value, sound, rel_tol=EQUAL) for value, sound in values):
        return killed("same", f"no number changes {looked}")
    if all(value >= sound - EQUAL * abs(sound) for value, sound in values):
        return killed("true", f"nowhere below the capacity itself {looked}")
    return killed("survived", f"it is below the capacity, and above what that bounds, which is at most {left:.3g} of it {looked}")


def made(capacity: Capacity) -> tuple[Fault, ...]:
    """The formula of a capacity unchanged, and its faults."""
    return unchanged(capacity), *faults(capacity)


def in_feed(fault: Fault, capacity: Capacity) -> Planting:
    """A fault in a capacity that feeds the bound: the bound is made ready again with the faulty value."""

    def compute(feed: Feed, given: dict[str, Any]) -> Any:
        if feed.formula is not capacity:
            return in_floats(feed, given)
        value = total(capacity, capacity.declaration.form, {**capacity.defaults, **given}, formula=fault.formula)
        return FLOATS.floor(value) if feed.whole else value

    def planted(ready: Ready) -> tuple[Ready, Formula]:
        found = ready.found
        return made_ready(found, ready.world, ready.deltas, compute), found.bound.forms[found.form].formula

    return planted


def _by_any(fault: Fault, found: Sequence[Killed]) -> Killed:
    """What the bounds together say of a fault."""
    if not found:
        return Killed(fault.operator, fault.where, "survived", "no exact rung judges it or a bound that it feeds")
    return min(found, key=lambda one: WORST.index(one.fate))
