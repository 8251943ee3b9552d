"""K networks of one kind with stacked parameters, trained and measured at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from genbounds.models.ensemble.backpropagation import Kind
from genbounds.models.ensemble.batches import BatchRows, OrderName
from genbounds.models.ensemble.losses import Loss, LossName, margins
from genbounds.models.ensemble.measuring import StackedNetworks, totals
from genbounds.models.ensemble.recipe import Adam, Recipe, Schedule
from genbounds.models.ensemble.samples import Samples
from genbounds.models.ensemble.stopping import Stopping, StoppingTraining
from genbounds.models.ensemble.tiles import Progress, Work, run_tiles
from genbounds.models.ensemble.training import Pool, TileState, TileTraining
from genbounds.models.randomness.streams import Stream
from genbounds.models.runtime.threads import one_torch_thread


@dataclass(frozen=True, eq=False)
class Training:
    """What a call of ``Ensemble.train`` did, for the theorems that need it.

    Made by training an ``Ensemble``.

    Attributes:
        learning_rates: (K,) float64.
        step_scales: (T,) float64, the schedule's factor at each step, or (K, T).
        batch_size: 0 for full-batch steps.
        steps_taken: (K,) int64, T unless ``stopping`` ended a network's training earlier.
    """

    learning_rates: Tensor
    step_scales: Tensor
    batch_size: int
    steps_taken: Tensor

    def step_sizes(self, k: int) -> Tensor:
        """The step sizes of row k of the ensemble, float64, one for each step that it took."""
        scales = self.step_scales if self.step_scales.dim() == 1 else self.step_scales[k]
        return self.learning_rates[k] * scales[: int(self.steps_taken[k])]


class StackedNetworkEnsemble(ABC):
    """What ensembles of every kind share: training, and measurements of all networks at once.

    Args:
        kind: how a stack of the networks is computed.
        networks: their indices.
        stream: the experiment's, on the device.
        inputs_each, outputs: numbers of an example, and of logits.
        dtype, device: of the parameters.

    A subclass sets ``parameters``, the stacked parameters themselves, and says how to cut tiles.
    """

    parameters: Sequence[Tensor]

    def __init__(
        self,
        kind: Kind,
        networks: list[int],
        stream: Stream,
        inputs_each: int,
        outputs: int,
        dtype: torch.dtype,
        device: str | torch.device,
    ) -> None:
        if dtype not in (torch.float32, torch.float64):
            raise ValueError(f"dtype must be torch.float32 or torch.float64, got {dtype}")
        self.kind, self.networks, self.stream = kind, networks, stream.on(device)
        self.inputs_each, self.outputs = inputs_each, outputs
        self.dtype, self.device = dtype, torch.device(device)
        self.steps_done = 0
        self._draws_done = 0
        self._velocities: list[Tensor] = []
        self._squares: list[Tensor] = []

    def __len__(self) -> int:
        return len(self.networks)

    def train(
        self,
        inputs: Tensor,
        labels: Tensor,
        samples: Samples,
        *,
        steps: int,
        batch_size: int | None = None,
        learning_rate: float | Tensor,
        schedule: Schedule = None,
        momentum: float = 0.0,
        adam: Adam | None = None,
        weight_decay: float = 0.0,
        loss: LossName | None = None,
        order: OrderName = "with_replacement",
        projection_radius: float | None = None,
        stopping: Stopping | None = None,
        tiles: Sequence[slice] | None = None,
        threads: int = 1,
        progress: Progress | None = None,
    ) -> Training:
        """Train every network on its own sample, by stochastic gradient descent from where it stands.

        The update is PyTorch's: g = mean gradient of the batch + weight_decay * w, v = momentum * v + g, w -= step * v.
        A second call continues with the next draws, the same velocities, and step ``steps_done`` of the schedule.

        Args:
            inputs: the pool, one row for each example.
            labels: (N,) whole numbers, see ``Loss``.
            samples: ``IndexSamples`` or ``CountSamples`` into the pool, one row for each network or one for all.
            steps: updates to make.
            batch_size: examples per update (not needed with order "full"). With 1, order "permutation" and n steps
                this is a single pass.
            learning_rate: one number, or a tensor (K,).
            schedule: factor of the learning rate at each step: a function of the step number (0 the first), or a tensor
                with at least ``steps_done + steps`` entries, or a row of them for each network. With learning_rate=1 these are
                the step sizes.
            momentum, weight_decay: as above; the decay applies to biases too.
            adam: step along the direction of Adam instead, as PyTorch does; the decay is added to the gradient.
            loss: "cross_entropy" or "logistic"; default: the one that fits the number of outputs.
            order: "with_replacement", "permutation" (see ``BatchRows``), or "full" (the exact gradient over the sample).
            projection_radius: if given, each network's parameter vector is projected on the l2 ball of this radius
                after each step.
            stopping: when a network's training ends before all steps are done; see ``Stopping``.
            tiles: which networks train together; default ``plan_tiles``. It changes results by rounding only.
            threads: tiles trained at once. Each runs on one torch thread: a batched product of small matrices gains
                little from a second one, and waits for it when the machine is busy.
            progress: called with (steps done, steps to do), both summed over the networks.

        Returns:
            what was done, with the step sizes that were taken.

        Raises:
            ValueError: for shapes that do not fit, labels or indices out of range, inputs that are not finite, or a
                setting out of its range.
        """
        with one_torch_thread():
            found = Loss.of(loss, self.outputs)
            pool = self._pool(inputs, labels, found)
            samples.check(len(self), len(pool.inputs))
            recipe = Recipe.checked(
                steps=steps,
                batch_size=batch_size,
                learning_rate=learning_rate,
                networks=len(self),
                schedule=schedule,
                first_step=self.steps_done,
                momentum=momentum,
                adam=adam,
                weight_decay=weight_decay,
                order=order,
                projection_radius=projection_radius,
                loss=found,
            )
            self._allocate(recipe)
            tiles = self._plan(recipe, threads) if tiles is None else tiles
            sizes = [len(range(*rows.indices(len(self)))) for rows in tiles]
            taken = torch.full((len(self),), steps, dtype=torch.int64)
            work = [partial(self._tile_training, rows, recipe, pool, samples, stopping, taken) for rows in tiles]
            run_tiles(work, sizes, steps, threads, progress)
        self.steps_done += steps
        self._draws_done += steps * recipe.batch_size
        scales = torch.as_tensor(recipe.step_scales, dtype=torch.float64)
        return Training(recipe.learning_rates, scales.T if scales.dim() == 2 else scales, recipe.batch_size, taken)

    def logits(self, inputs: Tensor, *, chunk: int | None = None, dtype: torch.dtype | None = None) -> Iterator[Tensor]:
        """Yield the logits of all networks, (K, up to ``chunk`` rows, C), over the pool's rows in order.

        ``dtype=torch.float64`` computes in double from the parameters as they are.
        """
        inputs = self._checked_inputs(inputs, dtype or self.dtype)
        stacked = self._stacked().rows(slice(None), inputs.dtype)
        yield from stacked.logits(inputs, chunk or stacked.chunk())

    def margins(self, inputs: Tensor, labels: Tensor, *, dtype: torch.dtype | None = None) -> Tensor:
        """Margins (K, N): f_y - max_{j != y} f_j, or y f with a single output."""
        classes, inputs = self._classes(inputs, labels), self._checked_inputs(inputs, dtype or self.dtype)
        return torch.cat([values for _, values in self._stacked().of_examples(inputs, classes, margins)])

    def mistakes(self, inputs: Tensor, labels: Tensor, *, dtype: torch.dtype | None = None) -> Tensor:
        """Which rows each network gets wrong, bool (K, N): those whose margin is not positive (a tie is an error)."""
        classes, inputs = self._classes(inputs, labels), self._checked_inputs(inputs, dtype or self.dtype)
        return torch.cat([wrong for _, wrong in self._stacked().of_examples(inputs, classes, _mistaken)])

    def errors(self, inputs: Tensor, labels: Tensor, samples: Samples | None = None, *, dtype: torch.dtype | None = None) -> Tensor:
        """Exact error counts, int64 (K,): over the pool, or over each network's own sample.

        Divided by N, the first is the risk of drawing from the pool with replacement; divided by ``samples.sizes()``, the
        second is the empirical risk.
        """
        return self._totals(inputs, labels, samples, _mistaken, dtype or self.dtype)

    def mean_loss(self, inputs: Tensor, labels: Tensor, samples: Samples | None = None) -> Tensor:
        """Mean training loss in float64, (K,): over the pool, or over each network's own sample."""
        loss = Loss.of(None, self.outputs)
        sums = self._totals(inputs, labels, samples, loss.values, torch.float64)
        return sums / (len(inputs) if samples is None else samples.sizes().to(sums.device))

    @abstractmethod
    def _plan(self, recipe: Recipe, threads: int) -> list[slice]:
        """Tiles of the networks for this recipe."""

    def _stacked(self) -> StackedNetworks:
        return StackedNetworks(self.parameters, self.kind)

    def _totals(
        self,
        inputs: Tensor,
        labels: Tensor,
        samples: Samples | None,
        function: Callable[[Tensor, Tensor], Tensor],
        dtype: torch.dtype,
    ) -> Tensor:
        classes, inputs = self._classes(inputs, labels), self._checked_inputs(inputs, dtype)
        if samples is not None:
            samples.check(len(self), len(inputs))
        measured = self._stacked().of_examples(inputs, classes, function)
        return torch.cat([totals(values, samples, rows) for rows, values in measured])

    def _allocate(self, recipe: Recipe) -> None:
        if not self._velocities and (recipe.momentum or recipe.adam is not None):
            self._velocities = [torch.zeros_like(parameter) for parameter in self.parameters]
        if not self._squares and recipe.adam is not None:
            self._squares = [torch.zeros_like(parameter) for parameter in self.parameters]

    def _tile_training(self, rows: slice, recipe: Recipe, pool: Pool, samples: Samples, stopping: Stopping | None, taken: Tensor) -> Work:
        own, networks, first = samples.tile(rows, self.device), self.networks[rows], self._draws_done
        state = TileState(self.kind, self.parameters, self._velocities, self._squares).rows(rows)
        batches = self.stream.sub("batches")

        def training(some: Tensor | slice, state: TileState, samples: Samples, recipe: Recipe, done: int) -> TileTraining:
            indices = networks[some] if isinstance(some, slice) else [networks[row] for row in some.tolist()]
            order = None if recipe.order == "full" else BatchRows(samples, batches, indices, recipe.order)
            return TileTraining(state, recipe, pool, samples, order, first + done * recipe.batch_size)

        if stopping is None:
            return training(slice(None), state, own, recipe.rows(rows), 0)
        return StoppingTraining(stopping, state, recipe.rows(rows), pool, own, training, taken[rows])

    def _pool(self, inputs: Tensor, labels: Tensor, loss: Loss) -> Pool:
        classes = self._classes(inputs, labels)
        targets = loss.targets(classes, self.outputs, self.dtype)
        return Pool(self._checked_inputs(inputs, self.dtype), targets, classes)

    def _classes(self, inputs: Tensor, labels: Tensor) -> Tensor:
        if len(labels) != len(inputs):
            raise ValueError(f"labels must be as many as inputs, got {len(labels)} labels for {len(inputs)} inputs")
        return Loss.of(None, self.outputs).classes(labels, self.outputs).to(self.device)

    def _checked_inputs(self, inputs: Tensor, dtype: torch.dtype) -> Tensor:
        if inputs.dim() < 2 or len(inputs) == 0 or inputs[0].numel() != self.inputs_each:
            raise ValueError(
                f"inputs must have shape (N, {self.inputs_each}) with N >= 1, got {tuple(inputs.shape)}: one row for "
                "each example, as wide as the first layer"
            )
        inputs = inputs.detach().to(device=self.device, dtype=dtype).flatten(1).contiguous()
        if not bool(inputs.isfinite().all()):
            raise ValueError("inputs must be finite, got NaN or infinite entries: clean the data first")
        return inputs


def _mistaken(logits: Tensor, classes: Tensor) -> Tensor:
    return ~(margins(logits, classes) > 0)


def checked_indices(networks: int | Sequence[int] | Tensor) -> list[int]:
    """The networks' indices: 0, ..., K-1 for a number K, else as given; ValueError where there are none."""
    indices = list(range(networks)) if isinstance(networks, int) else [int(index) for index in networks]
    if not indices:
        raise ValueError(f"networks must be at least 1, or a non-empty row of indices, got {networks}")
    return indices
