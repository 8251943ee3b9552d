"""The scale 1/sqrt(L) of a residual branch against 1, L^(-1/4) and no shortcut: output norms, products over windows, training."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.depth_scaling import figure, judging
from genbounds.verification.studies.depth_scaling.cell import LABELS, SCALINGS, Cells, OutputCell, TrainingCell, WindowCell
from genbounds.verification.studies.depth_scaling.initialisation import output_norms, windows
from genbounds.verification.studies.depth_scaling.training import train
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Panel, Phenomenon, Trap

SOURCE = "Zhang, Yu, Yi, Chen, Liu 2019, Stability and Convergence Theory for Learning ResNet"


class DepthScaling(Phenomenon):
    """Residual networks h_l = max(0, h_(l-1) + tau W_l h_(l-1)) of many layers, tau between 1 and 1/sqrt(L)."""

    name = "depth_scaling"
    revision = 2
    title = "The scale of a residual branch: τ = 1/√L"
    description = (
        "The norm of the output, products over windows of layers, and training of deep residual networks whose branches are scaled."
    )
    tile_size = 64
    claims: ClassVar[tuple[Claim, ...]] = (
        Claim(
            "linear",
            "Without an activation E||h_L||^2 = (1 + 2 tau^2)^L ||h_0||^2 for weights of He's initialisation.",
            "Zhang, Yu, Yi, Chen, Liu 2019, the forward process; derived in depth_scaling/limits.py",
        ),
        Claim(
            "relu",
            "With ReLU E||h_L||^2 lies between (1 + tau^2)^L and (1 + 2 tau^2)^L times ||h_0||^2.",
            "Zhang, Yu, Yi, Chen, Liu 2019, the forward process; derived in depth_scaling/limits.py",
        ),
        Claim("stable", "With tau = 1/sqrt(L) the output's norm at initialisation does not grow with the depth.", SOURCE),
        Claim(
            "explodes",
            ("With tau = L^(-1/2 + c) the output's norm at initialisation grows at least as L^c; here c = 1/4."),
            f"{SOURCE}, the converse",
        ),
        Claim(
            "product",
            "||(I + tau W_b) ... (I + tau W_a)|| is at most the product of the 1 + tau ||W_l||, over every window.",
            "The triangle inequality",
        ),
        Claim("windows", "With tau = 1/sqrt(L) the largest spectral norm over all windows does not grow with the depth.", SOURCE),
        Claim(
            "training",
            "Without normalisation the deep network with tau = 1/sqrt(L) trains better than those with tau = 1 and L^(-1/4) and the "
            "one without a shortcut.",
            f"{SOURCE}, experiments",
        ),
        Claim(
            "normalised",
            "Batch normalisation of the branch makes the deep residual network with tau = 1 trainable.",
            "Ioffe, Szegedy 2015, and He, Zhang, Ren, Sun 2016, whose residual networks have it",
        ),
        Claim(
            "both",
            "With batch normalisation, too, tau = 1/sqrt(L) has a smaller test error than tau = 1.",
            f"{SOURCE}, experiments",
        ),
    )
    caption = (
        "Top: the logarithm of the output's norm divided by the input's at initialisation (width 128); the dashed line is (1 + "
        "2τ²)^(L/2), as in the theory. Middle: the largest spectral norm of (I + τW_b)...(I + τW_a) over all windows of layers a to b; "
        "the dashed line is the product of the 1 + τ||W|| for τ = 1/√L. Bottom: the training loss on the digits, with the best of three "
        "step sizes for each network; the dashed line is ln 10, the loss of guessing."
    )
    panels: ClassVar[tuple[Panel, ...]] = (
        Panel("Norm of the output at initialisation", figure.draw_output, 2.7),
        Panel("Largest spectral norm over all windows of layers", figure.draw_windows, 2.5),
        Panel("Training without normalisation", figure.draw_training, 2.2),
        Panel("Training with batch normalisation", figure.draw_normalised_training, 2.0),
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 3, "quick": 45, "full": 70}

    def cells(self) -> Sequence[Cells]:
        """Outputs, windows, training."""
        seeds = range({"thumbnail": 3, "quick": 5, "full": 8}[self.extent])
        few = seeds[:5]
        outputs = {"thumbnail": (10, 30, 100), "quick": (10, 30, 100, 300, 1000), "full": (10, 30, 100, 300, 1000)}[self.extent]
        depths = {"thumbnail": (4, 8, 16), "quick": (4, 8, 16, 32, 64), "full": (4, 8, 16, 32, 64)}[self.extent]
        return [
            *(OutputCell(depth, seed) for depth in outputs for seed in seeds),
            *(WindowCell(depth, seed, normalised) for normalised in (False, True) for depth in depths for seed in few),
            *(cell for normalised in (False, True) for cell in self._training(few, normalised)),
        ]

    def _training(self, seeds: Sequence[int], normalised: bool) -> Sequence[TrainingCell]:
        if self.extent == "thumbnail":
            return [TrainingCell(16, seed, normalised, steps=15, n=128, batch=32) for seed in seeds]
        return [TrainingCell(50 if self.extent == "quick" else 100, seed, normalised) for seed in seeds]

    def group(self, cell: Cells) -> Hashable:
        """Networks that are trained together differ in their seed alone."""
        return (cell.depth, cell.normalised) if isinstance(cell, TrainingCell) else type(cell).__name__

    def run_tile(self, cells: Sequence[Cells]) -> list[Result]:
        """Training cells of one tile as one ensemble, the others one by one."""
        trained = [cell for cell in cells if isinstance(cell, TrainingCell)]
        if trained:
            return list(train(trained))
        return [
            output_norms(cell) if isinstance(cell, OutputCell) else windows(cell) for cell in cells if not isinstance(cell, TrainingCell)
        ]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """The two laws of the norm, the two of its growth, the windows, the training."""
        outputs, products, training = (judging.of(kind, cells, results) for kind in (OutputCell, WindowCell, TrainingCell))
        return [
            *judging.laws(outputs, self.alpha),
            *judging.growth(outputs),
            *judging.products(products),
            *judging.trained(training),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Means over the seeds."""
        outputs, products, training = (judging.of(kind, cells, results) for kind in (OutputCell, WindowCell, TrainingCell))
        return {
            "output": figure.output_curves(outputs),
            "windows": figure.window_curves(products),
            "training": figure.training_curves(training),
        }

    def alt(self, curves: Curves) -> str:
        """The norms at the largest depth, and the losses at the end."""
        output, last = curves["output"], curves["training"]["plain"]
        ends = ", ".join(f"{LABELS[name]}: {output['relu'][name][-1]:.2g}" for name in SCALINGS)
        losses = ", ".join(f"{LABELS[name]}: {last[name][-1]:.2f}" for name in SCALINGS)
        return (
            f"Logarithm of the output's norm against the depth for four scalings; at depth {output['depth'][-1]}: {ends}. Largest "
            f"spectral norm over windows against the depth. Training loss against steps; without normalisation at the end: {losses}."
        )

    def trap(self) -> Trap:
        """Layers whose weights have half their variance: the factor is 1 + tau^2."""
        cells: list[Cells] = [OutputCell(depth, seed) for depth in (10, 100) for seed in (0, 1)]
        cells += [WindowCell(depth, seed, normalised) for normalised in (False, True) for depth in (4, 8) for seed in (0, 1)]
        cells += [TrainingCell(16, seed, normalised) for normalised in (False, True) for seed in (0, 1)]
        faulty, sound = ([judging.made_up(cell, variance) for cell in cells] for variance in (1.0, 2.0))
        return Trap("weights of variance 1/width in place of 2/width", "linear", cells, faulty, sound)
