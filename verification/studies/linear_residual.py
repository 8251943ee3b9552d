"""Linear residual networks: no stationary point but the global minimum while every block is small; the standard form has another one.

A network x -> (I + A_L) ... (I + A_1) x is fitted to x -> R x under the loss f(A) = E||((I + A_L) ... (I + A_1) - R) x||^2, with
Sigma = E[x x^T] and E = (I + A_L) ... (I + A_1) - R. With P the product of the factors above the i-th and Q of those below it, the
gradient in A_i is 2 P^T E Sigma Q^T: f is the square of a norm of E, and E moves by P dA_i Q.

Where every spectral norm ||A_i|| is at most tau < 1, the least singular value of every factor is at least 1 - tau, so that
||2 P^T E Sigma Q^T||_F >= 2 (1 - tau)^(L-1) ||E Sigma||_F, and ||E Sigma||_F^2 >= s ||E Sigma^(1/2)||_F^2 = s f with s the least
eigenvalue of Sigma. The sum over the L blocks is Hardt and Ma's inequality: ||grad f||^2 >= 4 L (1 - tau)^(2 (L-1)) s f. With A_i = -tau I
and Sigma = s I both sides are equal. At tau = 1/L the factor is at least e^(-2), whatever the depth.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.effects import mean_effect
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report.drawing import BASELINE, BOUND, INK, RISK
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Panel, Phenomenon, Trap

ROUNDING = 1e-10
"""Relative error allowed to products of a few dozen small matrices in float64; a factor forgotten shows as one of order 1."""
DIMENSION = 5
STEP, STEPS = 0.02, 300
"""Of the training that is drawn: the step size times the depth, and the number of steps."""
COLOURS = ((BOUND, "o"), (BASELINE, "s"), (RISK, "^"), ("#CC79A7", "D"))


@dataclass(frozen=True)
class LinearCell:
    """Blocks of spectral norm at most tau_scale/depth, drawn at random and then moved to where the gradient is smallest beside the loss.

    Args:
        depth: number of blocks L.
        tau_scale: tau times L; below L, so that tau < 1.
        points: networks that are drawn.
        descents: steps that move them.
        seed: another seed is other networks and another target.
    """

    depth: int
    tau_scale: float
    points: int
    descents: int
    seed: int = 0


class LinearResidual(Phenomenon):
    """Gradients by the formula and by autograd, the least gradient beside the loss, and training in both forms."""

    name = "linear_residual"
    revision = 1
    title = "Linear residual networks"
    description = "Linear residual networks have no stationary point but the global minimum while every block is small; plain ones have."
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
            "While every ||A_i|| is at most tau < 1, ||grad f||^2 >= 4 L (1 - tau)^(2(L-1)) s f with s the least eigenvalue of the inputs' "
            "second moments: the gradient vanishes at the global minimum alone, and at tau = 1/L "
            "the factor is at least e^(-2) at any depth.",
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
            "three layers and more, at the same distance from 0, still has more than half of its own: its Hessian there vanishes too.",
            "Hardt and Ma 2017, section 2; Kawaguchi 2016, Theorem 2.3",
        ),
    )
    caption = (
        "Above: the squared gradient over 4 L s f at networks whose blocks have norm tau at most: at random, where a search "
        "made it least, and where it is attained; the dashed lines are the theorem, steeper for deeper networks. Below: "
        "the loss while gradient descent trains both forms from the same distance to 0."
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
        return _results(cells)

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
        promised = [_theory(cell.depth, cell.tau_scale / cell.depth) for cell in cells]
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
                f"and must be at least 1; at A_i = -tau I and white inputs it is {attained:.9g}, so the constant cannot be improved",
                sizes,
            ),
            Finding(
                "the standard form has one",
                Verdict.REFUTED if zero > 0 or lost <= 0 else Verdict.NOT_REFUTED,
                f"at W = 0 every gradient is exactly {zero:g} while the loss is at least {lost:.3g} and the global minimum 0",
                sizes,
            ),
            Finding(
                "training",
                trained,
                f"after {STEPS} steps the residual form has {residual} of its first loss, the standard form of three layers and more "
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
        sound = {
            "gradient_error": 1e-15,
            "random_ratio": 1.0,
            "least_ratio": 1.01 * _theory(4, 0.25),
            "attained": _theory(4, 0.25),
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
            [{**sound, "least_ratio": 0.75 * sound["least_ratio"]}, sound],  # type: ignore[operator]
            [sound, sound],
        )


def _theory(depth: int, tau: float) -> float:
    """What the squared gradient over 4 L s f is at least."""
    return float((1 - tau) ** (2 * (depth - 1)))


def _by_seed(cells: Sequence[Cell], results: Sequence[Result], name: str) -> list[float]:
    """The mean over the cells of each seed."""
    seeds = sorted({cell.seed for cell in cells})
    return [float(np.mean([r[name] for c, r in zip(cells, results, strict=True) if c.seed == seed])) for seed in seeds]


def products(blocks: Tensor) -> Tensor:
    """(I + A_L) ... (I + A_1) for blocks of shape (networks, L, d, d)."""
    eye = torch.eye(blocks.shape[-1], dtype=blocks.dtype)
    total = eye.expand(len(blocks), -1, -1)
    for block in range(blocks.shape[1]):
        total = (eye + blocks[:, block]) @ total
    return total


def loss(blocks: Tensor, target: Tensor, moments: Tensor) -> Tensor:
    """f of each network: the trace of E Sigma E^T."""
    error = products(blocks) - target
    return ((error @ moments) * error).sum((-1, -2))


def formula(blocks: Tensor, target: Tensor, moments: Tensor) -> Tensor:
    """2 P^T E Sigma Q^T for every block of every network, by the products from both ends."""
    eye = torch.eye(blocks.shape[-1], dtype=blocks.dtype)
    factors = (eye + blocks).unbind(1)
    below, above = [eye.expand(len(blocks), -1, -1)], [eye.expand(len(blocks), -1, -1)]
    for factor in factors:
        below.append(factor @ below[-1])
    for factor in reversed(factors):
        above.append(above[-1] @ factor)
    right = (below[-1] - target) @ moments
    depth = len(factors)
    return torch.stack([2 * above[depth - 1 - i].mT @ right @ below[i].mT for i in range(depth)], 1)


def _ratio(blocks: Tensor, target: Tensor, moments: Tensor, least: Tensor) -> Tensor:
    """The squared gradient over 4 L s f."""
    squared = formula(blocks, target, moments).square().sum((1, 2, 3))
    return squared / (4 * blocks.shape[1] * least * loss(blocks, target, moments))


def _into_the_ball(blocks: Tensor, tau: Tensor) -> Tensor:
    """Scale down every block whose spectral norm is above the tau of its network."""
    norms = torch.linalg.eigvalsh(blocks.mT @ blocks)[..., -1].clamp(min=1e-300).sqrt()
    return blocks * (tau[:, None] / norms).clamp(max=1.0)[..., None, None]


@dataclass(frozen=True)
class _Drawn:
    """The networks of some cells of one depth: ``blocks`` has shape (cells * points, L, d, d), ``start`` a row for each cell, the rest one
    for each network.
    """

    blocks: Tensor
    start: Tensor
    target: Tensor
    moments: Tensor
    tau: Tensor
    least: Tensor


def _drawn(cells: Sequence[LinearCell]) -> _Drawn:
    parts: list[_Drawn] = []
    for cell in cells:
        stream, shape = Stream("linear residual", "networks").sub(str(cell.seed)), (cell.depth, DIMENSION, DIMENSION)
        tau = torch.full((cell.points,), cell.tau_scale / cell.depth, dtype=torch.float64)
        blocks = stream.sub("blocks").normal(range(cell.points), 0, cell.depth * DIMENSION**2).double().reshape(-1, *shape)
        start = stream.sub("start").normal([0], 0, cell.depth * DIMENSION**2).double().reshape(1, *shape)
        target = stream.sub("target").normal(range(DIMENSION), 0, DIMENSION).double()
        inputs = stream.sub("inputs").normal(range(50), 0, DIMENSION).double()
        moments = inputs.mT @ inputs / 50
        target = torch.eye(DIMENSION, dtype=torch.float64) + 0.5 * target / DIMENSION**0.5
        least = torch.linalg.eigvalsh(moments)[0]
        blocks = _into_the_ball(blocks * tau[:, None, None, None], tau)
        many = [one.expand(cell.points, *one.shape) for one in (target, moments, least)]
        parts.append(_Drawn(blocks, 0.1 * start / DIMENSION, many[0], many[1], tau, many[2]))
    return _Drawn(
        *(torch.cat([getattr(part, name) for part in parts]) for name in ("blocks", "start", "target", "moments", "tau", "least"))
    )


def _results(cells: Sequence[LinearCell]) -> list[Result]:
    """All networks of cells that agree in depth, points and length of the search as one batch."""
    drawn = _drawn(cells)
    random = _ratio(drawn.blocks, drawn.target, drawn.moments, drawn.least)
    moved = _searched(drawn, cells[0].descents)
    searched = _ratio(moved, drawn.target, drawn.moments, drawn.least)
    error = torch.maximum(_gradient_error(drawn.blocks, drawn), _gradient_error(moved, drawn))
    eye, points = torch.eye(DIMENSION, dtype=torch.float64), cells[0].points
    first = slice(None, None, points)  # one network of each cell: what is trained, and W = 0, where I + A_i vanishes
    target, moments = drawn.target[first], drawn.moments[first]
    zero = (-eye).expand(len(cells), cells[0].depth, -1, -1)
    plain, residual = (_trained(start, target, moments) for start in (drawn.start + zero, drawn.start))
    white = -drawn.tau[first, None, None, None] * eye.expand(len(cells), cells[0].depth, -1, -1)
    attained = _ratio(white, target, eye, torch.ones(1, dtype=torch.float64))
    gradient, lost = formula(zero, target, moments).abs().amax((1, 2, 3)), loss(zero, target, moments)
    return [
        {
            "gradient_error": float(error[own].max()),
            "random_ratio": float(random[own].min()),
            "least_ratio": float(torch.minimum(random, searched)[own].min()),
            "attained": float(attained[place]),
            "gradient_at_zero": float(gradient[place]),
            "loss_at_zero": float(lost[place]),
            "residual": residual[place],
            "plain": plain[place],
            "residual_end": residual[place][-1],
            "plain_end": plain[place][-1],
        }
        for place, own in enumerate(slice(place * points, (place + 1) * points) for place in range(len(cells)))
    ]


def _gradient_error(blocks: Tensor, drawn: _Drawn) -> Tensor:
    """The largest difference of an entry of the gradient by the formula and by autograd, over the largest entry."""
    free = blocks.clone().requires_grad_()
    (found,) = torch.autograd.grad(loss(free, drawn.target, drawn.moments).sum(), free)
    difference = (formula(blocks, drawn.target, drawn.moments) - found).abs().amax((1, 2, 3))
    return difference / found.abs().amax((1, 2, 3))


def _searched(drawn: _Drawn, steps: int) -> Tensor:
    """The networks moved within the ball to where the squared gradient is least beside the loss."""
    moved = drawn.blocks
    for _ in range(steps):
        free = moved.clone().requires_grad_()
        (slope,) = torch.autograd.grad(_ratio(free, drawn.target, drawn.moments, drawn.least).log().sum(), free)
        length = slope.square().sum((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-12)
        moved = _into_the_ball(moved - 0.1 * drawn.tau[:, None, None, None] * slope / length, drawn.tau)
    return moved


def _trained(start: Tensor, target: Tensor, moments: Tensor) -> list[list[float]]:
    """The losses of gradient descent from each start over its first one, at every tenth step."""
    blocks, losses = start, []
    for step in range(STEPS + 1):
        if step % 10 == 0:
            losses.append(loss(blocks, target, moments))
        blocks = blocks - STEP / start.shape[1] * formula(blocks, target, moments)
    return (torch.stack(losses, 1) / losses[0][:, None]).tolist()  # type: ignore[no-any-return]


def _draw_least(ax: Axes, curves: Curves) -> None:
    for (depth, found), (colour, marker) in zip(curves["least"].items(), COLOURS, strict=False):
        ax.plot(found["tau"], found["random"], marker, color=colour, markersize=5, fillstyle="none", label=f"L = {depth}, at random")
        ax.plot(found["tau"], found["attained"], "x", color=colour, markersize=5, label=f"L = {depth}, attained")
        ax.plot(found["tau"], found["searched"], marker, color=colour, markersize=5, label=f"L = {depth}, least found")
        tau = np.linspace(0, max(found["tau"]), 50)
        ax.plot(tau, [_theory(int(depth), one) for one in tau], "--", color=INK, linewidth=1)
    ax.set_yscale("log")
    ax.set_ylim(top=30)  # room for the legend
    ax.set_xlabel("tau: the largest spectral norm of a block")
    ax.set_ylabel("squared gradient over 4 L s f")
    ax.legend(fontsize=7, frameon=False, ncols=3, loc="upper center", columnspacing=1.0, handletextpad=0.3)


def _draw_losses(ax: Axes, curves: Curves) -> None:
    for (depth, found), (colour, marker) in zip(curves["losses"].items(), COLOURS, strict=False):
        steps = [10 * place for place in range(len(found["residual"]))]
        ax.plot(steps, found["residual"], color=colour, marker=marker, markevery=5, markersize=4, label=f"L = {depth}, residual")
        ax.plot(
            steps, found["plain"], color=colour, linestyle=":", marker=marker, markevery=5, markersize=4, label=f"L = {depth}, standard"
        )
    ax.set_yscale("log")
    ax.set_xlabel("step of gradient descent (number of steps)")
    ax.set_ylabel("loss over the first loss")
    ax.legend(fontsize=7, frameon=False, ncols=1)


LinearResidual.panels = (Panel("The gradient beside the loss", _draw_least, 3.0), Panel("Training from blocks near 0", _draw_losses, 2.8))
