"""The worlds in which faults are tried: those of the best resolution, some of the others, and the rest as far as that is cheap."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from genbounds.verification.checks.judging import DELTAS, Judgement, judge_ready
from genbounds.verification.checks.matching import Match
from genbounds.verification.checks.reading import Array, Ready, made_ready
from genbounds.verification.checks.rungs.repeated_draws import DRAWS
from genbounds.verification.scenarios.scenario import Size, World

TRIED: dict[Size, tuple[int, int]] = {"thumbnail": (12, 12), "full": (60, 240)}
"""In how many worlds a fault is tried: those of the best resolution, and others spread over the rest."""
FIRST = 4
SAMPLES: dict[Size, int] = {"thumbnail": 30_000, "full": 1_000_000}
"""After the first few, a world is left out if the samples of those chosen would be more than so many."""


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


def settings(found: Match, size: Size) -> Iterator[Setting]:
    """Every world of a scenario that the bound does not refuse, judged at every level of delta at once."""
    deltas: tuple[Fraction | None, ...] = DELTAS if "delta" in found.bound.inputs else (None,)
    itself = found.bound.forms[found.form].formula  # given as a formula, it is judged in floats alone
    for world in _worlds(found, size):
        try:
            ready = made_ready(found, world, [None if delta is None else float(delta) for delta in deltas])
        except ValueError:  # the theorem's own premise
            continue
        yield Setting(ready, deltas, judge_ready(ready, deltas, itself), ready.values())


def _worlds(found: Match, size: Size) -> tuple[World, ...]:
    """Those whose samples are listed; for a statement that cannot fail the draws of the scenario too, since one of them refutes it."""
    listed = found.scenario.listed(size)
    return (*listed, *found.scenario.drawn(range(DRAWS[size]))) if found.bound.mode == "DET" else listed


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
