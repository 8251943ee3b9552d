"""What became of each claim on width, capacity and the number of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats

from genbounds.verification.checks.effects import Effect, mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.scaling import scaling
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.capacity.networks import WidthCell, parameters
from genbounds.verification.studies.capacity.random_features import INPUTS, THRESHOLD, WIDTHS, FeatureCell
from genbounds.verification.studies.capacity.ratio import SIDE, RatioCell, weights_of
from genbounds.verification.studies.capacity.weak_features import EXAMPLES, FEATURES, TAKEN, WeakCell, places_in_law
from genbounds.verification.studies.phenomenon import Finding

ROUNDING = 1e-9
"""Of quotients of quadratic forms in float64; a term forgotten shows as one of order 1."""
DELTA = 0.05
FITTED = 0.02
"""A width fits the sample if its mean training error is at most this."""
VC, NORM = "VC dimension", "product of Frobenius norms"


class Found:
    """The results of the four parts by what they are of."""

    def __init__(self, cells: Sequence[Cell], results: Sequence[Result]) -> None:
        self.pairs = list(zip(cells, results, strict=True))

    def of(self, kind: type) -> list[tuple[Any, Any]]:
        """Cells and results of one part."""
        return [(cell, result) for cell, result in self.pairs if isinstance(cell, kind)]

    @cached_property
    def widths(self) -> list[int]:
        """Of the networks."""
        return sorted({cell.width for cell, _ in self.of(WidthCell)})

    @cached_property
    def shares(self) -> list[float]:
        """Of the labels that are drawn anew."""
        return sorted({cell.redrawn for cell, _ in self.of(WidthCell)})

    @property
    def n(self) -> int:
        """Examples of a network."""
        return int(self.of(WidthCell)[0][0].n)

    @property
    def threshold(self) -> float:
        """The width at which a network has as many parameters as examples."""
        return (self.n - 1) / (parameters(1) - 1)

    @property
    def bounds(self) -> list[str]:
        """Those that were found for all networks."""
        return list(next(cell.bounds for cell, _ in self.of(WidthCell) if cell.bounds))

    def features(self, name: str) -> Array:
        """(seeds, widths) of the random features."""
        return np.array([result[name] for _, result in self.of(FeatureCell)], dtype=float)

    def table(self, redrawn: float, name: str) -> Array:
        """(seeds, widths) of the networks."""
        seeds = sorted({cell.seed for cell, _ in self.of(WidthCell)})
        found = {(cell.seed, cell.width): result for cell, result in self.of(WidthCell) if cell.redrawn == redrawn}
        return np.array([[found[seed, width][name] for width in self.widths] for seed in seeds], dtype=float)

    def judged(self, bound: str, name: str) -> Array:
        """(seeds, widths) of what was found of a bound, as objects."""
        seeds = sorted({cell.seed for cell, _ in self.of(WidthCell)})
        found = {(cell.seed, cell.width): result["bounds"][bound] for cell, result in self.of(WidthCell) if cell.bounds}
        return np.array([[found[seed, width][name] for width in self.widths] for seed in seeds], dtype=object)

    def needed(self, bound: str) -> list[float | None]:
        """By width the median of the examples that a bound needs; None where one needs more than 1e18."""
        return [None if None in column else float(np.median(column.astype(float))) for column in self.judged(bound, "needed").T]

    def findings(self, alpha: float) -> list[Finding]:
        """One for each claim; ``alpha`` is shared evenly by the two that rest on draws."""
        return [
            self._law(alpha / 2),
            self._decomposition(),
            self._double_descent(),
            self._lower(),
            self._peak(),
            self._both_fall(),
            self._wider(),
            self._weights(),
            self._bounds_hold(alpha / 2),
            self._ratio(),
            self._fitted(),
        ]

    def _law(self, alpha: float) -> Finding:
        """The largest distance of each empirical distribution from its law, against Massart's limit (Dvoretzky, Kiefer and Wolfowitz)."""
        places = places_in_law([result for _, result in self.of(WeakCell)])
        said, refuted = [], False
        for name, values in places.items():
            distance = float(stats.kstest(values, "uniform").statistic)
            limit = float(np.sqrt(np.log(2 * len(places) / alpha) / (2 * len(values))))
            refuted |= distance > limit
            said.append(f"{name}: {distance:.3f} (refuted above {limit:.3f}, {len(values)} fits)")
        words = "largest distance between the measured distribution function and that of the law: " + "; ".join(said)
        sizes = f"D = {FEATURES}, n = {EXAMPLES}, p from {TAKEN[0]} to {TAKEN[-1]}, sigma = 1/5"
        return Finding("law of double descent", Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, words, sizes)

    def _decomposition(self) -> Finding:
        error = float(self.features("identity").max())
        verdict = Verdict.REFUTED if error > ROUNDING else Verdict.NOT_REFUTED
        return Finding(
            "bias and variance", verdict, f"the two sides differ by at most {error:.1e} of the excess risk", self._feature_sizes()
        )

    def _double_descent(self) -> Finding:
        logs = np.log(self.features("risk"))
        rise = mean_effect(logs[:, THRESHOLD] - logs[:, :THRESHOLD].min(1))
        fall = mean_effect(logs[:, THRESHOLD] - logs[:, -1])
        said = (
            f"the logarithm of the risk at the threshold is higher by {rise} than that of the least risk before it, and by {fall} than "
            f"that of the risk at {WIDTHS[-1]:g} n features"
        )
        return Finding("double descent", _worst(rise.above(0), fall.above(0)), said, self._feature_sizes())

    def _lower(self) -> Finding:
        logs = np.log(self.features("risk"))
        effect = mean_effect(logs[:, -1] - logs[:, :THRESHOLD].min(1))
        said = f"the logarithm of the quotient of the risk at {WIDTHS[-1]:g} n features and the least risk before the threshold is {effect}"
        return Finding("the second descent is lower", effect.below(0), said, self._feature_sizes())

    def _peak(self) -> Finding:
        place = int(np.argmin([abs(np.log(width / self.threshold)) for width in self.widths]))
        said, outcomes = [], []
        for share in self.shares:
            test = self.table(share, "test")
            before = test[:, :place].min(1) if place else test[:, 0] + 0.0
            effect = mean_effect(test[:, place] - before)
            outcomes.append(effect.above(0))
            said.append(f"{effect} with {share:.0%} of the labels drawn anew")
        width = self.widths[place]
        words = (
            f"test error at width {width}, where the numbers of parameters and examples are nearest to each other, minus the least "
            "test error of narrower networks: " + "; ".join(said)
        )
        if not place:
            return Finding("peak of trained networks", Outcome.NOT_REPRODUCED, f"no network is narrower than width {width}", self._sizes())
        return Finding("peak of trained networks", _worst(*outcomes), words, self._sizes())

    def _both_fall(self) -> Finding:
        bias, variance = (self._slope(self.shares[0], name) for name in ("bias", "variance"))
        said = (
            f"the logarithmic slope in the width is {bias} of the squared bias and {variance} of the variance (of probabilities, true "
            "labels)"
        )
        return Finding("both fall with width", _worst(bias.below(0), variance.below(0)), said, self._sizes())

    def _slope(self, share: float, name: str) -> Effect:
        return slope_effect(np.log(self.widths), np.log(np.maximum(self.table(share, name), 1e-12)))

    def _wider(self) -> Finding:
        said, outcomes = [], []
        for share in self.shares:
            train, test = self.table(share, "train").mean(0), self.table(share, "test")
            fits = [place for place, error in enumerate(train[:-1]) if error <= FITTED]
            if not fits:
                said.append(f"only the largest width fits the sample with {share:.0%} of the labels drawn anew")
                outcomes.append(Outcome.NOT_REPRODUCED)
                continue
            effect = mean_effect(test[:, -1] - test[:, fits[0]])
            outcomes.append(effect.below(0.01))
            said.append(f"{effect} from width {self.widths[fits[0]]} on, with {share:.0%} of the labels drawn anew")
        words = (
            f"test error at width {self.widths[-1]} minus that at the first width with a training error of at most {FITTED:g}: "
            + "; ".join(said)
        )
        return Finding("wider is no worse", _worst(*outcomes), words, self._sizes())

    def _weights(self) -> Finding:
        needed = {name: self.judged(name, "needed") for name in (VC, NORM)}
        if any(entry is None for table in needed.values() for entry in table.ravel()):
            return Finding("size of the weights", Outcome.NOT_REPRODUCED, "a bound says nothing at any number of examples", self._sizes())
        logs = np.log(np.array([needed[name].astype(float) for name in (VC, NORM)]))
        slopes = [slope_effect(np.log(self.widths), table) for table in logs]
        difference = slope_effect(np.log(self.widths), logs[1] - logs[0])
        risks = self.table(0.0, "test")
        flags = [scaling(self.widths, needed[name].astype(float), risks, key=f"capacity {name}").flag for name in (VC, NORM)]
        risk = slope_effect(np.log(self.widths), np.log(risks))
        said = (
            f"exponents in the width: {slopes[0]} of the examples needed by the VC bound ({flags[0] or 'no flag'}), {slopes[1]} of those "
            f"needed by the norm bound ({flags[1] or 'no flag'}), their difference {difference}; {risk} of the test error"
        )
        return Finding("size of the weights", difference.below(0), said, self._sizes())

    def _bounds_hold(self, alpha: float) -> Finding:
        part = alpha / (len(self.bounds) * len(self.widths))
        refuted, failures, total, least = False, 0, 0, np.inf
        for name in self.bounds:
            failed = self.judged(name, "failed").astype(bool)
            refuted |= any(stats.binom.sf(column.sum() - 1, len(column), DELTA) <= part for column in failed.T)
            failures, total = failures + int(failed.sum()), total + failed.size
            least = min(least, float(self.judged(name, "value").astype(float).min()))
        said = f"{failures} of {total} certificates are below the exact risk; at these sizes they are vacuous: the least is {least:.3g}"
        return Finding("bounds", Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, said, self._sizes())

    def _ratio(self) -> Finding:
        grid = [(side, depth) for side in (4, 8, 16, 32) for depth in (1, 2, 4, 8)]
        wrong = [(side, depth) for side, depth in grid if weights_of(side, depth) != depth * side**2 + side]
        ratios = ", ".join(f"{weights_of(SIDE, depth) / SIDE**2:.4g} for {depth}" for depth in (1, 2, 4, 8))
        said = (
            f"{len(wrong)} of {len(grid)} networks that were built have another number of weights; weights per example at p = {SIDE}, by "
            f"the number of hidden layers: {ratios}"
        )
        return Finding(
            "parameters per example", Verdict.REFUTED if wrong else Verdict.NOT_REFUTED, said, "p = 4 to 32, 1 to 8 hidden layers"
        )

    def _fitted(self) -> Finding:
        found = self.of(RatioCell)
        depths = sorted({cell.depth for cell, _ in found})
        said, outcomes = [], []
        for depth in depths:
            own = [result for cell, result in found if cell.depth == depth]
            effect = mean_effect([result["test"] for result in own])
            outcomes.append(effect.below(0.25))
            train = np.mean([result["train"] for result in own])
            said.append(f"{effect} at {own[0]['ratio']:.3g} parameters per example (training error {train:.3f})")
        sizes = f"p = {SIDE}, n = {SIDE**2}, {', '.join(map(str, depths))} hidden layers, {len(found) // len(depths)} seeds"
        return Finding("fitted with more parameters than examples", _worst(*outcomes), "test error " + "; ".join(said), sizes)

    def _feature_sizes(self) -> str:
        found = self.of(FeatureCell)
        cell = found[0][0]
        return (
            f"{INPUTS} inputs, n = {cell.n}, {cell.samples} samples each of {len(found)} draws of the features, up to {WIDTHS[-1]:g} "
            "n features"
        )

    def _sizes(self) -> str:
        cells = [cell for cell, _ in self.of(WidthCell)]
        seeds, samples = len({cell.seed for cell in cells}), cells[0].samples
        return (
            f"64-m-1 ReLU networks on digits, m = {self.widths[0]} to {self.widths[-1]}, n = {self.n}, {seeds} seeds of {samples} samples"
        )


def _worst(*outcomes: Outcome) -> Outcome:
    """A claim of several parts is reproduced if all are, and reversed if one is."""
    order = (Outcome.REVERSED, Outcome.NOT_REPRODUCED, Outcome.REPRODUCED)
    return min(outcomes, key=order.index)
