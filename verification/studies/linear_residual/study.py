"""The study of linear residual networks."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

import numpy as np

from genbounds.verification.checks.effects import mean_effect
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.linear_residual.figure import PANELS
from genbounds.verification.studies.linear_residual.networks import DIMENSION, STEP, STEPS, LinearCell, results_of, theory
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Phenomenon, Trap

ROUNDING = 1e-10
"""Relative error allowed to products of a few dozen small matrices in float64; a factor forgotten shows as one of order 1."""


class LinearResidual(Phenomenon):
    """Gradients by the formula and by autograd, the least gradient compared with the loss, and training in both forms."""

    name = "linear_residual"
    revision = 2
    title = "Linear residual networks"
    description = (
        "While every block is small, the global minimum is the only stationary point of a linear residual network; plain networks have "
        "others."
    )
    dtype = "float64"
    tile_size = 32
    claims = (
        Claim(
            "gradient",
            "The gradient of the loss in the i-th block is 2 P^T E Sigma Q^T, with P and Q the products of the factors above and below it.",
            "Hardt and Ma 2017, proof of Theorem 2.2",
        ),
        Claim(
            "no other stationary point",
            "While every ||A_i|| is at most tau < 1, ||grad f||^2 >= 4 L (1 - tau)^(2(L-1)) s f, where s is the least eigenvalue of the "
            "inputs' second moments: the gradient vanishes at the global minimum alone, and at tau = 1/L the factor is at least e^(-2) "
            "at any depth.",
            "Hardt and Ma 2017, Theorem 2.2",
        ),
        Claim(
            "the standard form has one",
            "The same map written as W_L ... W_1 has a stationary point other than the global minimum: all W_i = 0, if L is 2 or more.",
            "Kawaguchi 2016, Corollary 2.4; Hardt and Ma 2017, section 2",
        ),
        Claim(
            "training",
            "From blocks near 0, gradient descent on the residual form reaches a hundredth of its first loss, while the standard form of "
            "three or more layers, started at the same distance from 0, still has more than half of its first loss: its Hessian also "
            "vanishes at 0.",
            "Hardt and Ma 2017, section 2; Kawaguchi 2016, Theorem 2.3",
        ),
    )
    panels = PANELS
    caption = (
        "Above: the squared gradient divided by 4 L s f at networks whose blocks have norm at most tau: random ones, those where a "
        "search made it least, and those where the theorem holds with equality; the dashed lines are the theorem's bounds, which are "
        "steeper for deeper networks. Below: the loss while gradient descent trains both forms from the same distance to 0."
    )
    seconds: ClassVar = {"thumbnail": 2.0, "quick": 30.0, "full": 60.0}

    def cells(self) -> Sequence[LinearCell]:
        """Depths and radii; more networks, a longer search and more seeds in larger sizes."""
        sizes: dict[Extent, tuple[int, int, int]] = {"thumbnail": (8, 10, 3), "quick": (64, 100, 8), "full": (64, 100, 16)}
        points, descents, seeds = sizes[self.extent]
        radii = (0.5, 1.0, 1.5) if self.extent == "thumbnail" else (0.25, 0.5, 1.0, 1.5)
        return [LinearCell(depth, scale, points, descents, seed) for seed in range(seeds) for depth in (2, 4, 8) for scale in radii]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """All networks of the cells as one batch."""
        return results_of(cells)

    def group(self, cell: Cell) -> Hashable:
        """Networks of one depth are one batch."""
        return cell.depth, cell.points, cell.descents

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """Three verdicts of theorems, and the effect on training."""
        depths = sorted({cell.depth for cell in cells})
        networks = sum(2 * cell.points for cell in cells)
        sizes = (
            f"L in {depths}, {DIMENSION} inputs, tau from {min(c.tau_scale for c in cells):g}/L to {max(c.tau_scale for c in cells):g}/L"
        )
        error = max(result["gradient_error"] for result in results)
        promised = [theory(cell.depth, cell.tau_scale / cell.depth) for cell in cells]
        slack = [result["least_ratio"] / least for result, least in zip(results, promised, strict=True)]
        attained = min(result["attained"] / least for result, least in zip(results, promised, strict=True))
        zero, lost = max(result["gradient_at_zero"] for result in results), min(result["loss_at_zero"] for result in results)
        residual = mean_effect(_by_seed(cells, results, "residual_end"))
        deep = [place for place, cell in enumerate(cells) if cell.depth >= 3]
        plain = mean_effect(_by_seed([cells[place] for place in deep], [results[place] for place in deep], "plain_end"))
        shallow = [result["plain_end"] for cell, result in zip(cells, results, strict=True) if cell.depth < 3]
        both = residual.below(0.01), plain.above(0.5)
        trained = next((one for one in both if one != "reproduced"), both[0])
        return [
            Finding(
                "gradient",
                Verdict.REFUTED if error > ROUNDING else Verdict.NOT_REFUTED,
                f"the largest relative difference between formula and autograd over {networks} networks is {error:.1e}",
                sizes,
            ),
            Finding(
                "no other stationary point",
                Verdict.REFUTED if min(*slack, attained) < 1 - ROUNDING else Verdict.NOT_REFUTED,
                f"the least quotient of the two sides over {networks} networks, half of them moved to make it least, is {min(slack):.3g}, "
                f"and the theorem says that it is at least 1; at A_i = -tau I and white inputs it is {attained:.9g}, so the constant "
                "cannot be improved",
                sizes,
            ),
            Finding(
                "the standard form has one",
                Verdict.REFUTED if zero > 0 or lost <= 0 else Verdict.NOT_REFUTED,
                f"at W = 0 every gradient is exactly {zero:g} while the loss is at least {lost:.3g} and its global minimum is 0",
                sizes,
            ),
            Finding(
                "training",
                trained,
                f"after {STEPS} steps the residual form has {residual} of its first loss, the standard form of three or more layers "
                f"{plain} (95 % over {len({cell.seed for cell in cells})} seeds)"
                + (f"; that of two layers, whose Hessian at 0 does not vanish, {np.mean(shallow):.2g}" if shallow else ""),
                f"{sizes}, step size {STEP}/L",
            ),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """The least quotients by depth and radius, and the losses of the first seed."""
        depths = sorted({cell.depth for cell in cells})
        found = list(zip(cells, results, strict=True))
        least = {}
        for depth in depths:
            radii = sorted({cell.tau_scale for cell in cells if cell.depth == depth})
            least[str(depth)] = {
                "tau": [scale / depth for scale in radii],
                "random": [min(r["random_ratio"] for c, r in found if (c.depth, c.tau_scale) == (depth, scale)) for scale in radii],
                "attained": [min(r["attained"] for c, r in found if (c.depth, c.tau_scale) == (depth, scale)) for scale in radii],
                "searched": [min(r["least_ratio"] for c, r in found if (c.depth, c.tau_scale) == (depth, scale)) for scale in radii],
            }
        first = [(cell, result) for cell, result in found if cell.seed == cells[0].seed and cell.tau_scale == cells[0].tau_scale]
        losses = {str(cell.depth): {"residual": result["residual"], "plain": result["plain"]} for cell, result in first}
        return {"least": least, "losses": losses}

    def alt(self, curves: Curves) -> str:
        """The least quotient at each depth, and the last losses."""
        least = "; ".join(f"L = {depth}: least quotient {min(found['searched']):.3g}" for depth, found in curves["least"].items())
        ends = "; ".join(
            f"L = {depth}: residual {found['residual'][-1]:.2g}, standard {found['plain'][-1]:.2g}"
            for depth, found in curves["losses"].items()
        )
        return f"Squared gradient over 4 L s f. {least}. Last loss over the first. {ends}."

    def trap(self) -> Trap:
        """A gradient that misses one of its L terms where the theorem is tight: less than it promises."""
        cell = LinearCell(4, 1.0, 1, 0)
        promised = theory(4, 0.25)
        sound = {
            "gradient_error": 1e-15,
            "random_ratio": 1.0,
            "least_ratio": promised,
            "attained": promised,
            "gradient_at_zero": 0.0,
            "loss_at_zero": 1.0,
            "residual": [1.0, 0.001],
            "plain": [1.0, 0.9],
            "residual_end": 0.001,
            "plain_end": 0.9,
        }
        cells = [cell, LinearCell(4, 1.0, 1, 0, seed=1)]
        return Trap(
            "one of the four blocks left out of the squared gradient",
            "no other stationary point",
            cells,
            [{**sound, "least_ratio": 0.75 * promised}, sound],
            [sound, sound],
        )


def _by_seed(cells: Sequence[Cell], results: Sequence[Result], name: str) -> list[float]:
    """The mean over the cells of each seed."""
    seeds = sorted({cell.seed for cell in cells})
    return [float(np.mean([r[name] for c, r in zip(cells, results, strict=True) if c.seed == seed])) for seed in seeds]
