"""Are the faults of a bound noticed? Each faulty formula stands in for the bound in the worlds in which the bound is judged.

A fault is ``caught`` if an exact rung refutes it in some world. One that leaves a true statement cannot be caught by anything; it is told
apart by being nowhere below the theorem itself, or nowhere below another theorem of the catalogue that is judged in the same worlds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.faults.generated import Fault, faults
from genbounds.verification.checks.judging import DELTAS, Judgement, judge, judge_levels
from genbounds.verification.checks.matching import Match, match
from genbounds.verification.checks.reading import Array, read
from genbounds.verification.scenarios.scenario import Scenario, Size, World

Fate = Literal["caught", "true", "survived"]
TRIED: dict[Size, tuple[int, int]] = {"thumbnail": (8, 8), "full": (40, 200)}
"""How many settings a fault is tried in: those of the best resolution, and others spread over the rest."""


@dataclass(frozen=True)
class Setting:
    """A bound in one world at one delta, and what was found of it there."""

    match: Match
    world: World
    delta: Fraction | None
    judgement: Judgement


@dataclass(frozen=True)
class Killed:
    """The fate of one fault, and the evidence: where it is caught, or why what it says is true."""

    operator: str
    where: str
    fate: Fate
    evidence: str


def settings(bound: Bound, scenarios: Sequence[Scenario], size: Size) -> list[Setting]:
    """Every world and delta in which a bound is judged, the best resolution first."""
    found: list[Setting] = []
    for scenario in scenarios:
        one = match(bound, scenario)
        for world in scenario.listed(size) if one.judged else ():
            deltas = DELTAS if "delta" in bound.inputs else (None,)
            try:
                judged = judge_levels(one, world, deltas)
            except ValueError:  # the theorem's own premise
                continue
            found += [Setting(one, world, delta, judgement) for delta, judgement in zip(deltas, judged, strict=True)]
    return sorted(found, key=lambda setting: -setting.judgement.resolution)


def kill(bound: Bound, scenarios: Sequence[Scenario], size: Size, others: Sequence[Bound] = ()) -> list[Killed]:
    """The fate of every fault of a bound.

    Args:
        bound: the bound.
        scenarios: where it may be judged.
        size: how many settings each fault is tried in.
        others: further theorems, by which a faulty statement may be seen to be true.
    """
    every = settings(bound, scenarios, size)
    best, spread = TRIED[size]
    rest = every[best:]
    tried = every[:best] + rest[:: max(1, len(rest) // spread)]
    comparisons = list(_comparisons(tried, others))
    return [_fate(fault, tried, comparisons) for fault in faults(bound)]


def _fate(fault: Fault, tried: Sequence[Setting], comparisons: Sequence[tuple[str, list[Array]]]) -> Killed:
    values: list[Array] = []
    errors = 0
    for setting in tried:
        try:
            level = None if setting.delta is None else float(setting.delta)
            faulty = judge(setting.match, setting.world, setting.delta, fault.formula)
            values.append(read(setting.match, setting.world, level, fault.formula).values)
        except (ArithmeticError, IndexError, TypeError, ValueError):  # the faulty formula gives no number here
            errors += 1
            values.append(np.full(len(setting.world), np.nan))
            continue
        if faulty.refuted:
            return Killed(fault.operator, fault.where, "caught", f"{setting.match.scenario.name}: {faulty.evidence()}")
    if tried and errors == len(tried):
        return Killed(fault.operator, fault.where, "caught", "the formula gives no number in any world")
    for name, sound in comparisons:
        if all(np.all(~(faulty < true * (1 - 1e-12))) for faulty, true in zip(values, sound, strict=True)):
            return Killed(fault.operator, fault.where, "true", f"nowhere below {name}")
    return Killed(fault.operator, fault.where, "survived", "no world is tight enough" if tried else "no scenario judges the bound")


def _comparisons(tried: Sequence[Setting], others: Sequence[Bound]) -> Iterator[tuple[str, list[Array]]]:
    """The values of the theorem itself, and of every other theorem on the same thing that holds in all the worlds tried."""
    for bound in dict.fromkeys([*(setting.match.bound for setting in tried[:1]), *others]):
        values = []
        for setting in tried:
            one = match(bound, setting.match.scenario)
            if not one.judged or not _speaks_of_the_same(bound, setting.match.bound):
                break
            try:
                values.append(read(one, setting.world, None if setting.delta is None else float(setting.delta)).values)
            except ValueError:
                break
        else:
            if values:
                yield bound.name, values


def _speaks_of_the_same(other: Bound, bound: Bound) -> bool:
    """Whether the other theorem bounds the same thing in the same way and asks for nothing more."""
    return other.bounds_on == bound.bounds_on and other.mode == bound.mode and set(other.assumes) <= set(bound.assumes)
