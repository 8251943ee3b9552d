"""Networks that stop when they have learnt their sample, and cost nothing from then on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.ensemble.losses import Loss, margins
from genbounds.models.ensemble.measuring import StackedNetworks, totals
from genbounds.models.ensemble.recipe import Recipe
from genbounds.models.ensemble.samples import Samples
from genbounds.models.ensemble.tiles import Work
from genbounds.models.ensemble.training import Pool, TileState


@dataclass(frozen=True)
class Stopping:
    """Stop a network as soon as its own sample satisfies a condition; no other data are looked at.

    Args:
        every: the number of steps between two looks at the condition.
        errors: stop with at most this many errors on the sample (None: errors do not count).
        loss: stop with a mean training loss of at most this (None: the loss does not count).

    If both are given, both must hold. A network that never satisfies the condition trains for all steps.

    >>> Stopping(every=10, errors=0)
    Stopping(every=10, errors=0, loss=None)
    """

    every: int
    errors: int | None = None
    loss: float | None = None

    def __post_init__(self) -> None:
        if self.every < 1 or self.every != int(self.every):
            raise ValueError(f"every must be a whole number of steps, at least 1, got {self.every}")
        if self.errors is None and self.loss is None:
            raise ValueError("errors or loss must be given: what is a network to stop for?")
        if (self.errors is not None and self.errors < 0) or (self.loss is not None and not self.loss > 0):
            raise ValueError(f"errors must not be negative and loss must be positive, got {self.errors} and {self.loss}")

    def satisfied(self, networks: StackedNetworks, pool: Pool, samples: Samples, loss: Loss) -> Tensor:
        """Which of the networks satisfy the condition on their own samples, bool (K,)."""
        stop = torch.ones(len(networks), dtype=torch.bool, device=pool.inputs.device)
        for rows, values in networks.of_examples(pool.inputs, pool.classes, lambda logits, classes: logits.clone()):
            if self.errors is not None:
                stop[rows] &= totals(~(margins(values, pool.classes) > 0), samples, rows) <= self.errors
            if self.loss is not None:
                sizes = samples.sizes().expand(len(networks))[rows].to(values.device)
                losses = loss.values(values, pool.classes).to(torch.float64)
                stop[rows] &= totals(losses, samples, rows) / sizes <= self.loss
        return stop


class StoppingTraining:
    """The training of a tile whose networks stop one by one; the tile is made smaller whenever some have.

    Args:
        stopping: when they stop.
        state: the tile's parameters.
        recipe, pool, samples: as for ``TileTraining``.
        train: makes the training of a window of the recipe for some rows of the tile: (rows, their state, samples and
            recipe, number of steps before).
        steps_taken: int64 (k,), the tile's part of the ensemble's; set here.
    """

    def __init__(
        self,
        stopping: Stopping,
        state: TileState,
        recipe: Recipe,
        pool: Pool,
        samples: Samples,
        train: Callable[[Tensor, TileState, Samples, Recipe, int], Work],
        steps_taken: Tensor,
    ) -> None:
        self.stopping, self.state, self.recipe, self.pool, self.samples = stopping, state, recipe, pool, samples
        self.train, self.steps_taken = train, steps_taken

    def run(self, report: Callable[[int], bool]) -> None:
        """Train until all have stopped, or for the recipe's steps."""
        device = self.pool.inputs.device
        rows, state, samples, done = torch.arange(len(self.steps_taken)), self.state, self.samples, 0
        while done < self.recipe.steps:
            steps = min(self.stopping.every, self.recipe.steps - done)
            going = True

            def listen(new: int) -> bool:
                nonlocal going
                going = report(new)
                return going

            self.train(rows, state, samples, self.recipe.rows(rows).window(done, steps), done).run(listen)
            done += steps
            self.steps_taken[rows] = done
            stop = self.stopping.satisfied(StackedNetworks(state.parameters, state.kind), self.pool, samples, self.recipe.loss)
            if not going:
                break
            if bool(stop.any()):
                stay = (~stop).nonzero().flatten()
                self._keep(rows, state)
                if not len(stay):
                    break
                rows, state, samples = rows[stay.cpu()], state.rows(stay), samples.tile(stay, device)
        self._keep(rows, state)
        if done < self.recipe.steps:
            report(self.recipe.steps - done)

    def _keep(self, rows: Tensor, state: TileState) -> None:
        if state is not self.state:
            self.state.put(rows.to(self.pool.inputs.device), state)
