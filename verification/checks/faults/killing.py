"""Are the faults of a bound noticed? Each faulty formula stands in for the bound in the worlds in which the bound is judged.

A fault is ``caught`` if an exact rung refutes it in some world (statements that cannot fail are tried on every draw as well), at what the
theorem's search chooses or at another point of its grid. One that
leaves a true statement cannot be caught by anything: it is called ``true`` where it is nowhere below the theorem itself, or in each world
and at each level nowhere below some theorem that takes no other inputs and asks for nothing more. That is seen in the worlds looked at, on
every sample of them, and not proved beyond. What a proof of ``proved`` shows is true as well. A fault that changes no number there is the
``same``. The rest ``survived``: then the smallest distance from a refutation is computed.

The formula itself goes the same way as its faults, with nothing changed: were it caught, whatever else is caught would mean nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from genbounds.bounds.special.rounding import decimal_down, decimal_nearest
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.faults.counts import Counts, counted
from genbounds.verification.checks.faults.fates import Fate
from genbounds.verification.checks.faults.generated import Fault, faults, unchanged
from genbounds.verification.checks.faults.grids import Move, moves
from genbounds.verification.checks.faults.proved import PROVED
from genbounds.verification.checks.faults.settings import Setting, chosen_settings, remaining_settings, settings
from genbounds.verification.checks.judging import UNDECIDED, Judgement, judge_ready, mean_of
from genbounds.verification.checks.matching import Match, match
from genbounds.verification.checks.reading import Array, Formula, Ready, made_ready
from genbounds.verification.scenarios.scenario import Scenario, Size

SHOWING = 0.999
"""A fault shows in a world where it leaves less than this of the deviation."""
EQUAL = 1e-12
"""Relative difference up to which two values are the same number."""
Planting: TypeAlias = Callable[[Ready], tuple[Ready, Formula]]
"""From a bound that is ready to be read to what is read with a fault in place."""


@dataclass(frozen=True)
class Killed:
    """The fate of one fault.

    Attributes:
        operator, where: the fault.
        fate: ``caught``, ``true``, ``same`` or ``survived``.
        evidence: where it is caught, why what it says is true, or how near it came to being caught.
    """

    operator: str
    where: str
    fate: Fate
    evidence: str


@dataclass(frozen=True)
class Trial:
    """Where the faults that touch one bound are tried.

    Attributes:
        tried: worlds in which every fault is tried.
        rest: further ones, for what would survive.
        theorems: the values of true statements in the worlds ``tried``.
        counts: the bound after every count of errors, where its samples are no more than that.
    """

    tried: Sequence[Setting]
    rest: Sequence[Setting] = ()
    theorems: Sequence[tuple[str, list[Array | None]]] = ()
    counts: Sequence[Counts] = ()


def kill(bound: Bound, scenarios: Sequence[Scenario], size: Size, others: Sequence[Bound] = ()) -> list[Killed]:
    """The fate of every fault of a bound, and of its formula unchanged, which comes first.

    Args:
        bound: the bound.
        scenarios: where it may be judged.
        size: in how many worlds each fault is tried.
        others: further theorems, by which a faulty statement may be seen to be true.
    """
    judged = [found for scenario in scenarios if (found := match(bound, scenario)).judged]
    counts = [one for found in judged if (one := counted(found)) is not None]
    trial = on_trial(judged, size, [bound, *others], counts)
    made = (unchanged(bound), *faults(bound))
    return [fate(fault, in_bound(fault), trial, PROVED.get((bound.name, fault.operator, fault.where), "")) for fault in made]


def on_trial(judged: Sequence[Match], size: Size, theorems: Sequence[Bound], counts: Sequence[Counts] = ()) -> Trial:
    """The worlds of some matches of one bound, and what true theorems say in them."""
    every = [setting for found in judged for setting in settings(found, size)]
    tried = chosen_settings(every, size)
    return Trial(tried, remaining_settings(every, tried, size), list(comparisons(tried, theorems)), counts)


def in_bound(fault: Fault) -> Planting:
    """A fault in the formula of the bound itself."""
    return lambda ready: (ready, fault.formula)


def fate(fault: Fault, planting: Planting, trial: Trial, proof: str = "") -> Killed:
    """What becomes of one fault; what would survive is tried in the rest of the worlds too."""

    def killed(said: Fate, evidence: str) -> Killed:
        return Killed(fault.operator, fault.where, said, evidence)

    values: list[Array | None] = []
    for setting in trial.tried:
        found, evidence = tried_in(planting, setting)
        values.append(found)
        if evidence:
            return killed("caught", evidence)
    if not trial.tried:
        return killed("survived", "no exact rung judges the bound in any scenario")
    if all(found is None for found in values):
        return killed("caught", "the formula gives no number in any world")
    for setting in trial.tried:
        evidence = at_another_point(planting, setting)
        if evidence:
            return killed("caught", evidence)
    for one in trial.counts:
        evidence = one.refuted(fault.formula)
        if evidence:
            return killed("caught", f"{one.scenario}: {evidence}")
    looked = f"on every sample of the {len(trial.tried)} worlds looked at"
    if all(_equal(found, setting) for found, setting in zip(values, trial.tried, strict=True)):
        return killed("same", f"no number changes {looked}")
    above = _above(values, trial.theorems)
    if above:
        return killed("true", f"nowhere below {above} {looked}")
    for setting in trial.rest:
        _, evidence = tried_in(planting, setting)
        if evidence:
            return killed("caught", evidence)
    return killed("true", f"proved: {proof}") if proof else killed("survived", _distance(planting, trial.tried))


def tried_in(planting: Planting, setting: Setting) -> tuple[Array | None, str]:
    """The values with the fault in one world (None where it gives no number), and the evidence against them, empty if there is none."""
    try:
        ready, formula = planting(setting.ready)
        values = ready.values(formula=formula)
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return None, ""
    refuted = _refuted(planting, setting, values)
    return values, "" if refuted is None else f"{setting.ready.found.scenario.name}: {refuted.evidence()}"


def at_another_point(planting: Planting, setting: Setting) -> str:
    """The evidence against a fault in one world where another point of the grid is chosen; empty if there is none."""
    for words, move in moves(setting.ready):
        _, evidence = tried_in(_then_moved(planting, move), setting)
        if evidence:
            return f"{evidence}, {words}"
    return ""


def _then_moved(planting: Planting, move: Move) -> Planting:
    def planted(ready: Ready) -> tuple[Ready, Formula]:
        made, formula = planting(ready)
        return move(made), formula

    return planted


def _refuted(planting: Planting, setting: Setting, values: Array) -> Judgement | None:
    """The refutation at the first level at which floats see one, confirmed by the exact rung."""
    world, truth = setting.ready.world, setting.ready.world.truth(setting.ready.found.bound.bounds_on)
    weights = world.weights()
    if setting.ready.found.bound.mode == "EXP":
        means = np.array([mean_of(level, weights) for level in values])
        suspected = means < abs(mean_of(truth, weights))
    else:
        allowed = np.array([0.0 if delta is None else float(delta) for delta in setting.deltas])
        suspected = (values < truth) @ weights > allowed * (1 - UNDECIDED)
    for level in np.flatnonzero(suspected).tolist():
        delta = setting.deltas[level]
        ready, formula = planting(made_ready(setting.ready.found, world, [None if delta is None else float(delta)]))
        (judged,) = judge_ready(ready, (delta,), formula)
        if judged.refuted:
            return judged
    return None


def _equal(found: Array | None, setting: Setting) -> bool:
    return found is not None and bool(np.all(np.isclose(found, setting.sound, rtol=EQUAL, atol=0)))


def comparisons(tried: Sequence[Setting], theorems: Sequence[Bound]) -> Iterator[tuple[str, list[Array | None]]]:
    """The values of the theorem itself, and of every other one on the same thing, in the worlds tried; None where one says nothing."""
    places = {id(setting.ready.found.scenario): setting.ready.found for setting in tried}
    for theorem in dict.fromkeys(theorems):
        if not tried or not _speaks_of_the_same(theorem, tried[0].ready.found.bound):
            continue
        matches = {place: match(theorem, found.scenario) for place, found in places.items()}
        values = [_values_of(matches[id(setting.ready.found.scenario)], setting) for setting in tried]
        if any(entry is not None for entry in values):
            yield theorem.name, values


def _values_of(found: Match, setting: Setting) -> Array | None:
    try:
        return made_ready(found, setting.ready.world, setting.ready.deltas).values() if found.judged else None
    except ValueError:  # the theorem's own premise
        return None


def _speaks_of_the_same(other: Bound, bound: Bound) -> bool:
    """Whether the other theorem bounds the same thing in the same way, takes no other inputs and asks for nothing more."""
    needed = {name for name in other.inputs if name not in other.defaults}
    same = other.bounds_on == bound.bounds_on and other.mode == bound.mode
    return same and needed <= set(bound.inputs) and set(other.assumes) <= set(bound.assumes)


def _above(values: Sequence[Array | None], theorems: Sequence[tuple[str, list[Array | None]]]) -> str:
    """The theorems that the faulty values are nowhere below, one for each world and level; empty if there are none for some."""
    used: dict[str, None] = {}
    for world, found in enumerate(values):
        for level in range(0 if found is None else len(found)):
            for name, sound in theorems:
                true = sound[world]
                if true is None or found is None:
                    continue
                if not np.any(found[level] < np.minimum(true[level] * (1 - EQUAL), true[level] * (1 + EQUAL))):
                    used[name] = None
                    break
            else:
                return ""
    return " or ".join(used)


def _distance(planting: Planting, tried: Sequence[Setting]) -> str:
    """How near a fault came to being caught, where it shows most: what it leaves of the deviation, and what would have been refuted."""
    seen: list[tuple[bool, float, float, str]] = []  # whether it shows, the faulty resolution, the sound one, where
    for setting in tried:
        try:
            ready, formula = planting(setting.ready)
            judged = judge_ready(ready, setting.deltas, formula)
        except (ArithmeticError, IndexError, TypeError, ValueError):
            continue
        for faulty, sound in zip(judged, setting.judgements, strict=True):
            level = "" if sound.delta is None else f", delta = {float(sound.delta):g}"
            shows = sound.resolution < SHOWING * faulty.resolution
            seen.append((shows, faulty.resolution, sound.resolution, f"{setting.ready.found.scenario.name}: {sound.world}{level}"))
    _, faulty_one, sound_one, where = max(seen, key=operator.itemgetter(0, 1), default=(False, 0.0, 0.0, ""))
    if not faulty_one:
        return "no world looked at could refute it: every factor on the deviation would pass"
    left, needed = decimal_nearest(sound_one / faulty_one, 3), decimal_down(sound_one, 3)
    return f"it leaves {left} of the deviation where a factor below {needed} would have been refuted ({where})"
