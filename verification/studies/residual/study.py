"""Plain and residual networks of width 5 on one-dimensional regression, from 3 to 45 hidden layers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Panel, Phenomenon, Trap
from genbounds.verification.studies.residual import figure, judging
from genbounds.verification.studies.residual.cell import Cells, DepthCell, InterpolationCell
from genbounds.verification.studies.residual.running import interpolate, train_depths

NOTES = "Lecture notes on deep learning, one-dimensional regression with layers of width 5"


class Residual(Phenomenon):
    """Training loss and depth, affine pieces, slices of the loss, and norms of solutions that interpolate."""

    name = "residual"
    revision = 3
    title = "Residual networks of width 5 on the line"
    description = (
        "Plain and residual networks of 3 to 45 layers of width 5 in one-dimensional regression: training, kinks, loss slices, norms."
    )
    tile_size = 64
    claims: ClassVar[tuple[Claim, ...]] = (
        Claim(
            "counts",
            "Networks of D hidden layers of width 5, one of width 1 and an output have 30 D - 12 parameters.",
            NOTES,
            "78, 138, 288, 438, 1338 for 3, 5, 10, 15, 45 layers; 888 for 30",
        ),
        Claim(
            "pieces",
            "A LeakyReLU network is piecewise affine, with at most 2 * 6^D pieces on the line, plain or residual.",
            "Montufar, Pascanu, Cho, Bengio 2014, for one input; derived in residual/pieces.py",
        ),
        Claim("plain", "Deeper plain networks have a larger training loss.", f"{NOTES}; He, Zhang, Ren, Sun 2016, Figure 1"),
        Claim("residual", "Deeper residual networks have a smaller training loss.", f"{NOTES}; He, Zhang, Ren, Sun 2016, Figure 4"),
        Claim("shortcut", "At the largest depth the residual network has a smaller training loss than the plain one.", NOTES),
        Claim("kinked", "Around a solution the loss of a LeakyReLU network has kinks, while that of a tanh network is smooth.", NOTES),
        Claim(
            "convex",
            "Shortcuts make the loss around a solution more nearly convex.",
            "Li, Xu, Taylor, Studer, Goldstein 2018, Visualizing the Loss Landscape of Neural Nets",
        ),
        Claim(
            "norms",
            "Of solutions that interpolate the same data, those with larger norm are farther from the truth.",
            NOTES,
            "norms 72, 540 and 595 with 888 parameters",
        ),
    )
    caption = (
        "From top to bottom: the training loss against depth (means of logarithms over the seeds; the dashed line is the best constant); "
        "fits of LeakyReLU networks with their kinks; log10 of the loss in a random plane around a solution, where each filter of a "
        "direction has the norm of the solution's filter; residual networks of 30 layers that interpolate eight noisy examples (the "
        "dashed line is the truth)."
    )
    panels: ClassVar[tuple[Panel, ...]] = (
        Panel("Training loss and depth", figure.draw_losses, 2.5),
        Panel("Piecewise affine fits and their kinks (LeakyReLU)", figure.draw_fits, 2.3),
        Panel("Loss around a residual solution", figure.draw_planes, 2.4),
        Panel("Solutions that interpolate, 888 parameters", figure.draw_interpolating, 2.4),
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 3, "quick": 34, "full": 66}

    def cells(self) -> Sequence[Cells]:
        """Depths, then interpolation."""
        if self.extent == "thumbnail":
            small = [InterpolationCell(seed, 250, n=4, scales=(1.0, 3.0)) for seed in range(3)]
            return [*(DepthCell(depth, seed, 200, directions=2) for depth in (3, 15) for seed in range(3)), *small]
        quick = self.extent == "quick"
        large = [InterpolationCell(seed, 3000) for seed in range(12 if quick else 24)]
        steps, seeds = (2000, 6) if quick else (3000, 8)
        return [*(DepthCell(depth, seed, steps) for depth in (3, 5, 10, 15, 45) for seed in range(seeds)), *large]

    def group(self, cell: Cells) -> Hashable:
        """Networks that are trained together differ in their seed alone."""
        return (cell.depth, cell.steps) if isinstance(cell, DepthCell) else type(cell).__name__

    def run_tile(self, cells: Sequence[Cells]) -> list[Result]:
        """All networks of one depth, or all that are to interpolate."""
        depths = [cell for cell in cells if isinstance(cell, DepthCell)]
        return list(train_depths(depths) if depths else interpolate([cell for cell in cells if isinstance(cell, InterpolationCell)]))

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """Counts, pieces, losses, slices, norms."""
        measured, interpolating = (judging.of(kind, cells, results) for kind in (DepthCell, InterpolationCell))
        return [
            judging.counted(measured, interpolating),
            judging.pieces(measured),
            *judging.by_depth(measured),
            *judging.landscape(measured),
            judging.norms(interpolating),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Losses by depth, two fits, two planes, and the interpolating solutions of one seed."""
        measured, interpolating = (judging.of(kind, cells, results) for kind in (DepthCell, InterpolationCell))
        return {
            "losses": figure.loss_curves(measured),
            "fits": figure.fit_curves(measured),
            "planes": figure.plane_curves(measured),
            "interpolating": figure.interpolating_curves(interpolating),
        }

    def alt(self, curves: Curves) -> str:
        """Losses at the largest depth, kinks and norms."""
        losses = curves["losses"]
        ends = ", ".join(f"{name} {losses[name][-1]:.2g}" for name in losses if name not in ("depth", "constant"))
        fits = ", ".join(f"{fit['label']} with {len(fit['kinks'][0]) - 2} kinks" for fit in curves["fits"]["shown"])
        norms = ", ".join(f"{one['norm'] ** 2:.3g}" for one in curves["interpolating"]["shown"]) or "none"
        return (
            f"Training loss against depth for four kinds of networks; at depth {losses['depth'][-1]}: {ends}. Fits: {fits}. Maps of the "
            f"loss around two solutions. Fits of interpolating networks, squared norms: {norms}."
        )

    def trap(self) -> Trap:
        """Results in which the plain networks and the residual ones have changed places."""
        cells: list[Cells] = [DepthCell(depth, seed, 10) for depth in (3, 45) for seed in (0, 1, 2)]
        cells += [InterpolationCell(seed, 10) for seed in (0, 1, 2)]
        faulty, sound = ([judging.made_up(cell, works) for cell in cells] for works in (False, True))
        return Trap("plain and residual networks have changed places", "shortcut", cells, faulty, sound)
