"""A4: a bound over independent draws, from populations whose samples cannot be listed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.checks.coverage import coverage
from genbounds.verification.checks.matching import Match
from genbounds.verification.checks.mean_limits import mean_interval
from genbounds.verification.checks.reading import Reading, read
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Size, World

DELTA = Fraction(1, 20)
DRAWS: dict[Size, int] = {"thumbnail": 400, "full": 2000}


@dataclass(frozen=True)
class RepeatedDraws:
    """Coverage by an e-process (high probability), limits on the mean (expectation), or every single draw (always).

    Args:
        seed: the key of the first draw.
    """

    name: ClassVar[str] = "repeated draws"
    exact: ClassVar[bool] = False
    seed: int = 0

    def look(self, found: Match, size: Size, alpha: float) -> Finding | None:
        """The worst finding over the scenario's settings; None where it draws nothing. ``alpha`` is shared among the settings."""
        worlds = found.scenario.drawn(range(self.seed, self.seed + DRAWS[size]))
        judged = []
        for world in worlds:
            try:
                reading = read(found, world, float(DELTA) if "delta" in found.bound.inputs else None)
            except ValueError:  # the theorem's own premise
                continue
            each = alpha / len(worlds)
            if found.bound.mode == "EXP":
                estimate = world.estimates.get(found.bound.bounds_on, (reading.truth, *world.truth_range))
                judged.append(_mean(self.name, world, reading, each, estimate))
            else:
                judged.append((_coverage if found.bound.mode == "HP" else _always)(self.name, world, reading, each))
        return max(judged, key=lambda one: (one.verdict is Verdict.REFUTED, one.resolution or 0.0), default=None)


def _coverage(rung: str, world: World, reading: Reading, alpha: float) -> Finding:
    below = reading.values < reading.truth
    result = coverage(below, float(DELTA), alpha)
    return Finding(
        rung,
        result.verdict,
        _scale(reading.uncapped, reading, alpha),
        _scale(reading.values, reading, alpha),
        world.label,
        DELTA,
        len(world),
        result.summary(),
        result.log_evidence,
        -math.log(alpha),
        bool(np.any(reading.informative)),
    )


def _scale(values: np.ndarray, reading: Reading, alpha: float) -> float:
    """The largest factor on the deviation, at most 1, that these very draws would have refuted; to three digits."""
    with np.errstate(all="ignore"):
        deviation = values - reading.empirical
        critical = np.where(deviation > 0, (reading.truth - reading.empirical) / deviation, 0.0)
    low, high = 0.0, 1.0
    if not _refutes(critical, low, alpha):
        return 0.0
    while high - low > 5e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if _refutes(critical, middle, alpha) else (low, middle)
    return low


def _refutes(critical: np.ndarray, factor: float, alpha: float) -> bool:
    """Whether the bound with its deviation times the factor is refuted by the draws on which that is too little."""
    return coverage(critical > factor, float(DELTA), alpha).verdict is Verdict.REFUTED


def _mean(rung: str, world: World, reading: Reading, alpha: float, estimate: tuple[Any, float, float]) -> Finding:
    """The mean of the truth, signed, against the bound: refuted where a limit on either side excludes it.

    ``estimate`` holds one number for each draw, whose mean is that of the truth, and their range.

    A bound that varies from draw to draw has a mean that no number of draws limits from above, and is not judged by them.
    """
    values, low, high = estimate
    bound, uncapped = float(np.mean(reading.values)), float(np.mean(reading.uncapped))
    lower, upper = mean_interval(values, low, high, alpha / 2)
    varies = bool(np.ptp(reading.values) > 0)
    size = 0.0 if varies else max(lower, -upper, 0.0)  # |mean| is at least this
    said = f"the mean over {len(world)} draws lies in [{lower:.6g}, {upper:.6g}] with probability {1 - alpha:g}, the bound is {bound:.6g}"
    if varies:
        said += " on average: it varies from draw to draw, so that the means refute nothing"
    elif not size:
        said += ": the interval holds 0, so that no bound would be refuted"
    ratio = [min(1.0, size / entry) if entry > 0 else float(size > 0) for entry in (uncapped, bound)]
    verdict = Verdict.REFUTED if size > bound else Verdict.NOT_REFUTED
    deciding = (size, bound, bool(np.any(reading.informative)))
    return Finding(rung, verdict, ratio[0], ratio[1], world.label, None, len(world), said, *deciding)


def _always(rung: str, world: World, reading: Reading, alpha: float) -> Finding:
    below = np.flatnonzero(reading.values < np.minimum(reading.truth * (1 - 1e-9), reading.truth * (1 + 1e-9)))
    informative = bool(np.any(reading.informative))
    with np.errstate(all="ignore"):
        ratio = [float(np.clip(np.nanmax(np.where(v > 0, reading.truth / v, 0.0)), 0, 1)) for v in (reading.uncapped, reading.values)]
    if below.size:
        draw = int(below[0])
        said = f"in draw {draw} of {world.label} the bound is {reading.values[draw]:.6g} where the truth is {reading.truth[draw]:.6g}"
        return Finding(rung, Verdict.REFUTED, 1.0, 1.0, world.label, None, len(world), said, float(below.size), 0.0, informative)
    said = f"none of {len(world)} draws is above it"
    return Finding(rung, Verdict.NOT_REFUTED, ratio[0], ratio[1], world.label, None, len(world), said, 0.0, 0.0, informative)
