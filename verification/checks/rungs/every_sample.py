"""The rung that looks at every sample of every world of a scenario, at every delta."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from genbounds.verification.checks.judging import DELTAS, Judgement, judge_levels
from genbounds.verification.checks.matching import Match
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Size


class EverySample:
    """P(bound < truth) <= delta, E[truth] <= E[bound], or truth <= bound, decided over all samples of the scenario's worlds."""

    name: ClassVar[str] = "every sample"
    exact: ClassVar[bool] = True

    def look(self, found: Match, size: Size, alpha: float = 0.0) -> Finding | None:
        """The worst judgement over the worlds and deltas; None where the scenario lists no samples, or the bound refuses them all."""
        judged = self.judgements(found, size)
        if not judged:
            return None
        informative = any(one.informative for one in judged)
        refuting = [one for one in judged if one.refuted]
        if refuting:
            worst = max(refuting, key=lambda one: one.failure - float(one.delta or 0))
            said = worst.evidence()
            deciding = _deciding(found, worst)
            return Finding(self.name, Verdict.REFUTED, 1.0, 1.0, worst.world, worst.delta, len(judged), said, *deciding, informative)
        best = max(judged, key=lambda one: one.resolution)
        with_cap = max(one.with_cap for one in judged)
        text = f"every sample of {len(judged)} settings of world and delta"
        deciding = _deciding(found, best)
        resolution = best.resolution
        return Finding(
            self.name, Verdict.NOT_REFUTED, resolution, with_cap, best.world, best.delta, len(judged), text, *deciding, informative
        )

    @staticmethod
    def judgements(found: Match, size: Size) -> list[Judgement]:
        """One judgement for each world and delta that the bound does not refuse."""
        deltas: tuple[Fraction | None, ...] = DELTAS if "delta" in found.bound.inputs else (None,)
        judged: list[Judgement] = []
        for world in found.scenario.listed(size):
            try:
                judged += judge_levels(found, world, deltas)
            except ValueError:  # the theorem's own premise, n >= 2 say: there is no statement to judge
                continue
        return judged


def _deciding(found: Match, one: Judgement) -> tuple[float, float]:
    """The numbers that decide a judgement: the mean truth and the mean bound, or a failure probability and the one allowed."""
    if found.bound.mode != "EXP":
        return one.failure, float(one.delta or 0)
    return one.truth if one.refuted else min(
        one.truth, one.value
    ), one.value  # a mean above by less than it is known to is not a refutation
