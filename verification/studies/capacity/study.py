"""The study ``capacity``: what it runs, and what it draws."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.capacity.claims import CLAIMS
from genbounds.verification.studies.capacity.figure import PANELS
from genbounds.verification.studies.capacity.findings import Found
from genbounds.verification.studies.capacity.networks import BOUNDS, WidthCell, parameters, width_results
from genbounds.verification.studies.capacity.random_features import WIDTHS, FeatureCell, feature_result
from genbounds.verification.studies.capacity.ratio import SIDE, RatioCell, ratio_results
from genbounds.verification.studies.capacity.weak_features import EXAMPLES, TAKEN, WeakCell, expected_risk, from_uniform, weak_result
from genbounds.verification.studies.phenomenon import Curves, Extent, Finding, Phenomenon, Trap

SIZES: Mapping[Extent, Mapping[str, Any]] = {
    "thumbnail": {
        "seeds": 3,
        "fits": 4,
        "features": (50, 4),
        "widths": (2, 4, 8, 16, 32),
        "n": 200,
        "steps": 800,
        "samples": 2,
        "depths": (1, 4),
        "bounds": ("VC dimension", "product of Frobenius norms"),
    },
    "quick": {
        "seeds": 6,
        "fits": 20,
        "features": (100, 6),
        "widths": (2, 4, 8, 16, 32, 64, 128),
        "n": 300,
        "steps": 3000,
        "samples": 2,
        "depths": (1, 2, 4, 8),
        "bounds": tuple(BOUNDS),
    },
    "full": {
        "seeds": 12,
        "fits": 30,
        "features": (100, 6),
        "widths": (2, 3, 4, 6, 8, 16, 32, 64, 128, 256),
        "n": 300,
        "steps": 3000,
        "samples": 2,
        "depths": (1, 2, 4, 8),
        "bounds": tuple(BOUNDS),
    },
}
REDRAWN = (0.0, 0.2)
"""Shares of the population's labels that are drawn anew."""


class Capacity(Phenomenon):
    """Weak features with their exact law, random features with exact moments, networks of many widths, and parameters over examples."""

    name = "capacity"
    revision = 2
    title = "Capacity is not the number of parameters"
    description = (
        "Train and test error against width, with bias and variance, double descent, and VC, norm and margin bounds; "
        "parameters per example."
    )
    dtype = "float64"
    claims = CLAIMS
    panels = PANELS
    caption = (
        "First: least squares on p of 100 Gaussian features; the dashed line is the exact mean. Second: random ReLU features, with exact "
        "moments and medians over seeds; the dashed line is the interpolation threshold. Third: networks that tell odd digits from even "
        "ones, with all labels true and with a fifth of them drawn anew; the dashed line marks as many parameters as examples. Fourth: "
        "how many examples each bound would need to fall below 1; the dashed line is the number that there are. Last: parameters per "
        "example where n = p^2; the dashed line is the depth."
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 3.5, "quick": 32.0, "full": 70.0}
    tile_size = 16

    def cells(self) -> Sequence[Cell]:
        """The four parts, each with every seed."""
        size = SIZES[self.extent]
        n, samples = size["features"]
        base: list[Cell] = [WeakCell(size["fits"]), FeatureCell(n, samples)]
        for redrawn in REDRAWN:
            bounds = () if redrawn else size["bounds"]
            base += [WidthCell(width, redrawn, size["n"], size["steps"], size["samples"], bounds) for width in size["widths"]]
        base += [RatioCell(depth, size["steps"]) for depth in size["depths"]]
        return [replace(cell, seed=seed) for cell in base for seed in range(size["seeds"])]

    def group(self, cell: Cell) -> Hashable:
        """Networks that differ in their seed alone train as one ensemble."""
        return type(cell).__name__, replace(cell, seed=0)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Each part by its own function."""
        if isinstance(cells[0], WidthCell):
            return list(width_results(cells))
        if isinstance(cells[0], RatioCell):
            return list(ratio_results(cells))
        return [weak_result(cell) if isinstance(cell, WeakCell) else feature_result(cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """See ``genbounds.verification.studies.capacity.findings``."""
        return Found(cells, results).findings(self.alpha)

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Means (of what has heavy tails medians) over the seeds."""
        found = Found(cells, results)
        weak = np.concatenate([result["risk"] for _, result in found.of(WeakCell)], axis=1)
        expected = [expected_risk(p) for p in range(1, 101)]
        networks = {}
        for redrawn in found.shares:
            networks[str(redrawn)] = {name: found.table(redrawn, name).mean(0).tolist() for name in ("train", "test", "bias", "variance")}
        ratios = [(cell.depth, result) for cell, result in found.of(RatioCell)]
        depths = sorted({depth for depth, _ in ratios})
        return {
            "weak": {
                "p": list(TAKEN),
                "mean": weak.mean(1).tolist(),
                "median": np.median(weak, axis=1).tolist(),
                "theory": [risk if np.isfinite(risk) else None for risk in expected],
                "n": EXAMPLES,
            },
            "features": {
                "share": list(WIDTHS),
                **{name: np.median(found.features(name), axis=0).tolist() for name in ("train", "risk", "bias", "variance")},
                "noise": float(found.of(FeatureCell)[0][1]["noise"]),
            },
            "networks": networks,
            "widths": found.widths,
            "threshold": found.threshold,
            "n": found.n,
            "parameters": [parameters(width) for width in found.widths],
            "needed": {name: found.needed(name) for name in found.bounds},
            "ratio": {
                "depth": depths,
                "ratio": [next(result["ratio"] for other, result in ratios if other == depth) for depth in depths],
                "train": [float(np.mean([result["train"] for other, result in ratios if other == depth])) for depth in depths],
                "test": [float(np.mean([result["test"] for other, result in ratios if other == depth])) for depth in depths],
                "side": SIDE,
            },
        }

    def alt(self, curves: Curves) -> str:
        """The peaks, the errors at the ends, and what the bounds would need."""
        features, networks, needed = curves["features"], curves["networks"], curves["needed"]
        place = features["share"].index(1.0)
        errors = "; ".join(
            f"with {float(share):.0%} of the labels drawn anew {found['test'][0]:.3f} at width {curves['widths'][0]} and "
            f"{found['test'][-1]:.3f} at "
            f"{curves['widths'][-1]}"
            for share, found in networks.items()
        )
        wanted = "; ".join(f"{name}: {ends[0]:.2g} to {ends[-1]:.2g}" for name, ends in needed.items() if None not in ends)
        ratio = ", ".join(
            f"{one:.2f} at depth {depth}" for one, depth in zip(curves["ratio"]["ratio"], curves["ratio"]["depth"], strict=True)
        )
        return (
            f"Risk of random features: {features['risk'][0]:.3g} with few, {features['risk'][place]:.3g} at the threshold, "
            f"{features['risk'][-1]:.3g} with the most. Test error of networks: {errors}. Examples that bounds would need, narrowest to "
            "widest "
            f"network: {wanted}. Parameters per example: {ratio}."
        )

    def trap(self) -> Trap:
        """Noise that inflates the fits half as much as it does: what n taken for 2n would give."""
        places = (np.arange(150) + 0.5) / 150
        weak = from_uniform(places)
        halved = {**weak, "by_noise": [[0.5 * one for one in row] for row in weak["by_noise"]]}
        cells: list[Cell] = [WeakCell(150)]
        sound: list[Result] = [weak]
        feature: Result = {name: [1.0 + (share == 1.0) for share in WIDTHS] for name in ("train", "risk", "bias", "variance")}
        trained = {"test": 0.1, "train": 0.0, "bias": 0.1, "variance": 0.1}
        judged = {"value": 1.0, "failed": False, "needed": 1000}
        for seed in range(3):
            cells.append(FeatureCell(50, 2, seed))
            sound.append({**feature, "identity": [0.0] * len(WIDTHS), "noise": 0.25})
            for share in REDRAWN:
                for width in (2, 4, 8, 16, 32):
                    names = () if share else ("VC dimension", "product of Frobenius norms")
                    cells.append(WidthCell(width, share, 100, 1, 2, names, seed))
                    sound.append(trained if share else {**trained, "bounds": {name: {**judged, "needed": 1000 * width} for name in names}})
            cells.append(RatioCell(1, 1, seed))
            sound.append({"train": 0.0, "test": 0.1, "ratio": 1.1})
        return Trap("noise in the labels counted half", "law of double descent", cells, [halved, *sound[1:]], sound)
