"""Stochastic gradient descent of one tile of an ensemble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.ensemble.backpropagation import DensePass
from genbounds.models.ensemble.batches import BatchRows
from genbounds.models.ensemble.recipe import Recipe
from genbounds.models.ensemble.samples import IndexSamples, Samples
from genbounds.models.networks.activations import Activation

_BLOCK_DRAWS = 1 << 16  # minibatch draws made ahead: 512 KiB of indices
_CHUNK_ELEMENTS = 1 << 21  # activations at a time in a pass over the whole pool


@dataclass(frozen=True, eq=False)
class Pool:
    """The examples that samples point into: inputs (N, d) in the ensemble's dtype, loss targets (N, C)."""

    inputs: Tensor
    targets: Tensor


@dataclass(frozen=True, eq=False)
class TileState:
    """The parameters of a tile's networks (views into the ensemble's, changed in place) and their velocities."""

    weights: Sequence[Tensor]
    biases: Sequence[Tensor]
    velocities: Sequence[Tensor]
    activation: Activation
    blocks: Sequence[bool]
    tau: float

    @property
    def parameters(self) -> list[Tensor]:
        """Weights, then biases."""
        return [*self.weights, *self.biases]


class TileTraining:
    """The training of one tile: `run` calls `report(steps)` after each block of steps, and stops where it says False.

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
        self.networks = len(state.weights[0])
        rates = recipe.learning_rates
        self.rate = float(rates[0]) if bool((rates == rates[0]).all()) else None
        self.rates = rates.to(device=pool.inputs.device)
        self.gradients: list[Tensor] = []
        if rows is not None:
            self._prepare_batches()
        else:
            self._prepare_full(samples)

    def run(self, report: Callable[[int], bool]) -> None:
        """Train for the recipe's steps."""
        recipe, done = self.recipe, 0
        ahead = max(1, _BLOCK_DRAWS // (self.networks * recipe.batch_size)) if self.rows else 1
        while done < recipe.steps:
            steps = min(ahead, recipe.steps - done)
            if self.rows is None:
                self._step(done, None)
            else:
                block = self.rows.block(self.first_draw + done * recipe.batch_size, steps, recipe.batch_size)
                for offset, batch in enumerate(block.view(steps, -1).unbind(0)):
                    self._step(done + offset, batch)
            done += steps
            if not report(steps):
                return

    def _prepare_batches(self) -> None:
        shape = (self.networks, self.recipe.batch_size, -1)
        examples = self.networks * self.recipe.batch_size
        self.program = self._pass(self.recipe.batch_size)
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
        widest = max(max(weight.shape[1:]) for weight in self.state.weights)
        self.chunk = max(1, min(self.examples, _CHUNK_ELEMENTS // (self.networks * widest)))
        self.gradients = [torch.zeros_like(parameter) for parameter in self.state.parameters]
        sizes = {min(self.chunk, self.examples - start) for start in range(0, self.examples, self.chunk)}
        self.passes = {size: self._pass(size) for size in sizes}

    def _pass(self, batch_size: int) -> DensePass:
        state = self.state
        return DensePass(state.weights, state.biases, state.activation, state.blocks, state.tau, batch_size)

    def _step(self, step: int, rows: Tensor | None) -> None:
        scale = self.recipe.step_scales[step]
        if rows is None:
            self._accumulate_full()
            self._apply(self.gradients, scale)
            return
        torch.index_select(self.pool.inputs, 0, rows, out=self.input_rows)
        torch.index_select(self.pool.targets, 0, rows, out=self.target_rows)
        gradient = self.recipe.loss.gradient_(self.program.forward(self.inputs), self.targets)
        if self.recipe.momentum:
            gradient.mul_(1.0 / self.recipe.batch_size)
            self._backward(self.program, gradient, self.state.velocities, self.recipe.momentum)
            self._apply(self.state.velocities, scale, decayed=True)
            return
        # Without momentum the step size is folded into the gradient of the logits, through which every other gradient
        # is linear: each layer's product then lands in the weights themselves, and no gradient is ever stored.
        if self.rate is not None:
            gradient.mul_(-self.rate * scale / self.recipe.batch_size)
            decay = 1.0 - self.rate * scale * self.recipe.weight_decay
        else:
            factor = self.rates * (-scale / self.recipe.batch_size)
            gradient.mul_(factor.to(gradient.dtype)[:, None, None])
            decay = 1.0
            if self.recipe.weight_decay:
                keep = 1.0 - self.rates * (scale * self.recipe.weight_decay)
                # The decay of a layer must come after its last use, so it waits until the gradients are added: adding
                # first and decaying the sum would shrink the gradient as well, hence the division.
                gradient.div_(keep.to(gradient.dtype)[:, None, None])
                self._backward(self.program, gradient, self.state.parameters, 1.0)
                _scale_(self.state.parameters, keep)
                self._project()
                return
        self._backward(self.program, gradient, self.state.parameters, decay)
        self._project()

    def _backward(self, program: DensePass, gradient: Tensor, targets: Sequence[Tensor], beta: float) -> None:
        layers = len(self.state.weights)
        program.backward(gradient, targets[:layers], targets[layers:], beta)

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
            program = self.passes[inputs.shape[1]]
            gradient = self.recipe.loss.gradient_(program.forward(inputs), targets)
            if self.weights is not None:
                gradient.mul_(self.weights[:, window])
            else:
                gradient.mul_(1.0 / self.examples)
            self._backward(program, gradient, self.gradients, beta)
            beta = 1.0

    def _apply(self, directions: Sequence[Tensor], scale: float, decayed: bool = False) -> None:
        """Step along the directions, the velocities if there are any; the gradients otherwise."""
        recipe, parameters = self.recipe, self.state.parameters
        if recipe.weight_decay:
            torch._foreach_add_(list(directions), parameters, alpha=recipe.weight_decay)
        if recipe.momentum and not decayed:
            torch._foreach_mul_(list(self.state.velocities), recipe.momentum)
            torch._foreach_add_(list(self.state.velocities), list(directions))
            directions = self.state.velocities
        if self.rate is not None:
            torch._foreach_add_(parameters, list(directions), alpha=-self.rate * scale)
        else:
            for parameter, direction in zip(parameters, directions, strict=True):
                factor = (self.rates * scale).to(parameter.dtype)
                parameter.addcmul_(direction, _column(factor, parameter), value=-1.0)
        self._project()

    def _project(self) -> None:
        """Scale each network onto the ball of the given radius where it lies outside."""
        radius = self.recipe.projection_radius
        if radius is None:
            return
        parameters = self.state.parameters
        squares = torch.zeros(self.networks, dtype=torch.float64, device=parameters[0].device)
        for parameter in parameters:
            squares += parameter.to(torch.float64).square().flatten(1).sum(dim=1)
        # Two roundings follow, the factor's and each product's; the radius is drawn in by as much, so that the network
        # that comes out lies in the ball.
        inside = radius * (1.0 - 2.0 * torch.finfo(parameters[0].dtype).eps)
        _scale_(parameters, (inside / squares.sqrt()).clamp_(max=1.0))


def _scale_(parameters: Sequence[Tensor], factors: Tensor) -> None:
    for parameter in parameters:
        parameter.mul_(_column(factors.to(parameter.dtype), parameter))


def _column(values: Tensor, like: Tensor) -> Tensor:
    return values.reshape(-1, *([1] * (like.dim() - 1)))
