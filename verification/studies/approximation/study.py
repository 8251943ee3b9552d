"""The study of approximation by wide and by deep networks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.approximation.barron import WIDTHS, Barron, approximate
from genbounds.verification.studies.approximation.claims import CLAIMS
from genbounds.verification.studies.approximation.figure import PANELS
from genbounds.verification.studies.approximation.findings import of_barron, of_fitted, of_kind, of_lines, of_sawtooth, of_square
from genbounds.verification.studies.approximation.pieces import Lined, count
from genbounds.verification.studies.approximation.sawtooth import Sawtooth, compare, first_teeth, grid, values
from genbounds.verification.studies.approximation.width_or_depth import DEEP, SHALLOW, Fitted, Square, fit, square
from genbounds.verification.studies.phenomenon import Curves, Extent, Finding, Phenomenon, Trap

FOLDS: Mapping[Extent, int] = {"thumbnail": 6, "quick": 8, "full": 8}
SHAPES: Mapping[Extent, tuple[tuple[int, ...], tuple[int, ...], int]] = {
    "thumbnail": ((1, 2, 4), (4, 8, 16), 3),
    "quick": ((1, 2, 4, 8), (4, 8, 16, 32), 10),
    "full": ((1, 2, 4, 8), (4, 8, 16, 32), 20),
}
"""Depths, widths, and seeds of random networks."""
DIMENSIONS: Mapping[Extent, tuple[tuple[int, ...], int]] = {
    "thumbnail": ((2, 8), 3),
    "quick": ((2, 4, 8, 16), 20),
    "full": ((2, 4, 8, 16, 32), 50),
}
"""Dimensions and seeds of Barron's networks."""
TRAINING: Mapping[Extent, tuple[int, int]] = {"thumbnail": (250, 3), "quick": (3000, 10), "full": (6000, 20)}
"""Steps and seeds."""
SHOWN = 4
"""Folds of the sawtooth that is drawn."""


class Approximation(Phenomenon):
    """Sawteeth, exact pieces along lines, Barron's rate, and width against depth."""

    name = "approximation"
    revision = 2
    description = "What depth and width approximate: Telgarsky's sawtooth, exact affine pieces along lines, Barron's rate, x^2 by depth."
    dtype = "float64"
    tile_size = 64
    title: ClassVar[str] = "Approximation by width and by depth"
    claims = CLAIMS
    panels = PANELS
    memory: ClassVar[int] = 2**29
    caption: ClassVar[str] = (
        "From the top: the sawtooth of four folds and a shallow network with as many units; two bounds between which the error of the "
        "best shallow network of 3 k units lies, with the error of a constant dashed; the exact number of pieces along random lines "
        "against the number of units, with the bound for four layers dashed; errors of Barron's networks, with 2 C/sqrt(n) dashed; the "
        "largest error on x^2 against the number of units."
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 2.2, "quick": 28.0, "full": 60.0}

    def cells(self) -> Sequence[Cell]:
        """Cells of five kinds."""
        depths, widths, seeds = SHAPES[self.extent]
        dimensions, draws = DIMENSIONS[self.extent]
        steps, fits = TRAINING[self.extent]
        return [
            *(Sawtooth(folds) for folds in range(1, FOLDS[self.extent] + 1)),
            *(Lined(depth, width, seed) for depth in depths for width in widths for seed in range(seeds)),
            *(Barron(dimension, seed) for dimension in dimensions for seed in range(draws)),
            *(Square(terms) for terms in range(1, FOLDS[self.extent] + 1)),
            *(Fitted(shape, steps, seed) for shape in (SHALLOW, DEEP) for seed in range(fits)),
        ]

    def group(self, cell: Cell) -> Hashable:
        """Trained networks of one shape are one batch; other cells of one kind share a tile."""
        return type(cell).__name__, replace(cell, seed=0) if isinstance(cell, Fitted) else None

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """All of one kind."""
        runs: dict[type, Any] = {Sawtooth: compare, Lined: count, Barron: approximate, Square: square, Fitted: fit}
        found: list[Result] = runs[type(cells[0])](cells)
        return found

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """One for each claim."""
        return [
            *of_sawtooth(*of_kind(Sawtooth, cells, results)),
            *of_lines(*of_kind(Lined, cells, results)),
            *of_barron(*of_kind(Barron, cells, results)),
            of_square(*of_kind(Square, cells, results)),
            of_fitted(*of_kind(Fitted, cells, results)),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """The sawtooth itself, and what the panels show of each kind; geometric means over seeds."""
        points = grid(SHOWN)
        target = values(points, SHOWN)
        teeth, shallow = of_kind(Sawtooth, cells, results)
        lines, counts = of_kind(Lined, cells, results)
        barron, errors = of_kind(Barron, cells, results)
        _, squares = of_kind(Square, cells, results)
        shapes = sorted({(cell.depth, cell.width) for cell in lines})
        dimensions = sorted({cell.dimension for cell in barron})
        return {
            "shown": {
                "x": points.tolist(),
                "deep": target.tolist(),
                "shallow": first_teeth(points, target, SHOWN, 3 * SHOWN).tolist(),
            },
            "sawtooth": {
                "folds": [cell.folds for cell in teeth],
                **{key: [one[key] for one in shallow] for key in ("least", "spline", "pieces")},
            },
            "lines": [
                {"depth": depth, "width": width, "units": depth * width, **_of_shape(lines, counts, depth, width)}
                for depth, width in shapes
            ],
            "barron": {
                "widths": list(WIDTHS),
                **{
                    str(dimension): {
                        key: _means([one[key] for cell, one in zip(barron, errors, strict=True) if cell.dimension == dimension])
                        for key in ("sampled", "fitted", "bound")
                    }
                    for dimension in dimensions
                },
            },
            "square": {key: [one[key] for one in squares] for key in ("units", "deep", "shallow")},
        }

    def alt(self, curves: Curves) -> str:
        """The ends of the curves."""
        teeth, last, square_, barron = curves["sawtooth"], curves["lines"][-1], curves["square"], curves["barron"]
        dimension = [key for key in barron if key != "widths"][-1]
        return (
            f"At {teeth['folds'][-1]} folds the best shallow network's error lies between {teeth['least'][-1]:.3g} and "
            f"{teeth['spline'][-1]:.3g}. Random networks of {last['depth']} layers of {last['width']} units have {last['pieces']:.3g} "
            f"pieces along a line, where the bound is {last['bound']:.2g}. In dimension {dimension} the error of {barron['widths'][-1]} "
            f"drawn units is {barron[dimension]['sampled'][-1]:.2g}, Barron's bound {barron[dimension]['bound'][-1]:.2g}. At "
            f"{square_['units'][-1]} units the largest error on x^2 is {square_['deep'][-1]:.2g} in depth and "
            f"{square_['shallow'][-1]:.2g} in width."
        )

    def trap(self) -> Trap:
        """A sawtooth that lacks a fold, among small results of every kind."""
        cells: list[Cell] = [
            *(Sawtooth(folds) for folds in (2, 3)),
            *(Lined(depth, 3, seed) for depth in (1, 2) for seed in range(2)),
            *(Barron(2, seed) for seed in range(2)),
            *(Square(terms) for terms in (1, 2)),
            *(Fitted(shape, 2, seed) for shape in (SHALLOW, DEEP) for seed in range(2)),
        ]
        sound = [result for cell in cells for result in self.run_tile([cell])]
        lacking = compare([Sawtooth(1), Sawtooth(2)])
        faulty: list[Result] = [*({**one, "pieces": less["pieces"]} for one, less in zip(sound[:2], lacking, strict=True)), *sound[2:]]
        return Trap("the deep network lacks one fold", "sawtooth", cells, faulty, sound)


def _of_shape(cells: Sequence[Lined], results: Sequence[Result], depth: int, width: int) -> dict[str, float]:
    kept = [one for cell, one in zip(cells, results, strict=True) if (cell.depth, cell.width) == (depth, width)]
    return {"pieces": float(np.mean([one["pieces"] for one in kept])), "bound": float(kept[0]["bound"])}


def _means(rows: Sequence[Sequence[float]]) -> list[float]:
    return [float(value) for value in np.exp(np.mean(np.log(np.array(rows)), axis=0))]
