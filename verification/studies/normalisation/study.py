"""Normalisation on trial: the Jacobian's condition number with a large mean, before and after batch, group and layer normalisation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.checks.effects import Effect, mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.normalisation.cells import FEATURES, HIDDEN, Mean, NormCell, Place, result_of, theory
from genbounds.verification.studies.normalisation.figure import PANELS
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Phenomenon, Trap

PLACES: tuple[tuple[Place, Mean], ...] = (("features", "common"), ("features", "distinct"), ("network", "common"))
KINDS = ("none", "batch", "group", "layer")
WORSE, NEAR, FACTOR = 10.0, 2.0, 1.5
_LECUN = "LeCun, Bottou, Orr and Mueller, Efficient backprop, 1998, section 4.3"
_SCALES: dict[Extent, tuple[float, ...]] = {
    "thumbnail": (0.0, 3.0, 30.0),
    "quick": (0.0, 1.0, 3.0, 10.0, 30.0, 100.0),
    "full": (0.0, 1.0, 3.0, 10.0, 30.0, 100.0),
}
_SEEDS: dict[Extent, int] = {"thumbnail": 3, "quick": 40, "full": 120}
_EXAMPLES: dict[Place, int] = {"features": 1024, "network": 64}


class Normalisation(Phenomenon):
    """Condition numbers against the mean, for a linear head and for a network, with four kinds of normalisation."""

    name = "normalisation"
    revision = 2
    dtype = "float64"
    title = "Normalisation and the conditioning of the Jacobian"
    description = "A large mean makes the Jacobian badly conditioned; what batch, group and layer normalisation do about it."
    claims: ClassVar[tuple[Claim, ...]] = (
        Claim(
            "linear head",
            "If each of d features has the mean mu, the Jacobian of a linear head has the condition number sqrt(1 + d mu^2), within a "
            f"factor of {FACTOR} for the sample.",
            f"{_LECUN}; the second moments are I + mu^2 v v^T",
            printed="sqrt(1 + d mu^2)",
        ),
        Claim(
            "network",
            f"A large mean of the inputs makes the Jacobian of a network at least {WORSE:g} times worse conditioned.",
            _LECUN,
        ),
        Claim(
            "batch normalisation",
            "After batch normalisation the mean does not matter: the condition numbers with and without it agree within a factor of "
            f"{NEAR:g}.",
            "Ioffe and Szegedy, Batch normalization, 2015, section 2",
        ),
        Claim(
            "group normalisation, common mean",
            "After group normalisation of the features the mean does not matter if it is common to all features (within a factor of "
            f"{NEAR:g}).",
            "Wu and He, Group normalization, 2018, section 3",
        ),
        Claim(
            "group normalisation, network",
            f"After group normalisation of the hidden layer the mean of a network's inputs does not matter (within a factor of {NEAR:g}).",
            "Wu and He 2018, section 3",
        ),
    )
    panels = PANELS
    caption = (
        "The condition number of the Jacobian (the largest of its 16 largest singular values divided by the least of them that is not "
        "zero) against the mean of the features; the values are geometric means over the seeds. Above: a linear head on features with a "
        "common mean (solid) and with different means (dotted), with sqrt(1 + d mu^2) dashed. Below: a network of one hidden layer, in "
        "all its parameters."
    )
    seconds: ClassVar[dict[Extent, float]] = {"thumbnail": 1.5, "quick": 19.0, "full": 56.0}

    def cells(self) -> Sequence[NormCell]:
        """Every place, mean and normalisation with every seed."""
        return [
            NormCell(place, mean, kind, _SCALES[self.extent], _EXAMPLES[place], seed)  # type: ignore[arg-type]
            for seed in range(_SEEDS[self.extent])
            for place, mean in PLACES
            for kind in KINDS
        ]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Singular values of each Jacobian."""
        return [result_of(cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """One for each claim."""
        scales = cells[0].scales
        seeds = len({cell.seed for cell in cells})
        means = f"mu from {scales[0]:g} to {scales[-1]:g}, {seeds} seeds"
        linear = f"{_EXAMPLES['features']} examples, {FEATURES} features, {means}"
        deep = f"{_EXAMPLES['network']} examples, {FEATURES} inputs, {HIDDEN} hidden units, {means}"
        plain = _table(cells, results, "features", "common", "none")
        network = _worse(_table(cells, results, "network", "common", "none"))
        return [
            _linear(scales, plain, linear),
            Finding(
                "network", network.above(math.log(WORSE)), (f"The condition number is {_times(network)} times that without a mean."), deep
            ),
            _undone(
                "batch normalisation",
                cells,
                results,
                (("features", "common"), ("features", "distinct"), ("network", "common")),
                "batch",
                f"{linear}; {deep}",
            ),
            _undone("group normalisation, common mean", cells, results, (("features", "common"),), "group", linear),
            _undone("group normalisation, network", cells, results, (("network", "common"),), "group", deep),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Geometric means of the condition numbers."""
        drawn: dict[str, Any] = {"scales": list(cells[0].scales), "theory": [theory(scale) for scale in cells[0].scales]}
        for place, mean in PLACES:
            drawn[f"{place}, {mean}"] = {
                kind: np.exp(np.log(_table(cells, results, place, mean, kind)).mean(axis=0)).tolist() for kind in KINDS
            }
        return drawn

    def alt(self, curves: Curves) -> str:
        """The condition numbers at the largest mean."""
        last = {
            name: ", ".join(f"{kind} {curves[name][kind][-1]:.3g}" for kind in KINDS)
            for name in ("features, common", "features, distinct", "network, common")
        }
        return f"Condition numbers at mean {curves['scales'][-1]:g}. " + "; ".join(f"{name}: {words}" for name, words in last.items()) + "."

    def trap(self) -> Trap:
        """Batch normalisation that leaves the mean in."""
        cells: list[Cell] = list(Normalisation("thumbnail").cells())

        def results(left_in: bool) -> list[Result]:
            found: list[Result] = []
            for cell in cells:
                grows = cell.normalisation == "none" or (left_in and cell.normalisation == "batch")
                numbers = [(theory(scale) if grows else 1.1) * (1 + 0.01 * cell.seed) for scale in cell.scales]
                found.append({"conditions": numbers, "ranks": [FEATURES] * len(numbers)})
            return found

        return Trap("batch normalisation that scales but does not centre", "batch normalisation", cells, results(True), results(False))


def _table(cells: Sequence[Cell], results: Sequence[Result], place: str, mean: str, kind: str) -> Array:
    """Condition numbers, a row for each seed."""
    wanted = (place, mean, kind)
    rows = [r["conditions"] for cell, r in zip(cells, results, strict=True) if (cell.place, cell.mean, cell.normalisation) == wanted]
    return np.array(rows, dtype=float)


def _worse(table: Array) -> Effect:
    """The logarithm of the condition number with the largest mean over that with none."""
    return mean_effect(np.log(table[:, -1] / table[:, 0]))


def _times(effect: Effect) -> str:
    """A factor with its interval, from its logarithm."""
    return str(Effect(math.exp(effect.value), math.exp(effect.lower), math.exp(effect.upper)))


def _linear(scales: Sequence[float], table: Array, sizes: str) -> Finding:
    """The quotient of measured number and theory at every mean, and the exponent from the means of at least 3 on."""
    quotients = [mean_effect(np.log(table[:, place] / theory(scale))) for place, scale in enumerate(scales)]
    inside = all(one.within(-math.log(FACTOR), math.log(FACTOR)) is Outcome.REPRODUCED for one in quotients)
    large = [place for place, scale in enumerate(scales) if scale >= 3]
    exponent = slope_effect(np.log([scales[place] for place in large]), np.log(table[:, large]))
    worst = max(quotients, key=lambda one: abs(one.value))
    said = (
        f"The measured condition number is at worst {_times(worst)} times that of the theory; at the largest mean it is "
        f"{table[:, -1].mean():.4g}; its exponent in the mean is {exponent}."
    )
    return Finding("linear head", Outcome.REPRODUCED if inside else Outcome.NOT_REPRODUCED, said, sizes)


def _undone(
    claim: str, cells: Sequence[Cell], results: Sequence[Result], places: Sequence[tuple[str, str]], kind: str, sizes: str
) -> Finding:
    """Whether the largest mean changes the condition number by at most the factor, wherever it is claimed."""
    found = {place: _worse(_table(cells, results, *place, kind)) for place in places}
    without = {place: _worse(_table(cells, results, *place, "none")) for place in places}
    inside = all(one.within(-math.log(NEAR), math.log(NEAR)) is Outcome.REPRODUCED for one in found.values())
    said = "; ".join(
        f"{place} with {'a common mean' if mean == 'common' else 'distinct means'}: {_times(found[place, mean])} times that without a mean "
        f"(not normalised: {_times(without[place, mean])} times)"
        for place, mean in places
    )
    if kind == "group":
        other = _worse(_table(cells, results, "features", "distinct", kind))
        said += f"; features with distinct means: {_times(other)} times"
    return Finding(claim, Outcome.REPRODUCED if inside else Outcome.NOT_REPRODUCED, f"{said}.", sizes)
