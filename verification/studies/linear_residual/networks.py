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

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.randomness.streams import Stream
from genbounds.verification.runs.cells import Result

DIMENSION = 5
STEP, STEPS = 0.02, 300
"""Of the training that is drawn: the step size times the depth, and the number of steps."""


@dataclass(frozen=True)
class LinearCell:
    """Blocks of spectral norm at most tau_scale/depth, drawn at random, then moved to where the gradient is smallest relative to the loss.

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


def theory(depth: int, tau: float) -> float:
    """What the squared gradient over 4 L s f is at least."""
    return float((1 - tau) ** (2 * (depth - 1)))


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
    norms: Tensor = torch.linalg.eigvalsh(blocks.mT @ blocks)[..., -1].clamp(min=1e-300).sqrt()
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


def results_of(cells: Sequence[LinearCell]) -> list[Result]:
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
    """The networks moved within the ball to where the squared gradient is least compared with the loss."""
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
    found: list[list[float]] = (torch.stack(losses, 1) / losses[0][:, None]).tolist()
    return found
