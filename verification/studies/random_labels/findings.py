"""What became of each claim on random labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from genbounds.verification.checks.effects import mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.random_labels import dose_response, separation
from genbounds.verification.checks.rank_association import tau_b
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.phenomenon import Finding
from genbounds.verification.studies.random_labels.conditions import CONDITIONS, RANDOM, TRUE
from genbounds.verification.studies.random_labels.networks import LOOKS, WIDTHS

DELTA = 0.05
VC = "VC dimension"


class Found:
    """The results by condition."""

    def __init__(self, cells: Sequence[Cell], results: Sequence[Result]) -> None:
        self.pairs = list(zip(cells, results, strict=True))
        self.first = cells[0]
        self.seeds = sorted({cell.seed for cell in cells})
        self.shares = sorted({cell.redrawn for cell in cells})

    def of(self, condition: str, redrawn: float = 0.0) -> list[Any]:
        """The results of a condition, a seed after another. All labels drawn anew are the condition of random labels."""
        wanted = (RANDOM, 0.0) if redrawn == 1.0 else (condition, redrawn)
        return [result for cell, result in sorted(self.pairs, key=lambda pair: pair[0].seed) if (cell.condition, cell.redrawn) == wanted]

    def looks(self, condition: str, name: str) -> Array:
        """(seeds, looks) of a condition."""
        return np.array([result[name] for result in self.of(condition)], dtype=float)

    @property
    def doses(self) -> list[float]:
        """The shares of random labels, up to all."""
        return [*self.shares, 1.0]

    def core(self, condition: str, redrawn: float = 0.0) -> Array:
        """(seeds,) of spectral complexity times the norm of the sample over the median margin and n: what the spectral bound grows with."""
        return np.array([1 / np.median(normalised(result, self.first.n)) for result in self.of(condition, redrawn)])

    @property
    def bounds(self) -> list[str]:
        """Those that were found."""
        return list(self.of(TRUE)[0]["bounds"])

    def values(self, condition: str, bound: str) -> Array:
        """(seeds,) of certificates."""
        return np.array([result["bounds"][bound]["value"] for result in self.of(condition)], dtype=float)

    def findings(self, alpha: float) -> list[Finding]:
        """One for each claim."""
        return [
            self._fitted(),
            self._nothing(),
            self._longer(),
            self._counting(),
            self._hold(alpha),
            self._tells(),
            self._doses(),
            self._margins(),
            self._tracks(),
        ]

    def _fitted(self) -> Finding:
        effects = {one: mean_effect(self.looks(one, "train")[:, -1]) for one in CONDITIONS}
        said = "; ".join(f"{name} {effect}" for name, effect in effects.items())
        return Finding(
            "everything is fitted", worst([e.below(0.01) for e in effects.values()]), f"training error at the end: {said}", self.sizes()
        )

    def _nothing(self) -> Finding:
        effects = {one: mean_effect(self.looks(one, "unseen")[:, -1]) for one in CONDITIONS}
        said = "; ".join(f"{name} {effect}" for name, effect in effects.items())
        outcomes = [effects[one].within(0.45, 0.55) for one in (RANDOM, "Gaussian inputs")]
        return Finding("nothing is learnt", worst(outcomes), f"error on digits outside the sample: {said}", self.sizes())

    def _longer(self) -> Finding:
        times = {one: first_fit(self.looks(one, "train")) * self.first.steps / LOOKS for one in (TRUE, RANDOM)}
        effect = mean_effect(times[RANDOM] / times[TRUE])
        said = (
            f"steps until all of the sample is right (looked at every {self.first.steps // LOOKS} steps): {times[TRUE].mean():.0f} with "
            f"true labels, {times[RANDOM].mean():.0f} with random ones, a factor of {effect}"
        )
        longer = effect.above(1)
        return Finding("fitting takes little longer", worst([effect.below(5), longer]), said, self.sizes())

    def _counting(self) -> Finding:
        """A bound that depends on the labels by the training error alone; both kinds of networks have the training error 0."""
        true, random = self.values(TRUE, VC), self.values(RANDOM, VC)
        same = [t == r for t, r, a, b in zip(true, random, self._last(TRUE), self._last(RANDOM), strict=True) if a == b]
        least = min(true.min(), random.min())
        said = (
            f"{sum(same)} of {len(same)} pairs of networks with equal training errors have the same bound; the least bound is "
            f"{least:.3g}, and the exact risk is {self.looks(TRUE, 'risk')[:, -1].mean():.3f} with true and "
            f"{self.looks(RANDOM, 'risk')[:, -1].mean():.3f} with random labels"
        )
        verdict = Verdict.REFUTED if not all(same) else Verdict.NOT_REFUTED if same else Verdict.NOT_APPLICABLE
        return Finding("counting sees no difference", verdict, said, self.sizes())

    def _last(self, condition: str) -> Array:
        return self.looks(condition, "train")[:, -1]

    def _hold(self, alpha: float) -> Finding:
        part = alpha / (len(self.bounds) * len(CONDITIONS))
        refuted, failures, total = False, 0, 0
        for condition in CONDITIONS:
            for bound in self.bounds:
                failed = [result["bounds"][bound]["failed"] for result in self.of(condition)]
                refuted |= bool(stats.binom.sf(sum(failed) - 1, len(failed), DELTA) <= part)
                failures, total = failures + sum(failed), total + len(failed)
        least = {bound: min(self.values(condition, bound).min() for condition in CONDITIONS) for bound in self.bounds}
        said = f"{failures} of {total} certificates are below the exact risk; the least of each: " + ", ".join(
            f"{name} {value:.3g}" for name, value in least.items()
        )
        return Finding("bounds", Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, said, self.sizes())

    def _tells(self) -> Finding:
        true, random = self.core(TRUE), self.core(RANDOM)
        effect, apart = mean_effect(np.log(random / true)), separation(true, random)
        said = (
            f"complexity over the median margin: {np.median(true):.3g} with true labels, {np.median(random):.3g} with random ones; the "
            f"logarithm of the quotient is {effect}; P(random above true) = {apart.auc:.3g}, p-value {apart.p_value:.2g}"
        )
        return Finding("complexity tells", effect.above(0), said, self.sizes())

    def _doses(self) -> Finding:
        table = np.log(np.stack([self.core(TRUE, share) for share in self.doses], 1))
        effect, response = slope_effect(self.doses, table), dose_response(table)
        said = (
            f"its logarithm rises by {effect} from no random labels to random labels alone, and it rises at {response.rising:.0%} of the "
            f"steps between the shares {', '.join(f'{share:g}' for share in self.doses)} (Page's test of a rising trend: p-value "
            f"{response.p_value:.2g})"
        )
        return Finding("dose and response", effect.above(0), said, self.sizes())

    def _margins(self) -> Finding:
        n = self.first.n
        logs = {name: np.log([float(np.median(normalised(result, n))) for result in self.of(name)]) for name in (TRUE, RANDOM)}
        effect = mean_effect(logs[TRUE] - logs[RANDOM])
        raw = mean_effect([np.log(_median(a) / _median(b)) for a, b in zip(self.of(TRUE), self.of(RANDOM), strict=True)])
        below = np.mean([normalised(b, n).max() < np.median(normalised(a, n)) for a, b in zip(self.of(TRUE), self.of(RANDOM), strict=True)])
        said = (
            f"logarithm of the median with true labels over that with random ones: {effect} for normalised margins, {raw} for the margins "
            f"as they are; in {below:.0%} of the seeds all margins of random labels lie below the median of the true ones"
        )
        return Finding("normalised margins", effect.above(0), said, self.sizes())

    def _tracks(self) -> Finding:
        said, outcomes = [], []
        for condition in (TRUE, RANDOM):
            complexity, margin, excess = (self.looks(condition, name) for name in ("complexity", "margin", "excess"))
            over = complexity / np.maximum(margin, np.finfo(float).tiny)
            taus = [mean_effect([tau_b(a, b) for a, b in zip(table, excess, strict=True)]) for table in (complexity, over)]
            outcomes.append(taus[0].above(0))
            said.append(f"{taus[0]} with {condition} ({taus[1]} for the complexity over the median margin)")
        words = f"Kendall's tau between the two over {LOOKS} looks during training: " + "; ".join(said)
        return Finding("complexity tracks the excess risk", worst(outcomes), words, self.sizes())

    def sizes(self) -> str:
        """The networks, the sample, the seeds."""
        shape = "-".join(map(str, WIDTHS))
        return f"{shape} ReLU networks on odd against even digits, n = {self.first.n}, {self.first.steps} steps, {len(self.seeds)} seeds"


def normalised(result: Any, n: int) -> Array:
    """The quantiles of the margins over the spectral complexity times ||X||_F/n; those that are not positive at the least positive
    double.
    """
    scale = result["complexity"][-1] * result["data_norm"] / n
    return np.asarray(np.maximum(np.array(result["margins"], dtype=float) / scale, np.finfo(float).tiny))


def first_fit(train: Array) -> Array:
    """(seeds,): the number of the first look without a training error, one more than there are where none is.

    >>> first_fit(np.array([[0.5, 0.0, 0.0], [0.5, 0.25, 0.25]])).tolist()
    [2, 4]
    """
    fits = np.concatenate([train == 0, np.ones((len(train), 1), dtype=bool)], axis=1)
    return np.asarray(np.argmax(fits, axis=1) + 1)


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """A claim of several parts is reproduced if all are, and reversed if one is."""
    order = (Outcome.REVERSED, Outcome.NOT_REPRODUCED, Outcome.REPRODUCED)
    return min(outcomes, key=order.index)


def _median(result: Any) -> float:
    return max(float(np.median(result["margins"])), float(np.finfo(float).tiny))
