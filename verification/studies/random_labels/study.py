"""The study ``random_labels``: what it runs, and what it draws."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.phenomenon import Curves, Extent, Finding, Phenomenon, Trap
from genbounds.verification.studies.random_labels.claims import CLAIMS
from genbounds.verification.studies.random_labels.conditions import CONDITIONS, RANDOM, TRUE
from genbounds.verification.studies.random_labels.figure import PANELS
from genbounds.verification.studies.random_labels.findings import Found, normalised
from genbounds.verification.studies.random_labels.networks import BOUNDS, LOOKS, QUANTILES, LabelCell, label_results

SIZES: Mapping[Extent, tuple[int, int, int, tuple[float, ...], tuple[str, ...]]] = {
    "thumbnail": (3, 60, 500, (0.5,), ("VC dimension", "product of norms")),
    "quick": (6, 150, 1200, (0.25, 0.5, 0.75), tuple(BOUNDS)),
    "full": (12, 250, 2000, (0.2, 0.4, 0.6, 0.8), tuple(BOUNDS)),
}
"""Seeds, examples, steps, shares of random labels between none and all, and bounds."""


class RandomLabels(Phenomenon):
    """Five conditions, and shares of random labels; each network is looked at while it trains."""

    name = "random_labels"
    revision = 2
    title = "Random labels"
    description = (
        "Networks fit random labels, pixels and noise as well as true data: which bounds and margins tell these apart, and which do not."
    )
    claims = CLAIMS
    panels = PANELS
    caption = (
        "Networks that tell odd digits from even ones. First: training errors. Second: the error on unseen digits and the risk over all "
        "digits, with bounds that hold with probability 95 %; a bound above the dashed line is vacuous. Third and fourth: margins on the "
        "sample, as they are and divided by the spectral complexity. Fifth: spectral complexity and excess risk, each divided by its "
        "last value with random labels. Last: the complexity divided by the median margin, against the share of random labels. All are "
        "means over the seeds, except that margins and complexities are medians."
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 3.0, "quick": 15.0, "full": 60.0}
    tile_size = 16

    def cells(self) -> Sequence[LabelCell]:
        """Every condition, and true labels with some of them drawn anew, with every seed."""
        seeds, n, steps, shares, bounds = SIZES[self.extent]
        base = [LabelCell(condition, 0.0, n, steps, bounds) for condition in CONDITIONS]
        base += [LabelCell(TRUE, share, n, steps) for share in shares]
        return [replace(cell, seed=seed) for cell in base for seed in range(seeds)]

    def group(self, cell: Cell) -> Hashable:
        """Networks that differ in their seed alone train as one ensemble."""
        alike: LabelCell = replace(cell, seed=0)
        return alike

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """All as one ensemble."""
        return list(label_results(cells))

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """See ``genbounds.verification.studies.random_labels.findings``."""
        return Found(cells, results).findings(self.alpha)

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Means over the seeds, of margins and complexities medians."""
        found = Found(cells, results)
        conditions: dict[str, Any] = {}
        for name in CONDITIONS:
            own = found.of(name)
            means = {key: found.looks(name, key).mean(0).tolist() for key in ("train", "risk", "unseen", "excess")}
            conditions[name] = {
                **means,
                "complexity": np.median(found.looks(name, "complexity"), axis=0).tolist(),
                "margins": np.median([result["margins"] for result in own], axis=0).tolist(),
                "normalised": np.median([normalised(result, found.first.n) for result in own], axis=0).tolist(),
                "bounds": {bound: float(np.median(found.values(name, bound))) for bound in found.bounds},
            }
        table = np.stack([found.core(TRUE, share) for share in found.doses], 1)
        return {
            "conditions": conditions,
            "steps": [(look + 1) * (found.first.steps // LOOKS) for look in range(LOOKS)],
            "doses": {"shares": found.doses, "rows": table.tolist(), "median": np.median(table, axis=0).tolist()},
        }

    def alt(self, curves: Curves) -> str:
        """The last errors, and what the complexities are."""
        ends = "; ".join(
            f"{name}: training error {found['train'][-1]:.3f}, on unseen digits {found['unseen'][-1]:.3f}, bounds "
            + ", ".join(f"{bound} {value:.3g}" for bound, value in found["bounds"].items())
            for name, found in curves["conditions"].items()
        )
        doses = curves["doses"]
        return (
            f"{ends}. Complexity over the median margin from {doses['median'][0]:.3g} with true to {doses['median'][-1]:.3g} with random "
            "labels."
        )

    def trap(self) -> Trap:
        """Labels that were not random: the networks of that condition have the margins and the complexity of the true ones."""
        cells: list[Cell] = []
        sound: list[Result] = []
        bounds = {name: {"value": 1.2, "failed": False} for name in ("VC dimension", "product of norms")}
        for condition, share in [(name, 0.0) for name in CONDITIONS] + [(TRUE, 0.5)]:
            for seed in range(3):
                grows = 1.0 if (condition, share) == (TRUE, 0.0) else 5.0 if share else 20.0
                rising = [grows * (look + 1 + 0.1 * seed) for look in range(LOOKS)]
                steady = {name: [0.0] * LOOKS for name in ("train", "risk", "unseen")}
                cells.append(LabelCell(condition, share, 100, 20, () if share else tuple(bounds), seed))
                sound.append(
                    {
                        **steady,
                        "excess": [one / 1000 for one in rising],
                        "complexity": rising,
                        "lipschitz": rising,
                        "margin": [1.0] * LOOKS,
                        "margins": [1.0] * QUANTILES,
                        "data_norm": 1.0,
                        "bounds": bounds,
                    }
                )
        true = [result for cell, result in zip(cells, sound, strict=True) if (cell.condition, cell.redrawn) == (TRUE, 0.0)]
        faulty = [true[cell.seed] if cell.condition == RANDOM else result for cell, result in zip(cells, sound, strict=True)]
        return Trap("random labels that are the true ones", "complexity tells", cells, faulty, sound)
