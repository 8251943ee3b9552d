"""K dense networks of one architecture, trained and measured as one batched tensor program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from genbounds.models.ensemble.batches import BatchRows, OrderName
from genbounds.models.ensemble.losses import Loss, LossName, margins
from genbounds.models.ensemble.measuring import StackedNetworks, totals
from genbounds.models.ensemble.recipe import Recipe, Schedule
from genbounds.models.ensemble.samples import Samples
from genbounds.models.ensemble.tiles import Progress, one_torch_thread, plan_tiles, run_tiles
from genbounds.models.ensemble.training import Pool, TileState, TileTraining
from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.networks.dense import DenseNetwork, checked_widths, residual_blocks
from genbounds.models.networks.initialisation import initial_weights
from genbounds.models.streams import Stream


@dataclass(frozen=True, eq=False)
class Training:
    """What a call of `Ensemble.train` did, for the theorems that ask.

    `learning_rates`: (K,) float64. `step_scales`: (T,) float64, the schedule's factor at each step. `batch_size`: 0 for
    full-batch steps.
    """

    learning_rates: Tensor
    step_scales: Tensor
    batch_size: int

    def step_sizes(self, k: int) -> Tensor:
        """The step sizes of row k of the ensemble, (T,) float64."""
        return self.learning_rates[k] * self.step_scales


class Ensemble:
    """K dense networks of one architecture with stacked parameters.

    Args:
        widths, activation, bias, residual, tau: the architecture, as for `DenseNetwork`.
        networks: how many (their indices are then 0, ..., K-1), or the K indices. An index decides the draws (initial
            weights, order of the examples) whatever stands beside it; the same index twice gives twins.
        stream: the experiment's stream; initial weights come from `stream.sub("initialisation")`, the order of the
            examples from `stream.sub("batches")`.
        dtype: torch.float32, or torch.float64 where runs must agree to 1e-9.
        device: "cpu", or "cuda".

    Attributes: `weights` (one (K, out, in) tensor a layer), `biases` (one (K, out) tensor a layer, or none), `networks`
    (the K indices), `steps_done`.

    Example:
        >>> from genbounds.models.ensemble import IndexSamples
        >>> ensemble = Ensemble([2, 8, 2], "tanh", networks=3, stream=Stream("demo", "training"), dtype=torch.float64)
        >>> inputs = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
        >>> labels = torch.tensor([0, 0, 1, 1])
        >>> training = ensemble.train(inputs, labels, IndexSamples(torch.arange(4)), steps=200, batch_size=4,
        ...                           learning_rate=0.5)
        >>> ensemble.errors(inputs, labels)
        tensor([0, 0, 0])
    """

    def __init__(
        self,
        widths: Sequence[int],
        activation: str | Activation = "relu",
        *,
        networks: int | Sequence[int] | Tensor,
        stream: Stream,
        bias: bool = True,
        residual: bool = False,
        tau: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        self.widths = checked_widths(widths)
        self.activation = find_activation(activation)
        self.networks = _indices(networks)
        self.stream = stream.on(device)
        self.bias, self.residual, self.tau = bias, residual, float(tau)
        if dtype not in (torch.float32, torch.float64):
            raise ValueError(f"dtype must be torch.float32 or torch.float64, got {dtype}")
        self.dtype, self.device = dtype, torch.device(device)
        self.blocks = residual_blocks(self.widths, residual)
        self.weights = list(initial_weights(self.widths, self.activation, self.stream, self.networks, dtype))
        self.biases = [w.new_zeros(w.shape[:2]) for w in self.weights] if bias else []
        self.steps_done = 0
        self._draws_done = 0
        self._velocities: list[Tensor] | None = None

    def __len__(self) -> int:
        return len(self.networks)

    @property
    def parameters(self) -> list[Tensor]:
        """The stacked parameters themselves, weights first, then biases."""
        return [*self.weights, *self.biases]

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
        weight_decay: float = 0.0,
        loss: LossName | None = None,
        order: OrderName = "with_replacement",
        projection_radius: float | None = None,
        tiles: Sequence[slice] | None = None,
        threads: int = 1,
        progress: Progress | None = None,
    ) -> Training:
        """Train every network on its own sample, by stochastic gradient descent from where it stands.

        The update is PyTorch's: g = mean gradient of the batch + weight_decay * w, v = momentum * v + g, w -= step * v.
        A second call goes on: with the next draws, the velocities, and step `steps_done` of the schedule.

        Args:
            inputs: the pool, (N, widths[0]).
            labels: (N,) whole numbers, see `Loss`.
            samples: `IndexSamples` or `CountSamples` into the pool, one row for each network or one for all.
            steps: updates to make.
            batch_size: examples an update (not asked for by order "full"). With 1, order "permutation" and n steps
                this is a single pass.
            learning_rate: one number, or a tensor (K,).
            schedule: factor of the learning rate at each step: a function of the step number (0 the first), or a tensor
                with at least `steps_done + steps` entries. With learning_rate=1 these are the step sizes.
            momentum, weight_decay: as above; the decay applies to biases too.
            loss: "cross_entropy" or "logistic"; default: the one that fits the number of outputs.
            order: "with_replacement", "permutation" (see `BatchRows`), or "full" (the exact gradient over the sample).
            projection_radius: if given, each network's parameter vector is projected on the l2 ball of this radius
                after each step.
            tiles: which networks train together; default `plan_tiles`. It changes results by rounding only.
            threads: tiles trained at once. Each runs on one torch thread: a batched product of small matrices gains
                little from a second one, and waits for it when the machine is busy.
            progress: called with (network-steps done, network-steps in all).

        Returns:
            The step sizes that were taken.

        Raises:
            ValueError: for shapes that do not fit, labels or indices out of range, inputs that are not finite, or a
                setting out of its range.
        """
        with one_torch_thread():
            found = Loss.of(loss, self.widths[-1])
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
                weight_decay=weight_decay,
                order=order,
                projection_radius=projection_radius,
                loss=found,
            )
            if momentum and self._velocities is None:
                self._velocities = [torch.zeros_like(parameter) for parameter in self.parameters]
            tiles = self._plan(recipe, threads) if tiles is None else tiles
            sizes = [len(range(*rows.indices(len(self)))) for rows in tiles]
            run_tiles([partial(self._tile_training, rows, recipe, pool, samples) for rows in tiles], sizes, steps, threads, progress)
        self.steps_done += steps
        self._draws_done += steps * recipe.batch_size
        return Training(recipe.learning_rates, torch.tensor(recipe.step_scales, dtype=torch.float64), recipe.batch_size)

    def logits(self, inputs: Tensor, *, chunk: int | None = None, dtype: torch.dtype | None = None) -> Iterator[Tensor]:
        """Yield the logits of all networks, (K, up to `chunk` rows, C), over the rows of (N, widths[0]) in order.

        `dtype=torch.float64` computes in double from the parameters as they are.
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

        Divided by N, the first is the risk of drawing from the pool with replacement; divided by `samples.sizes()`, the
        second is the empirical risk.
        """
        return self._totals(inputs, labels, samples, _mistaken, dtype or self.dtype)

    def mean_loss(self, inputs: Tensor, labels: Tensor, samples: Samples | None = None) -> Tensor:
        """Mean training loss in float64, (K,): over the pool, or over each network's own sample."""
        loss = Loss.of(None, self.widths[-1])
        sums = self._totals(inputs, labels, samples, loss.values, torch.float64)
        return sums / (len(inputs) if samples is None else samples.sizes().to(sums.device))

    def extract(self, k: int) -> DenseNetwork:
        """A copy of row k as a network of its own, on the CPU (row k is the network of index `networks[k]`)."""
        network = self._network(k)
        with torch.no_grad():
            for position, weights in enumerate(self.weights):
                network.linear(position).weight.copy_(weights[k])
            for position, biases in enumerate(self.biases):
                network.linear(position).bias.copy_(biases[k])
        return network

    def initial(self, k: int) -> DenseNetwork:
        """Row k as it was before any training, on the CPU: drawn again from its stream."""
        return self._network(k).initialise(self.stream.on("cpu"), self.networks[k])

    def _stacked(self) -> StackedNetworks:
        return StackedNetworks(self.weights, self.biases, self.activation, self.blocks, self.tau)

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

    def _network(self, k: int) -> DenseNetwork:
        if not -len(self) <= k < len(self):
            raise ValueError(f"k must be a row of the ensemble, 0, ..., {len(self) - 1}, got {k}")
        return DenseNetwork(self.widths, self.activation, bias=self.bias, residual=self.residual, tau=self.tau, dtype=self.dtype)

    def _plan(self, recipe: Recipe, threads: int) -> list[slice]:
        return plan_tiles(
            self.widths,
            len(self),
            max(1, recipe.batch_size),
            bias=self.bias,
            momentum=recipe.momentum > 0,
            dtype=self.dtype,
            device=self.device,
            threads=threads,
        )

    def _tile_training(self, rows: slice, recipe: Recipe, pool: Pool, samples: Samples) -> TileTraining:
        own = samples.tile(rows, self.device)
        state = TileState(
            [weight[rows] for weight in self.weights],
            [bias[rows] for bias in self.biases],
            [velocity[rows] for velocity in self._velocities or ()],
            self.activation,
            self.blocks,
            self.tau,
        )
        order = None
        if recipe.order != "full":
            order = BatchRows(own, self.stream.sub("batches"), self.networks[rows], recipe.order)
        tile_recipe = replace(recipe, learning_rates=recipe.learning_rates[rows])
        return TileTraining(state, tile_recipe, pool, own, order, self._draws_done)

    def _pool(self, inputs: Tensor, labels: Tensor, loss: Loss) -> Pool:
        classes = self._classes(inputs, labels)
        targets = loss.targets(classes, self.widths[-1], self.dtype)
        return Pool(self._checked_inputs(inputs, self.dtype), targets)

    def _classes(self, inputs: Tensor, labels: Tensor) -> Tensor:
        if len(labels) != len(inputs):
            raise ValueError(f"labels must be as many as inputs, got {len(labels)} labels for {len(inputs)} inputs")
        return Loss.of(None, self.widths[-1]).classes(labels, self.widths[-1]).to(self.device)

    def _checked_inputs(self, inputs: Tensor, dtype: torch.dtype) -> Tensor:
        if inputs.dim() != 2 or len(inputs) == 0 or inputs.shape[1] != self.widths[0]:
            raise ValueError(
                f"inputs must have shape (N, {self.widths[0]}) with N >= 1, got {tuple(inputs.shape)}: one row for "
                "each example, as wide as the first layer"
            )
        inputs = inputs.detach().to(device=self.device, dtype=dtype).contiguous()
        if not bool(inputs.isfinite().all()):
            raise ValueError("inputs must be finite, got NaN or infinite entries: clean the data first")
        return inputs


def _mistaken(logits: Tensor, classes: Tensor) -> Tensor:
    return ~(margins(logits, classes) > 0)


def _indices(networks: int | Sequence[int] | Tensor) -> list[int]:
    indices = list(range(networks)) if isinstance(networks, int) else [int(index) for index in networks]
    if not indices:
        raise ValueError(f"networks must be at least 1, or a non-empty row of indices, got {networks}")
    return indices
