"""The study of backpropagation."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.backpropagation.claims import CLAIMS
from genbounds.verification.studies.backpropagation.figure import PANELS
from genbounds.verification.studies.backpropagation.findings import of_backward, of_forward, of_powers, of_recursion
from genbounds.verification.studies.backpropagation.gradients import Checked, compare, drawn, errors_of, jacobians
from genbounds.verification.studies.backpropagation.norms import Normed, measure
from genbounds.verification.studies.backpropagation.powers import Powers, apply
from genbounds.verification.studies.phenomenon import Curves, Extent, Finding, Phenomenon, Trap

SETTINGS = (
    Normed("sigmoid", False, "unit"),
    Normed("sigmoid", True, "unit"),
    Normed("sigmoid", False, 1.0),
    Normed("tanh", False, 1.0),
    Normed("tanh", True, 1.0),
    Normed("relu", False, 2.0),
)
RADII = (0.9, 1.0, 1.1)
WIDTHS: Mapping[Extent, tuple[tuple[int, ...], ...]] = {
    "thumbnail": ((3, 5, 5, 5, 2),),
    "quick": ((3, 5, 5, 5, 2), (4, 8, 8, 8, 8, 8, 8, 3), (2, 3, 7, 7, 4, 4, 1)),
    "full": ((3, 5, 5, 5, 2), (4, 8, 8, 8, 8, 8, 8, 3), (2, 3, 7, 7, 4, 4, 1)),
}
SEEDS: Mapping[Extent, tuple[int, int]] = {"thumbnail": (3, 5), "quick": (12, 30), "full": (40, 60)}
"""Of the checked networks, and of the chains and powers."""
SHAPES: Mapping[Extent, tuple[tuple[int, int], ...]] = {
    "thumbnail": ((30, 20),),
    "quick": ((10, 20), (30, 20), (30, 100), (100, 20)),
    "full": ((10, 20), (30, 20), (30, 100), (100, 20)),
}
"""Depth and width of the chains."""


class Backpropagation(Phenomenon):
    """The recursions against automatic differentiation and difference quotients; the norms of what they carry against their bounds."""

    name = "backpropagation"
    revision = 2
    description = "The recursions of backpropagation against autograd and difference quotients; vanishing and exploding gradients."
    dtype = "float64"
    tile_size = 128
    title: ClassVar[str] = "Backpropagation, and what depth does to gradients"
    claims = CLAIMS
    panels = PANELS
    caption: ClassVar[str] = (
        "Top: the norm of delta through chains of 30 layers, with 0.25^k dashed and the two bounds for the residual chain dotted. "
        "Middle: the norm of the activations going forwards through a sigmoid chain, with the bound, and with the bound without its term "
        "||sigma(0)||. Bottom: the norm of A^L u for matrices of three spectral radii, with lambda^L dashed. The values are geometric "
        "means over the seeds."
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 1.2, "quick": 22.0, "full": 55.0}

    def cells(self) -> Sequence[Cell]:
        """Networks to check, chains, and powers."""
        checked, seeds = SEEDS[self.extent]
        return [
            *(
                Checked(activation, residual, widths, seed)
                for widths in WIDTHS[self.extent]
                for activation in ("sigmoid", "tanh", "relu")
                for residual in (False, True)
                for seed in range(checked)
            ),
            *(
                replace(setting, depth=depth, width=width, seed=seed)
                for depth, width in SHAPES[self.extent]
                for setting in SETTINGS
                for seed in range(seeds)
            ),
            *(Powers(radius, symmetric, seed=seed) for radius in RADII for symmetric in (True, False) for seed in range(seeds)),
        ]

    def group(self, cell: Cell) -> Hashable:
        """Cells that differ in their seed alone are one batch."""
        return type(cell).__name__, replace(cell, seed=0)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """One batch."""
        if isinstance(cells[0], Checked):
            return list(compare(cells))
        return list(measure(cells) if isinstance(cells[0], Normed) else apply(cells))

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """One for each claim."""
        recursions = [
            of_recursion(name, *_kept(cells, results, Checked, residual=residual))
            for name, residual in (("dense recursion", False), ("residual recursion", True))
        ]
        chains = _kept(cells, results, Normed)
        return [*recursions, *of_backward(*chains), *of_forward(*chains), *of_powers(*_kept(cells, results, Powers))]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Geometric means over seeds at depth 30 and width 20, from the top layer down; and the logarithms of ||A^L u||."""
        found: dict[str, Any] = {"backward": {}, "forward": {}, "powers": {}}
        for setting in SETTINGS:
            shape = {"activation": setting.activation, "residual": setting.residual, "scale": setting.scale, "depth": 30, "width": 20}
            chains = _kept(cells, results, Normed, **shape)[1]
            name = f"{setting.activation} {'residual' if setting.residual else 'dense'} {setting.scale}"
            found["backward"][name] = {key: _means(chains, key)[::-1] for key in ("deltas", "upper", "lower")}
            found["forward"][name] = {key: _means(chains, key) for key in ("values", "forward", "without")}
        for radius in RADII:
            powers = _kept(cells, results, Powers, radius=radius, symmetric=False)[1]
            found["powers"][f"{radius:g}"] = np.mean([one["logs"] for one in powers], axis=0).tolist()
        return found

    def alt(self, curves: Curves) -> str:
        """The ends of the curves."""
        ends = {name: curve["deltas"][-1] for name, curve in curves["backward"].items()}
        sigmoid, powers = curves["forward"]["sigmoid dense unit"], curves["powers"]
        return (
            f"After 30 layers the norm of delta has gone from 1 to {ends['sigmoid dense unit']:.2g} in sigmoid networks of norm 1 (0.25^30 "
            f"is {0.25**30:.2g}), to {ends['sigmoid residual unit']:.2g} in residual ones, to {ends['sigmoid dense 1.0']:.2g} in sigmoid "
            f"and {ends['relu dense 2.0']:.2g} in ReLU networks with random weights. Forwards the sigmoid's norm is "
            f"{sigmoid['values'][-1]:.2g}, the bound {sigmoid['forward'][-1]:.2g}, and {sigmoid['without'][-1]:.2g} without its last term. "
            "||A^L u|| ends at " + ", ".join(f"{np.exp(logs[-1]):.2g} for lambda = {radius}" for radius, logs in powers.items()) + "."
        )

    def trap(self) -> Trap:
        """Residual networks, backwards without their skip connections; small real networks and chains, none trained."""
        cells: list[Cell] = [
            *(Checked("tanh", residual, seed=seed) for residual in (False, True) for seed in range(2)),
            *(replace(setting, depth=4, width=3, seed=seed) for setting in SETTINGS for seed in range(2)),
            *(Powers(0.9, symmetric, width=3, depth=10, seed=seed) for symmetric in (True, False) for seed in range(2)),
        ]
        sound: list[Result] = [result for cell in cells for result in self.run_tile([cell])]
        faulty = [_without_skips(cell) if isinstance(cell, Checked) else result for cell, result in zip(cells, sound, strict=True)]
        return Trap("the recursion forgets delta_(j+1) in residual layers", "residual recursion", cells, faulty, sound)


def _without_skips(cell: Checked) -> Result:
    chain, inputs = drawn([cell])
    return errors_of(chain, inputs, jacobians(replace(chain, residual=False), *chain.forward(inputs)))[0]


def _kept(cells: Sequence[Cell], results: Sequence[Result], kind: type, **fields: Any) -> tuple[list[Any], list[Result]]:
    def wanted(cell: Cell) -> bool:
        return isinstance(cell, kind) and all(getattr(cell, field) == value for field, value in fields.items())

    kept = [(cell, result) for cell, result in zip(cells, results, strict=True) if wanted(cell)]
    return [cell for cell, _ in kept], [result for _, result in kept]


def _means(results: Sequence[Result], key: str) -> list[float]:
    """Geometric means by layer; a bound that is 0 somewhere counts as 1e-300."""
    return [float(value) for value in np.exp(np.mean(np.log(np.maximum([one[key] for one in results], 1e-300)), axis=0))]
