"""Bounds that hold for all n at once, tried by an analyst who looks after every example and stops where the bound is worst.

A bound says so by assuming a stream, whose length may be decided on while looking, and not a sample of a fixed size. For bounds that are
functions of a number of errors and of n, the probability that the bound is below the risk for some n up to a last one is found by counting
the sequences that have not yet crossed: whole numbers of them, so that the probability is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from genbounds.bounds.assumptions import IID_STREAM
from genbounds.verification.checks.judging import below_truth
from genbounds.verification.checks.matching import Match, assumptions_of
from genbounds.verification.checks.reading import Reading, read
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Size, World

LAST: dict[Size, int] = {"thumbnail": 60, "full": 200}
"""How many examples the analyst sees at most."""
RISKS = tuple(Fraction(text) for text in ("1/50", "1/10", "3/10", "1/2", "4/5", "19/20"))
LEVELS = tuple(Fraction(text) for text in ("1/2", "1/20", "1/1000"))
"""Failure probabilities that are tried."""
STEPS = 14
"""Halvings of the interval in which a resolution lies."""

Stopped = Sequence[NDArray[np.bool_]]
"""After n = 1, 2, ... examples, at which numbers of errors the analyst stops."""


class EveryN:
    """P(bound < risk for some n up to a last one), compared with delta."""

    name: ClassVar[str] = "every n"
    exact: ClassVar[bool] = True

    def look(self, found: Match, size: Size, alpha: float = 0.0) -> Finding | None:
        """The worst of the risks and failure probabilities; None for bounds of a fixed n, and where samples are not counts of errors."""
        worlds = self.worlds(found, size)
        if not worlds:
            return None
        looks = [look for delta in LEVELS for look in self._at(found, worlds, delta)]
        if not looks:
            return None
        refuting = [look for look in looks if look[0] > look[2]]
        failure, risk, delta, resolution, informative = max(refuting or looks, key=lambda look: look[0] / look[2] if refuting else look[3])
        where = f"every n up to {len(worlds)}, p = {risk}"
        said = (
            f"with probability {float(failure):.6g} the bound is below the risk {risk} for some n up to {len(worlds)}, "
            f"at delta = {float(delta):g}"
        )
        verdict = Verdict.REFUTED if refuting else Verdict.NOT_REFUTED
        return Finding(
            self.name, verdict, resolution, resolution, where, delta, len(looks), said, float(failure), float(delta), informative
        )

    @staticmethod
    def worlds(found: Match, size: Size) -> list[World]:
        """The inputs after 0, ..., n errors for every n, of a bound that assumes a stream; none elsewhere."""
        if "delta" not in found.bound.inputs or found.bound.mode != "HP" or IID_STREAM not in assumptions_of(found.bound, found.form):
            return []
        worlds = [found.scenario.counted(n) for n in range(1, LAST[size] + 1)]
        return [world for world in worlds if world is not None]

    @staticmethod
    def _at(found: Match, worlds: Sequence[World], delta: Fraction) -> list[tuple[Fraction, Fraction, Fraction, float, bool]]:
        """For each risk: the failure probability, the risk, delta, the resolution, and whether the bound said something."""
        results = []
        readings = [read(found, world, float(delta)) for world in worlds]
        for risk in RISKS:
            at_risk = [replace(world, truths={found.bound.bounds_on: [risk] * len(world)}, _arrays={}) for world in worlds]
            here = [replace(reading, truth=np.full(reading.values.shape, float(risk))) for reading in readings]
            stopped = [below_truth(found, world, delta, reading) for world, reading in zip(at_risk, here, strict=True)]
            informative = any(bool(np.any(reading.informative)) for reading in here)
            results.append((crossing(stopped, risk), risk, delta, _resolution(here, risk, delta), informative))
        return results


def crossing(stopped: Stopped, p: Fraction) -> Fraction:
    """The probability that independent errors of probability p are, after some n, in a number at which the analyst stops.

    >>> crossing([np.array([True, False]), np.array([True, False, False])], Fraction(1, 2))  # no error at once, or never
    Fraction(1, 2)
    """
    ways = [1]
    for here in stopped:
        ahead = [a + b for a, b in zip([*ways, 0], [0, *ways], strict=True)]
        ways = [0 if stop else count for stop, count in zip(here.tolist(), ahead, strict=True)]
    last = len(stopped)
    return 1 - sum((count * p**k * (1 - p) ** (last - k) for k, count in enumerate(ways) if count), Fraction(0))


def _resolution(readings: Sequence[Reading], risk: Fraction, delta: Fraction) -> float:
    """The largest factor on the deviations, at most 1, at which the bound is below the risk for some n too often."""
    with np.errstate(all="ignore"):
        ratios = [(one.truth - one.empirical) / (one.uncapped - one.empirical) for one in readings]
    critical = [np.where(one.uncapped > one.empirical, ratio, -np.inf) for one, ratio in zip(readings, ratios, strict=True)]
    low, high = 0.0, 1.0
    if _crossing_in_floats([entry > low for entry in critical], float(risk)) <= float(delta):
        return 0.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        refuted = _crossing_in_floats([entry > middle for entry in critical], float(risk)) > float(delta)
        low, high = (middle, high) if refuted else (low, middle)
    return low


def _crossing_in_floats(stopped: Stopped, p: float) -> float:
    walking, lost = np.ones(1), 0.0
    for here in stopped:
        walking = np.append(walking * (1 - p), 0.0) + np.append(0.0, walking * p)
        lost += float(np.sum(walking[here]))
        walking = np.where(here, 0.0, walking)
    return lost
