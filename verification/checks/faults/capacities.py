"""Are the faults of a capacity noticed? A capacity refutes nothing itself: its faulty value is read by the bounds that it feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genbounds.bounds.theorem import Bound, Capacity
from genbounds.bounds.worlds import FLOATS
from genbounds.verification.checks.faults.generated import Fault, faults, unchanged
from genbounds.verification.checks.faults.killing import Killed, Planting, fate, on_trial
from genbounds.verification.checks.matching import Feed, in_floats, match
from genbounds.verification.checks.reading import Formula, Ready, made_ready, total
from genbounds.verification.scenarios.scenario import Scenario, Size

WORST = ("caught", "survived", "true", "same")
"""Of the fates by the bounds that a capacity feeds, the first of these counts: one that catches a fault is enough."""


def kill_capacity(capacity: Capacity, bounds: Sequence[Bound], scenarios: Sequence[Scenario], size: Size) -> list[Killed]:
    """The fate of every fault of a capacity by the bounds that it feeds, and of its formula unchanged, which comes first.

    What is said to be true here is nowhere below the bound that the sound capacity gives.

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
    return [_by_any(fault, [fate(fault, in_feed(fault, capacity), trial) for trial in trials]) for fault in made(capacity)]


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
        return Killed(fault.operator, fault.where, "survived", "no exact rung judges a bound that it feeds")
    return min(found, key=lambda one: WORST.index(one.fate))
