"""PAC-Bayes and flatness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.flatness import correlation, figure, gibbs, planted, theorems, training
from genbounds.verification.studies.flatness.cells import GridCell, PairsCell, ScalesCell
from genbounds.verification.studies.phenomenon import Claim, Curves, Finding, Panel, Phenomenon, Trap


class Flatness(Phenomenon):
    """The kl bound, rescaling, individual flatness, and which measure follows the gap over a grid of hyperparameters."""

    name = "flatness"
    revision = 2
    title = "PAC-Bayes and flatness"
    description = (
        "The kl bound, sharpness under rescaling, normalised flatness, individually flat minima, and which measure follows the gap."
    )
    dtype = "float64"
    claims = (
        Claim(
            "kl bound",
            "The Gibbs risk is at most the upper inverse of kl at (KL(Q||P) + ln(xi(n)/delta))/n.",
            "Seeger 2002; Maurer 2004, Theorem 5",
        ),
        Claim(
            "rescaling",
            "For c > 0, multiplying the first layer by c and dividing the second by c leaves the function unchanged, and makes its "
            "sharpness as large as you like.",
            "Dinh, Pascanu, Bengio and Bengio 2017, Theorem 4",
        ),
        Claim(
            "normalised flatness",
            "Normalised flatness and the Fisher-Rao norm do not change when layers are rescaled.",
            "Tsuzuku, Sato and Sugiyama 2020; Liang, Poggio, Rakhlin and Stokes 2019",
        ),
        Claim(
            "Fisher-Rao norm",
            "For a network of L layers without biases, <w, F w> is L^2 times the mean of <gradient in the outputs, outputs>^2.",
            "Liang, Poggio, Rakhlin and Stokes 2019, Theorem 3.1",
        ),
        Claim(
            "individually flat",
            "Of two minima with equal average flatness, the one that is flat for each example has the smaller gap.",
            "Lecture notes: individually flat minima",
        ),
        Claim("largest eigenvalue and gap", "Sharper minima have larger gaps.", "Keskar et al. 2017"),
        Claim("trace and gap", "Minima with a larger trace of the Hessian have larger gaps.", "Hochreiter and Schmidhuber 1997"),
        Claim("normalised flatness and gap", "Larger normalised flatness comes with larger gaps.", "Tsuzuku, Sato and Sugiyama 2020"),
        Claim(
            "gradients of examples and gap",
            "Larger gradients of single examples come with larger gaps.",
            "Lecture notes: individually flat minima",
        ),
        Claim("Fisher-Rao norm and gap", "A larger Fisher-Rao norm comes with a larger gap.", "Liang, Poggio, Rakhlin and Stokes 2019"),
        Claim("kl bound and gap", "A larger PAC-Bayes bound comes with a larger gap.", "Jiang et al. 2020"),
    )
    panels = (
        Panel("One function in many scales", figure.draw_scales, 2.7),
        Panel("Two solutions of equal average flatness", figure.draw_pairs, 2.4),
        Panel("What follows the gap", figure.draw_taus, 2.4),
        Panel("The kl bound", figure.draw_bounds, 2.6),
    )
    caption = (
        "Top: the first layer is multiplied and the second divided by c; the dashed lines are c^2 and c^-2, the growth of the two blocks "
        "of the Hessian. Second: the gap against the mean norm of the gradients of single examples, for two solutions on each sample, "
        "scaled to the same trace. Third: Kendall's tau with the gap, as a mean over the samples with its interval, and where only one "
        "hyperparameter is changed. Bottom: the bound against the risk; they are equal on the dashed line."
    )
    seconds: ClassVar = {"thumbnail": 2.6, "quick": 38.0, "full": 66.0}

    def cells(self) -> Sequence[Cell]:
        """A grid of settings, scales of a few networks, and pairs of solutions."""
        if self.extent == "thumbnail":
            grid = [GridCell(8, batch, step, 0.0, 5, 4, 1000) for batch in (4, 32) for step in (0.05, 0.2)]
            return [*grid, ScalesCell(8, (-2, -1, 0, 1, 2), 5), PairsCell(16, 3, 0.2, 150, 3)]
        networks, steps = {"quick": (6, 800), "full": (10, 1200)}[self.extent]
        extents = [(w, b, s, d) for w in (8, 32) for b in (4, 32) for s in (0.05, 0.2) for d in (0.0, 0.003)]
        return [
            *(GridCell(w, b, s, d, 15, networks, 10_000) for w, b, s, d in extents),
            *(ScalesCell(16, (-3, -2, -1, 0, 1, 2, 3), 20, seed) for seed in range(networks)),
            PairsCell(16, 3, 0.2, steps, networks),
        ]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Each cell is one ensemble."""
        return [_MEASURE[type(cell)](cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """Theorems, individual flatness, and the rank associations."""
        grid, scales, pairs = _by_kind(cells, results)
        return [
            theorems.kl_bound(grid),
            theorems.rescaling(scales),
            theorems.invariant(scales),
            theorems.fisher(scales),
            theorems.individually_flat(pairs),
            *correlation.findings(grid),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Scales of the first network, pairs, taus, and the best bound of each network."""
        grid, scales, pairs = _by_kind(cells, results)
        cell, one = scales[0]
        names = ("sharpness", "trace", "gradient", "normalised", "fisher")
        middle = cell.exponents.index(0)
        best = [(np.array(result["bound"]), np.array(result["lower"]), np.array(result["upper"])) for _, result in grid]
        return {
            "scales": {
                "c": [2.0**k for k in cell.exponents],
                **{name: [value / one[name][middle] for value in one[name]] for name in names},
            },
            "pairs": {name: pairs[0][1][name] for name in ("gradient", "gap")} | {"widths": [pairs[0][0].wide, pairs[0][0].narrow]},
            "taus": correlation.curves(grid),
            "bounds": {
                "scale": list(gibbs.SCALES),
                "bound": [np.concatenate([bound[place] for bound, _, _ in best]).tolist() for place in range(len(gibbs.SCALES))],
                "risk": [np.concatenate([lower[place] for _, lower, _ in best]).tolist() for place in range(len(gibbs.SCALES))],
            },
        }

    def alt(self, curves: Curves) -> str:
        """The largest factors under rescaling, and the taus."""
        scales = curves["scales"]
        taus = ", ".join(f"{name} {found['tau']:.2g}" for name, found in curves["taus"].items())
        return (
            f"At c = {scales['c'][-1]:g} the largest eigenvalue of the Hessian is {scales['sharpness'][-1]:.3g} times what it was, the "
            f"normalised flatness {scales['normalised'][-1]:.3g} times. Kendall's tau with the gap: {taus}. The least "
            f"kl bound is {min(min(row) for row in curves['bounds']['bound']):.2g}."
        )

    def trap(self) -> Trap:
        """A flatness that was not normalised: it changes with the scale."""
        cells, sound = planted.made_up()
        faulty = [{**result, "normalised": result["trace"]} if "block" in result else result for result in sound]
        return Trap("the norms left out of the normalised flatness", "normalised flatness", cells, faulty, sound)


def _by_kind(cells: Sequence[Cell], results: Sequence[Result]) -> tuple[Any, Any, Any]:
    found = list(zip(cells, results, strict=True))
    grid, scales, pairs = ([pair for pair in found if isinstance(pair[0], kind)] for kind in _MEASURE)
    return grid, scales, pairs


_MEASURE: dict[type, Any] = {GridCell: training.grid, ScalesCell: training.scales, PairsCell: training.pairs}
