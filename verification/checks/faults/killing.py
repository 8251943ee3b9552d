"""Are the faults of a bound noticed? Each faulty formula stands in for the bound in the worlds in which the bound is judged.

A fault is ``caught`` if an exact rung refutes it in some world. One that leaves a true statement cannot be caught by anything: it is called
``true`` where it is nowhere below the theorem itself, or in each world and at each level nowhere below some theorem that takes no other
inputs and asks for nothing more. That is seen in the worlds looked at, on every sample of them, and not proved beyond. What a proof of
``proved`` shows is true as well. A fault that changes no number there is the ``same``. The rest ``survived``: then the smallest distance
from a refutation is computed.
"""

from __future__ import annotations

import bisect
import itertools
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

import numpy as np

from genbounds.bounds.special.rounding import decimal_down, decimal_nearest
from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.faults.counts import Counts, counted
from genbounds.verification.checks.faults.generated import Fault, faults
from genbounds.verification.checks.faults.proved import PROVED
from genbounds.verification.checks.judging import DELTAS, UNDECIDED, Judgement, judge, judge_ready
from genbounds.verification.checks.matching import Match, match
from genbounds.verification.checks.reading import Array, Ready, made_ready
from genbounds.verification.scenarios.scenario import Scenario, Size

Fate = Literal["caught", "true", "same", "survived"]
FATES: tuple[Fate, ...] = get_args(Fate)
TRIED: dict[Size, tuple[int, int]] = {"thumbnail": (12, 12), "full": (60, 240)}
"""In how many worlds a fault is tried: those of the best resolution, and others spread over the rest."""
FIRST = 4
SAMPLES: dict[Size, int] = {"thumbnail": 30_000, "full": 1_000_000}
"""After the first few, a world is left out if the samples of those chosen would be more than so many."""
SHOWING = 0.999
"""A fault shows in a world where it leaves less than this of the deviation."""
EQUAL = 1e-12
"""Relative difference up to which two values are the same number."""


@dataclass(frozen=True)
class Setting:
    """A bound in one world: its inputs, what was found of it there, and its values (one row for each level of delta)."""

    ready: Ready
    deltas: Sequence[Fraction | None]
    judgements: Sequence[Judgement]
    sound: Array

    @property
    def resolution(self) -> float:
        """The best over the levels."""
        return max(one.resolution for one in self.judgements)


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


def kill(bound: Bound, scenarios: Sequence[Scenario], size: Size, others: Sequence[Bound] = ()) -> list[Killed]:
    """The fate of every fault of a bound.

    Args:
        bound: the bound.
        scenarios: where it may be judged.
        size: in how many worlds each fault is tried.
        others: further theorems, by which a faulty statement may be seen to be true.
    """
    matches = [match(bound, scenario) for scenario in scenarios]
    judged = [found for found in matches if found.judged]
    every = [setting for found in judged for setting in settings(found, size)]
    tried = chosen_settings(every, size)
    rest = remaining_settings(every, tried, size)
    theorems = list(comparisons(tried, [bound, *others]))
    counts = [one for found in judged if (one := counted(found)) is not None]
    return [fate(fault, tried, theorems, counts, rest) for fault in faults(bound)]


def settings(found: Match, size: Size) -> Iterator[Setting]:
    """Every world of a scenario that the bound does not refuse, judged at every level of delta at once."""
    deltas: tuple[Fraction | None, ...] = DELTAS if "delta" in found.bound.inputs else (None,)
    itself = found.bound.forms[found.form].formula  # given as a formula, it is judged in floats alone
    for world in found.scenario.listed(size):
        try:
            ready = made_ready(found, world, [None if delta is None else float(delta) for delta in deltas])
        except ValueError:  # the theorem's own premise
            continue
        yield Setting(ready, deltas, judge_ready(ready, deltas, itself), ready.values())


def chosen_settings(every: Sequence[Setting], size: Size) -> list[Setting]:
    """Those of the best resolution first, then some of the others."""
    best, spread = TRIED[size]
    ranked = sorted(every, key=lambda setting: -setting.resolution)
    rest = ranked[best:]
    listed = ranked[:best] + rest[:: max(1, -(-len(rest) // spread))]
    chosen, looked = listed[:FIRST], sum(len(setting.ready.world) for setting in listed[:FIRST])
    for setting in listed[FIRST:]:
        if looked + len(setting.ready.world) <= SAMPLES[size]:
            chosen.append(setting)
            looked += len(setting.ready.world)
    return chosen


def remaining_settings(every: Sequence[Setting], tried: Sequence[Setting], size: Size) -> list[Setting]:
    """The others, those with few samples first, as long as their samples are not too many.

    A fault may show only where the bound itself is not at its tightest: half of a term that matters in a long tail, say.
    """
    looked = set(map(id, tried))
    others = sorted((setting for setting in every if id(setting) not in looked), key=lambda setting: len(setting.ready.world))
    total = list(itertools.accumulate(len(setting.ready.world) for setting in others))
    return others[: bisect.bisect_right(total, SAMPLES[size])]


def fate(
    fault: Fault,
    tried: Sequence[Setting],
    theorems: Sequence[tuple[str, list[Array | None]]],
    counts: Sequence[Counts],
    rest: Sequence[Setting] = (),
) -> Killed:
    """What becomes of one fault; what would survive is tried in the ``rest`` of the worlds too."""

    def killed(said: Fate, evidence: str) -> Killed:
        return Killed(fault.operator, fault.where, said, evidence)

    values: list[Array | None] = []
    for setting in tried:
        found = _faulty(fault, setting)
        values.append(found)
        refuted = None if found is None else _refuted(fault, setting, found)
        if refuted is not None:
            return killed("caught", f"{setting.ready.found.scenario.name}: {refuted.evidence()}")
    if not tried:
        return killed("survived", "no scenario judges the bound")
    if all(found is None for found in values):
        return killed("caught", "the formula gives no number in any world")
    for one in counts:
        evidence = one.refuted(fault.formula)
        if evidence:
            return killed("caught", f"{one.scenario}: {evidence}")
    looked = f"on every sample of the {len(tried)} worlds looked at"
    if all(_equal(found, setting) for found, setting in zip(values, tried, strict=True)):
        return killed("same", f"no number changes {looked}")
    above = _above(values, theorems)
    if above:
        return killed("true", f"nowhere below {above} {looked}")
    for setting in rest:
        found = _faulty(fault, setting)
        refuted = None if found is None else _refuted(fault, setting, found)
        if refuted is not None:
            return killed("caught", f"{setting.ready.found.scenario.name}: {refuted.evidence()}")
    proof = PROVED.get((tried[0].ready.found.bound.name, fault.operator, fault.where))
    return killed("true", f"proved: {proof}") if proof else killed("survived", _distance(fault, tried))


def _faulty(fault: Fault, setting: Setting) -> Array | None:
    """The values of the faulty formula; None where it gives no number."""
    try:
        return setting.ready.values(formula=fault.formula)
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return None


def _refuted(fault: Fault, setting: Setting, values: Array) -> Judgement | None:
    """The refutation at the first level at which floats see one, confirmed by the exact rung."""
    world, truth = setting.ready.world, setting.ready.world.truth(setting.ready.found.bound.bounds_on)
    weights = world.weights()
    if setting.ready.found.bound.mode == "EXP":
        suspected = np.abs(values @ weights) < abs(float(truth @ weights))
    else:
        allowed = np.array([0.0 if delta is None else float(delta) for delta in setting.deltas])
        suspected = (values < truth) @ weights > allowed * (1 - UNDECIDED)
    for level in np.flatnonzero(suspected).tolist():
        judged = judge(setting.ready.found, world, setting.deltas[level], fault.formula)
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
                if true is not None and found is not None and not np.any(found[level] < true[level] * (1 - EQUAL)):
                    used[name] = None
                    break
            else:
                return ""
    return " or ".join(used)


def _distance(fault: Fault, tried: Sequence[Setting]) -> str:
    """How near a fault came to being caught, where it shows most: what it leaves of the deviation, and what would have been refuted."""
    seen: list[tuple[bool, float, float, str]] = []  # whether it shows, the faulty resolution, the sound one, where
    for setting in tried:
        try:
            judged = judge_ready(setting.ready, setting.deltas, fault.formula)
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
