"""Search: over the parameters of scenarios, for the world that refutes a bound or leaves it the least slack.

What is made as large as possible is the factor on the deviation up to which the bound would be refuted (in expectation: the mean truth over
the mean bound). Above 1 the bound is false there. The optimiser works in floats; what it finds is judged exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import optimize

from genbounds.bounds.theorem import Bound
from genbounds.verification.checks.judging import Judgement, critical_factor, judge, mean_of
from genbounds.verification.checks.matching import Match, match
from genbounds.verification.checks.reading import Formula, Reading, read_levels
from genbounds.verification.scenarios import names, scenario
from genbounds.verification.scenarios.scenario import Scenario, World

LEVELS: tuple[Fraction, ...] = (
    *(Fraction(1, 10**k) for k in (6, 4, 3, 2)),
    *(Fraction(k, 100) for k in (2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 99)),
    Fraction(9999, 10000),
)
"""The failure probabilities that are looked at in every world."""
GENERATIONS, MEMBERS = 25, 8
"""Of the differential evolution; members for each parameter."""


@dataclass(frozen=True)
class Extreme:
    """The world of one scenario in which a bound has the least slack.

    Attributes:
        scenario: its name.
        parameters: of the scenario's family.
        factor: the factor on the deviation up to which the bound is refuted there, in floats; above 1 where it is false.
        judgement: of the exact rung, at the level of delta where the factor is largest.
        worlds: how many were looked at.
    """

    scenario: str
    parameters: Mapping[str, Any]
    factor: float
    judgement: Judgement
    worlds: int

    def sentence(self) -> str:
        """What was found, in one sentence."""
        if self.judgement.refuted:
            return f"refuted ({self.scenario}, search over {self.worlds} worlds): {self.judgement.evidence()}"
        level = "" if self.judgement.delta is None else f", delta = {float(self.judgement.delta):g}"
        where = f"{self.scenario}: {self.judgement.world}{level}"
        return f"least slack in {self.worlds} worlds: a factor below {self.judgement.resolution:.4g} would be refuted ({where})"


def search(
    bound: Bound,
    *,
    scenarios: Sequence[str | Scenario] | None = None,
    formula: Formula | None = None,
    form: Any = None,
    levels: Sequence[Fraction] = LEVELS,
    seed: int = 0,
) -> list[Extreme]:
    """Look for the world that refutes a bound, or leaves it the least slack, in every scenario that judges it and has a family of worlds.

    Args:
        bound: the bound.
        scenarios: names, or scenarios of your own; all that there are if not given.
        formula: another formula of the same inputs in the bound's place.
        form: another form of the theorem than the default.
        levels: of delta, all looked at in every world.
        seed: of the optimiser.

    Returns:
        one world for each scenario, the one that refutes it or has the least slack first; empty where no scenario can be searched.

    >>> from genbounds.bounds.rademacher import uniform_deviation
    >>> found = search(uniform_deviation, scenarios=["memoriser"])[0]
    >>> found.judgement.refuted, found.factor > 0.99
    (False, True)
    """
    chosen = [scenario(one) if isinstance(one, str) else one for one in (names() if scenarios is None else scenarios)]
    matches = [match(bound, one, form) for one in chosen if one.ranges]
    found = [_extreme(one, formula, levels, seed) for one in matches if one.judged]
    listed = [one for one in found if one is not None]
    return sorted(listed, key=lambda one: (not one.judgement.refuted, -one.factor))


def _extreme(found: Match, formula: Formula | None, levels: Sequence[Fraction], seed: int) -> Extreme | None:
    """The best world of one scenario; None where the bound refuses all of them."""
    ranges = found.scenario.ranges
    deltas: tuple[Fraction | None, ...] = tuple(levels) if "delta" in found.bound.inputs else (None,)
    seen: dict[tuple[Any, ...], tuple[float, int]] = {}  # the factor, and the level where it is reached

    def slack(shares: np.ndarray) -> float:
        point = tuple(entry.at(float(share)) for entry, share in zip(ranges.values(), shares, strict=True))
        if point not in seen:
            seen[point] = _best_level(found, found.scenario.family(**dict(zip(ranges, point, strict=True))), deltas, formula)
        return -seen[point][0]

    optimize.differential_evolution(
        slack, [(0.0, 1.0)] * len(ranges), maxiter=GENERATIONS, popsize=MEMBERS, init="sobol", polish=False, tol=1e-3, seed=seed
    )
    for point in sorted(seen, key=lambda one: -seen[one][0]):
        factor, level = seen[point]
        if factor == NOTHING:
            return None
        parameters = dict(zip(ranges, point, strict=True))
        judged = judge(found, found.scenario.family(**parameters), deltas[level], formula)
        return Extreme(found.scenario.name, parameters, factor, judged, len(seen))
    return None


NOTHING = -1e9
"""The factor in a world that the bound refuses; an optimiser needs finite numbers."""


def _best_level(found: Match, world: World, deltas: Sequence[Fraction | None], formula: Formula | None) -> tuple[float, int]:
    try:
        readings = read_levels(found, world, [None if delta is None else float(delta) for delta in deltas], formula)
    except ValueError:  # the theorem's own premise
        return NOTHING, 0
    factors = [_factor(found, world, reading, float(delta or 0)) for reading, delta in zip(readings, deltas, strict=True)]
    level = int(np.argmax(factors))
    return float(np.clip(factors[level], NOTHING / 2, -NOTHING)), level


def _factor(found: Match, world: World, reading: Reading, allowed: float) -> float:
    """How large a factor on what the theorem adds would be refuted; above 1 where the bound is."""
    weights = world.weights()
    if found.bound.mode != "EXP":
        return critical_factor(reading.uncapped, reading, weights, allowed)
    truth, value = abs(mean_of(reading.truth, weights)), mean_of(reading.uncapped, weights)
    return truth / value if value > 0 else math.inf if truth > value else 0.0
