"""The study ``building_blocks``: what it runs, and what it draws."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.building_blocks.claims import CLAIMS
from genbounds.verification.studies.building_blocks.figure import PANELS
from genbounds.verification.studies.building_blocks.findings import AFFINE, RELU, Found
from genbounds.verification.studies.building_blocks.networks import SCALES, BlockCell, block_results
from genbounds.verification.studies.building_blocks.tasks import IDENTITY, KINDS, TASKS, formulas
from genbounds.verification.studies.phenomenon import Curves, Extent, Finding, Phenomenon, Trap

SIZES: Mapping[Extent, tuple[int, int, tuple[str, ...], int, int]] = {
    "thumbnail": (3, 1, ("dense",), 80, 40),
    "quick": (5, 3, KINDS, 300, 300),
    "full": (12, 5, KINDS, 600, 600),
}
"""Seeds, those of them with certificates, the kinds that have them, examples, steps."""


class BuildingBlocks(Phenomenon):
    """Dense, convolutional, recurrent and attention networks, each on a task, with ReLU units and with the identity in their place."""

    name = "building_blocks"
    revision = 3
    title = "Building blocks"
    description = (
        "Dense, convolutional, recurrent and attention layers: parameters, Lipschitz constants, certificates, and affine collapse."
    )
    claims = CLAIMS
    panels = PANELS
    caption = (
        f"The tasks are: {'; '.join(f'{kind}: {task.words}' for kind, task in TASKS.items())}. First: exact risks, each seed and the "
        "mean. Second: Lipschitz constants, between a slope that is attained and a certified bound. Third: all certificates of one "
        "network at confidence .999; above the dashed line they are vacuous. Last: the largest derivative at larger inputs; the dashed "
        "line is the square of the size, which attention follows."
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 4.0, "quick": 60.0, "full": 140.0}
    tile_size = 16

    def cells(self) -> Sequence[BlockCell]:
        """Each kind with each activation and every seed; certificates for ReLU networks of the first seeds."""
        seeds, certified, kinds, n, steps = SIZES[self.extent]
        base = [BlockCell(kind, activation, TASKS[kind].population, n, 500, steps) for kind in KINDS for activation in (RELU, IDENTITY)]
        measured = [cell.activation == RELU and cell.kind in kinds for cell in base]
        return [
            replace(cell, seed=seed, certified=able and seed < certified)
            for cell, able in zip(base, measured, strict=True)
            for seed in range(seeds)
        ]

    def group(self, cell: Cell) -> Hashable:
        """Networks that differ in their seed alone train as one ensemble."""
        alike: BlockCell = replace(cell, seed=0, certified=False)
        return alike

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """All as one ensemble."""
        return list(block_results(cells))

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """See ``genbounds.verification.studies.building_blocks.findings``."""
        return Found(cells, results).findings(self.alpha)

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Risks of all seeds, the first certified network of each kind, medians of slopes."""
        found = Found(cells, results)
        kinds: dict[str, Any] = {}
        for kind in KINDS:
            certified = found.certified(kind)
            first = certified[0] if certified else None
            kinds[kind] = {
                "parameters": found.of(kind)[0]["parameters"],
                "relu": found.errors(kind, RELU).tolist(),
                "identity": found.errors(kind, IDENTITY).tolist(),
                "bracket": [first["lower"], first["upper"]] if first and first["upper"] is not None else None,
                "ball": first["ball"] if first else "",
                "certificates": [[one["bound"], one["value"]] for one in first["certificates"] if one["value"] is not None]
                if first
                else [],
                "slopes": np.median([result["slopes"] for result in found.of(kind)], axis=0).tolist(),
            }
        layer = np.median([result["layer_slopes"] for result in found.of("attention")], axis=0).tolist()
        return {"kinds": kinds, "scales": list(SCALES), "layer": layer}

    def alt(self, curves: Curves) -> str:
        """Parameters, risks, brackets and the best certificates."""
        said = []
        for name, found in curves["kinds"].items():
            relu, identity = (float(np.mean(found[key])) for key in ("relu", "identity"))
            words = f"{name}: {found['parameters']} parameters, risk {relu:.3f} with ReLU units and {identity:.3f} with the identity"
            if found["bracket"]:
                words += f", Lipschitz constant {found['bracket'][0]:.3g} to {found['bracket'][1]:.3g} {found['ball']}".rstrip()
            if found["certificates"]:
                words += f", {len(found['certificates'])} certificates, the least {min(value for _, value in found['certificates']):.3g}"
            said.append(words)
        return f"{'; '.join(said)}. The attention layer's derivative grows from {curves['layer'][0]:.3g} to {curves['layer'][-1]:.3g}."

    def trap(self) -> Trap:
        """A network whose activations are not the identity where they are said to be: leaky units."""
        cells = [
            BlockCell(kind, activation, TASKS[kind].population, 50, 50, 1, seed=seed)
            for kind in KINDS
            for activation in (RELU, IDENTITY)
            for seed in range(2)
        ]
        sound: list[Result] = []
        for cell in cells:
            bent = cell.activation == RELU or cell.kind not in AFFINE
            result = {
                "parameters": formulas()[cell.kind],
                "train": 0.0,
                "test": 0.1 + 0.1 * (cell.activation == IDENTITY) + 0.001 * cell.seed,
                "affine_error": 0.2 if bent else 1e-14,
                "slopes": [1.0] * len(SCALES),
                "layer_slopes": [scale**2 for scale in SCALES],
            }
            sound.append(result)
        faulty = [
            {**result, "affine_error": 0.01} if (cell.kind, cell.activation) == ("recurrent", IDENTITY) else result
            for cell, result in zip(cells, sound, strict=True)
        ]
        return Trap("leaky units in place of the identity in the recurrent network", "identity activations collapse", cells, faulty, sound)
