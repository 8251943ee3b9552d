"""Stochastic gradient descent, with momentum or Adam's moments, of one tile of an ensemble."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from genbounds.models.ensemble.backpropagation import DenseKind, Kind, Program
from genbounds.models.ensemble.batches import BatchRows
from genbounds.models.ensemble.recipe import Adam, Recipe
from genbounds.models.ensemble.samples import IndexSamples, Samples
from genbounds.models.networks.activations import slope_below_zero

if TYPE_CHECKING:
    from genbounds.models.ensemble.compiled import CompiledSteps

_BLOCK_DRAWS = 1 << 16  # minibatch draws made ahead: 512 KiB of indices
_BLOCK_OPERATIONS = 10**10  # between two reports: a fifth of a second
_CHUNK_ELEMENTS = 1 << 21  # activations at a time in a pass over the whole pool


@dataclass(frozen=True, eq=False)
class Pool:
    """The examples that samples point into: inputs (N, d) in the ensemble's dtype, loss targets (N, C), classes (N,)."""

    inputs: Tensor
    targets: Tensor
    classes: Tensor


@dataclass(frozen=True, eq=False)
class TileState:
    """The parameters of a tile's networks (views into the ensemble's, changed in place), and the averages that go with them.

    ``velocities``: for momentum, or Adam's first moments. ``squares``: Adam's second moments. Both may be empty.
    """

    kind: Kind
    parameters: Sequence[Tensor]
    velocities: Sequence[Tensor]
    squares: Sequence[Tensor]

    def rows(self, rows: slice | Tensor) -> TileState:
        """Some of the networks: views for a slice, copies for indices."""
        own = ([tensor[rows] for tensor in tensors] for tensors in (self.parameters, self.velocities, self.squares))
        return TileState(self.kind, *own)

    def put(self, rows: Tensor, state: TileState) -> None:
        """Copy the state of some of the networks, as ``rows`` gave it, back to where it came from."""
        for mine, theirs in ((self.parameters, state.parameters), (self.velocities, state.velocities), (self.squares, state.squares)):
            for target, source in zip(mine, theirs, strict=True):
                target[rows] = source


class TileTraining:
    """The training of one tile: ``run`` calls ``report(steps)`` after each block of steps, and stops where it says False.

    Args:
        state: the tile's parameters.
        recipe: how to train, with the learning rates of the tile's networks.
        pool: the examples.
        samples: the samples of the tile's networks.
        rows: the order of the minibatches; None for order "full".
        first_draw: where in the streams to go on.
    """

    def __init__(
        self,
        state: TileState,
        recipe: Recipe,
        pool: Pool,
        samples: Samples,
        rows: BatchRows | None,
        first_draw: int,
    ) -> None:
        self.state, self.recipe, self.pool, self.rows = state, recipe, pool, rows
        self.first_draw = first_draw
        self.networks = len(state.parameters[0])
        self.compiled = None if rows is None else _compiled_steps(state, recipe, pool)
        if self.compiled is not None:
            return
        self.gradients: list[Tensor] = []
        if rows is None or recipe.adam is not None:
            self.gradients = [torch.zeros_like(parameter) for parameter in state.parameters]
        if rows is not None:
            self._prepare_batches()
        else:
            self._prepare_full(samples)

    def run(self, report: Callable[[int], bool]) -> None:
        """Train for the recipe's steps."""
        recipe, done, going = self.recipe, 0, True
        ahead = self._steps_ahead()
        while done < recipe.steps and going:
            steps = min(ahead, recipe.steps - done)
            if self.rows is None:
                self._accumulate_full()
                self._apply(self.gradients, done)
            else:
                self._steps(done, self.rows.block(self.first_draw + done * recipe.batch_size, steps, recipe.batch_size))
            done += steps
            going = report(steps)
        if self.compiled is not None:
            self.compiled.store()

    def _steps_ahead(self) -> int:
        """How many steps to take before the next report: so many as a block of draws lasts, and no longer than a fraction of a second."""
        if self.rows is None:
            return 1
        draws = self.networks * self.recipe.batch_size
        operations = 6 * draws * sum(parameter[0].numel() for parameter in self.state.parameters)
        return max(1, min(_BLOCK_DRAWS // draws, _BLOCK_OPERATIONS // operations))

    def _steps(self, done: int, block: Tensor) -> None:
        """The steps from number ``done`` on with these batches, (S, K, B) rows of the pool."""
        if self.compiled is not None:
            self.compiled.run(done, block)
            return
        for offset, batch in enumerate(block.flatten(1).unbind(0)):
            self._step(done + offset, batch)

    def _prepare_batches(self) -> None:
        shape = (self.networks, self.recipe.batch_size, -1)
        examples = self.networks * self.recipe.batch_size
        self.program = self._program(self.recipe.batch_size)
        self.input_rows = self.pool.inputs.new_empty((examples, self.pool.inputs.shape[1]))
        self.target_rows = self.pool.targets.new_empty((examples, self.pool.targets.shape[1]))
        self.inputs, self.targets = self.input_rows.view(shape), self.target_rows.view(shape)

    def _prepare_full(self, samples: Samples) -> None:
        """A network's full batch is its own rows where they are fewer than the pool's, else the pool with weights."""
        pool_size = len(self.pool.inputs)
        self.sample_rows, self.weights = None, None
        if isinstance(samples, IndexSamples) and samples.indices.shape[1] < pool_size:
            self.sample_rows = samples.indices.expand(self.networks, -1)
            self.examples = samples.indices.shape[1]
        else:
            counts = samples.as_counts(pool_size).expand(self.networks, -1)
            dtype = self.pool.inputs.dtype
            shares = counts.to(torch.float64) / counts.sum(dim=1, keepdim=True)
            self.weights = shares.to(dtype)[:, :, None]
            self.examples = pool_size
        self.chunk = max(1, min(self.examples, _CHUNK_ELEMENTS // (self.networks * self.state.kind.widest())))
        sizes = {min(self.chunk, self.examples - start) for start in range(0, self.examples, self.chunk)}
        self.programs = {size: self._program(size) for size in sizes}

    def _program(self, batch_size: int) -> Program:
        return self.state.kind.program(self.state.parameters, batch_size)

    def _step(self, step: int, rows: Tensor) -> None:
        recipe, state, batch_size = self.recipe, self.state, self.recipe.batch_size
        torch.index_select(self.pool.inputs, 0, rows, out=self.input_rows)
        torch.index_select(self.pool.targets, 0, rows, out=self.target_rows)
        gradient = recipe.loss.gradient_(self.program.forward(self.inputs), self.targets)
        if recipe.adam is not None:
            self.program.backward(gradient.mul_(1.0 / batch_size), self.gradients, 0.0)
            self._apply(self.gradients, step)
            return
        if recipe.momentum:
            self.program.backward(gradient.mul_(1.0 / batch_size), state.velocities, recipe.momentum)
            self._apply(state.velocities, step, decayed=True)
            return
        # Without momentum the step size is folded into the gradient of the logits, through which every other gradient
        # is linear: each layer's product then lands in the weights themselves, and no gradient is ever stored.
        factor, keep = recipe.factor(step), 1.0
        if isinstance(factor, float):
            gradient.mul_(-factor / batch_size)
            keep = 1.0 - factor * recipe.weight_decay
        else:
            gradient.mul_(_column(factor / -batch_size, gradient))
            if recipe.weight_decay:
                # The decay of a layer must come after its last use, so it waits until the gradients are added: adding
                # first and decaying the sum would shrink the gradient as well, hence the division.
                kept = 1.0 - factor * recipe.weight_decay
                self.program.backward(gradient.div_(_column(kept, gradient)), state.parameters, 1.0)
                _scale_(state.parameters, kept)
                self._project()
                return
        self.program.backward(gradient, state.parameters, keep)
        self._project()

    def _accumulate_full(self) -> None:
        beta = 0.0
        for start in range(0, self.examples, self.chunk):
            window = slice(start, start + self.chunk)
            if self.sample_rows is not None:
                rows = self.sample_rows[:, window]
                inputs, targets = self.pool.inputs[rows], self.pool.targets[rows]
            else:
                inputs = self.pool.inputs[None, window]
                targets = self.pool.targets[window]
            program = self.programs[inputs.shape[1]]
            gradient = self.recipe.loss.gradient_(program.forward(inputs), targets)
            if self.weights is not None:
                gradient.mul_(self.weights[:, window])
            else:
                gradient.mul_(1.0 / self.examples)
            program.backward(gradient, self.gradients, beta)
            beta = 1.0

    def _apply(self, directions: Sequence[Tensor], step: int, decayed: bool = False) -> None:
        """Step along the directions, or along the velocities or moments if there are any, into which they go first."""
        recipe, parameters, directions = self.recipe, list(self.state.parameters), list(directions)
        velocities = list(self.state.velocities)
        if recipe.weight_decay:
            torch._foreach_add_(directions, parameters, alpha=recipe.weight_decay)
        if recipe.adam is not None:
            directions = self._adam(recipe.adam, directions, recipe.first_step + step + 1)
        elif recipe.momentum and not decayed:
            torch._foreach_mul_(velocities, recipe.momentum)
            torch._foreach_add_(velocities, directions)
            directions = velocities
        factor = recipe.factor(step)
        if isinstance(factor, float):
            torch._foreach_add_(parameters, directions, alpha=-factor)
        else:
            for parameter, direction in zip(parameters, directions, strict=True):
                parameter.addcmul_(direction, _column(factor, parameter), value=-1.0)
        self._project()

    def _adam(self, adam: Adam, gradients: list[Tensor], step: int) -> list[Tensor]:
        """The direction of Adam's step number ``step`` (the first is 1), in the gradients' buffers."""
        means, squares = list(self.state.velocities), list(self.state.squares)
        torch._foreach_lerp_(means, gradients, 1.0 - adam.beta1)
        torch._foreach_mul_(squares, adam.beta2)
        torch._foreach_addcmul_(squares, gradients, gradients, value=1.0 - adam.beta2)
        roots = torch._foreach_sqrt(squares)
        torch._foreach_div_(roots, math.sqrt(1.0 - adam.beta2**step))
        torch._foreach_add_(roots, adam.epsilon)
        torch._foreach_copy_(gradients, means)
        torch._foreach_div_(gradients, roots)
        torch._foreach_div_(gradients, 1.0 - adam.beta1**step)
        return gradients

    def _project(self) -> None:
        """Scale each network onto the ball of the given radius where it lies outside."""
        if self.recipe.projection_radius is None:
            return
        parameters = self.state.parameters
        squares = torch.zeros(self.networks, dtype=torch.float64, device=parameters[0].device)
        for parameter in parameters:
            squares += parameter.to(torch.float64).square().flatten(1).sum(dim=1)
        inside = self.recipe.radius_inside(parameters[0].dtype, sum(parameter[0].numel() for parameter in parameters))
        _scale_(parameters, (inside / squares.sqrt()).clamp_(max=1.0))


def _compiled_steps(state: TileState, recipe: Recipe, pool: Pool) -> CompiledSteps | None:
    """Compiled steps for the networks that have them: dense ones on the CPU, of piecewise linear activations."""
    kind = state.kind
    if not isinstance(kind, DenseKind) or slope_below_zero(kind.activation) is None or pool.inputs.device.type != "cpu":
        return None
    from genbounds.models.ensemble.compiled import CompiledSteps  # numba takes half a second to import

    return CompiledSteps(kind, state.parameters, state.velocities, state.squares, recipe, pool.inputs, pool.classes)


def _scale_(parameters: Sequence[Tensor], factors: Tensor) -> None:
    for parameter in parameters:
        parameter.mul_(_column(factors, parameter))


def _column(values: Tensor, like: Tensor) -> Tensor:
    return values.to(device=like.device, dtype=like.dtype).reshape(-1, *([1] * (like.dim() - 1)))
