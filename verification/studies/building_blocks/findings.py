"""What became of each claim on building blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from genbounds.verification.checks.effects import mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.building_blocks.networks import DELTA, SCALES
from genbounds.verification.studies.building_blocks.tasks import IDENTITY, KINDS, formulas
from genbounds.verification.studies.phenomenon import Finding

ROUNDING = 1e-9
"""Relative, of logits and slopes of these small networks in float64."""
AFFINE = ("dense", "convolutional", "recurrent")
RELU = "relu"
LARGE = 2
"""From the third of ``SCALES`` on the first token, which is as large as its bias makes it, no longer counts."""


class Found:
    """The results by kind and activation."""

    def __init__(self, cells: Sequence[Cell], results: Sequence[Result]) -> None:
        self.pairs = sorted(zip(cells, results, strict=True), key=lambda pair: pair[0].seed)

    def of(self, kind: str, activation: str = RELU) -> list[Any]:
        """The results of a kind, a seed after another."""
        return [result for cell, result in self.pairs if (cell.kind, cell.activation) == (kind, activation)]

    def certified(self, kind: str) -> list[Any]:
        """Those with certificates."""
        return [result for result in self.of(kind) if "certificates" in result]

    def errors(self, kind: str, activation: str) -> Array:
        """(seeds,) of exact risks."""
        return np.array([result["test"] for result in self.of(kind, activation)], dtype=float)

    def findings(self, alpha: float) -> list[Finding]:
        """One for each claim; ``alpha`` is the false-alarm probability of the certificates' verdict, the others rest on no draw."""
        return [self._parameters(), self._lipschitz(), self._attention(), self._certificates(alpha), self._collapse(), self._pays()]

    def _parameters(self) -> Finding:
        wanted = formulas()
        found = {kind: self.of(kind)[0]["parameters"] for kind in KINDS}
        wrong = [kind for kind in KINDS if found[kind] != wanted[kind]]
        said = ", ".join(f"{kind} {number}" for kind, number in found.items()) + (
            f"; {len(wrong)} of 4 differ from the formulas of their layers"
        )
        return Finding("parameters", Verdict.REFUTED if wrong else Verdict.NOT_REFUTED, said, self.sizes())

    def _lipschitz(self) -> Finding:
        """Every slope is at most the upper bound: at all scales, for attention at the examples, which lie in its ball."""
        said, refuted = [], False
        for kind in KINDS:
            for result in self.certified(kind):
                if result["upper"] is None:
                    continue
                steepest = max(result["lower"], *(result["slopes"] if kind in AFFINE else result["slopes"][:1]))
                refuted |= steepest > result["upper"] * (1 + ROUNDING)
            shown = [result for result in self.certified(kind) if result["upper"] is not None]
            if shown:
                ball = f" on inputs of {shown[0]['ball'].removeprefix('on inputs of ')}" if shown[0]["ball"] else ""
                said.append(f"{kind} {shown[0]['lower']:.3g} to {shown[0]['upper']:.3g}{ball}")
        if not said:
            return Finding("Lipschitz constants", Verdict.NOT_APPLICABLE, "0 networks were measured", self.sizes())
        words = f"between {'; '.join(said)} (first seed); slopes at inputs up to {SCALES[-1]:g} times as large lie below"
        return Finding("Lipschitz constants", Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, words, self.sizes())

    def _attention(self) -> Finding:
        logs = np.log([result["layer_slopes"] for result in self.of("attention")])
        effect = slope_effect(np.log(SCALES[LARGE:]), logs[:, LARGE:])
        said = (
            f"the derivative of the trained layer grows as the size of the tokens to the power {effect}, from a size of {SCALES[LARGE]:g} "
            f"to {SCALES[-1]:g}"
        )
        return Finding("attention has none on all inputs", effect.within(1.9, 2.1), said, self.sizes())

    def _certificates(self, alpha: float) -> Finding:
        groups: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
        useful = dict.fromkeys(KINDS, (0, 0))
        for kind in KINDS:
            for result in self.certified(kind):
                for one in result["certificates"]:
                    if not one["violated"]:
                        groups[kind, one["bound"], one["form"]].append(one["failed"])
                useful[kind] = len(result["certificates"]), sum(not one["vacuous"] for one in result["certificates"])
        total, failures = sum(map(len, groups.values())), sum(map(sum, groups.values()))
        said = (
            f"{failures} of {total} certificates at {1 - DELTA} are below the exact risk; the certificates of one network, and in "
            "parentheses how many are not vacuous: "
        ) + ", ".join(f"{kind} {found} ({below})" for kind, (found, below) in useful.items() if found)
        if not groups or float(DELTA) ** max(map(len, groups.values())) > alpha / len(groups):
            said += "; so few networks cannot refute a bound"
            return Finding("certificates", Verdict.NOT_APPLICABLE, said, self.sizes())
        refuted = any(stats.binom.sf(sum(found) - 1, len(found), float(DELTA)) <= alpha / len(groups) for found in groups.values())
        return Finding("certificates", Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, said, self.sizes())

    def _collapse(self) -> Finding:
        worst = {kind: max(result["affine_error"] for result in self.of(kind, IDENTITY)) for kind in KINDS}
        bent = min(result["affine_error"] for kind in KINDS for result in self.of(kind))
        refuted = max(worst[kind] for kind in AFFINE) > ROUNDING
        said = (
            "largest relative distance from the affine map x -> f(0) + J(0) x: "
            + ", ".join(f"{kind} {worst[kind]:.1e}" for kind in AFFINE)
            + f"; attention, which keeps its softmax, {worst['attention']:.2g}; with ReLU units at least {bent:.2g}"
        )
        return Finding("identity activations collapse", Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, said, self.sizes())

    def _pays(self) -> Finding:
        effects = {kind: mean_effect(self.errors(kind, IDENTITY) - self.errors(kind, RELU)) for kind in KINDS}
        said = "risk with the identity minus that with ReLU units: " + ", ".join(f"{kind} {effect}" for kind, effect in effects.items())
        order = (Outcome.REVERSED, Outcome.NOT_REPRODUCED, Outcome.REPRODUCED)
        return Finding("activations pay", min((effect.above(0) for effect in effects.values()), key=order.index), said, self.sizes())

    def sizes(self) -> str:
        """The examples, the steps and the seeds."""
        cell = self.pairs[0][0]
        seeds = len({cell.seed for cell, _ in self.pairs})
        certified = len({cell.seed for cell, _ in self.pairs if cell.certified})
        return (
            f"n = {cell.n}, {cell.steps} steps of Adam, {seeds} seeds, {certified} of them with certificates, {cell.held_out} "
            "held-out draws"
        )
