"""K dense networks of one architecture, trained and measured as one batched tensor program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from genbounds.models.ensemble.backpropagation import DensePass
from genbounds.models.ensemble.batches import BatchRows, OrderName
from genbounds.models.ensemble.losses import Loss, LossName, margins
from genbounds.models.ensemble.recipe import Recipe
from genbounds.models.ensemble.samples import CountSamples, IndexSamples, Samples
from genbounds.models.ensemble.tiles import Progress, plan_tiles, run_tiles
from genbounds.models.ensemble.training import Pool, TileState, TileTraining
from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.networks.dense import DenseNetwork, checked_widths, residual_blocks
from genbounds.models.networks.initialisation import initial_weights
from genbounds.models.streams import Stream

_CHUNK_ELEMENTS = 1 << 21


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
        >>> from genbounds.models.streams import Stream
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
        batch_size: int,
        learning_rate: float | Tensor,
        schedule: Callable[[int], float] | Tensor | None = None,
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
            batch_size: examples an update (ignored by order "full"). With 1, order "permutation" and n steps this is
                a single pass.
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
        found = Loss.of(loss, self.widths[-1])
        pool = self._pool(inputs, labels, found)
        samples.check(len(self), len(pool.inputs))
        recipe = Recipe.checked(
            steps=steps,
            batch_size=batch_size,
            learning_rate=learning_rate,
            networks=len(self),
            schedule=schedule,
            steps_before=self.steps_done,
            momentum=momentum,
            weight_decay=weight_decay,
            order=order,
            projection_radius=projection_radius,
            loss=found,
        )
        if momentum and self._velocities is None:
            self._velocities = [torch.zeros_like(parameter) for parameter in self.parameters]
        if tiles is None:
            tiles = plan_tiles(
                self.widths,
                len(self),
                batch_size,
                bias=self.bias,
                momentum=momentum > 0,
                dtype=self.dtype,
                device=self.device,
                threads=threads,
            )
        run_tiles(
            [partial(self._tile_training, rows, recipe, pool, samples) for rows in tiles],
            [len(range(*rows.indices(len(self)))) for rows in tiles],
            steps,
            threads,
            progress,
        )
        scales = torch.tensor([recipe.step_scale(self.steps_done + t) for t in range(steps)], dtype=torch.float64)
        self.steps_done += steps
        self._draws_done += 0 if order == "full" else steps * batch_size
        return Training(recipe.learning_rates, scales, 0 if order == "full" else batch_size)

    def logits(self, inputs: Tensor, *, chunk: int | None = None, dtype: torch.dtype | None = None) -> Iterator[Tensor]:
        """Yield the logits of all networks, (K, up to `chunk` rows, C), over the rows of (N, widths[0]) in order.

        `dtype=torch.float64` computes in double from the parameters as they are.
        """
        inputs = self._checked_inputs(inputs, dtype or self.dtype)
        weights = [weight.to(inputs.dtype) for weight in self.weights]
        biases = [bias.to(inputs.dtype) for bias in self.biases]
        chunk = chunk or max(1, _CHUNK_ELEMENTS // (len(self) * max(self.widths)))
        with torch.no_grad():
            for rows in torch.split(inputs, chunk):
                program = DensePass(weights, biases, self.activation, self.blocks, self.tau, len(rows))
                yield program.forward(rows.expand(len(self), -1, -1))

    def margins(self, inputs: Tensor, labels: Tensor, *, dtype: torch.dtype | None = None) -> Tensor:
        """Margins (K, N): f_y - max_{j != y} f_j, or y f with a single output."""
        classes = self._classes(inputs, labels)
        pieces, start = [], 0
        for logits in self.logits(inputs, dtype=dtype):
            pieces.append(margins(logits, classes[start : start + logits.shape[1]]))
            start += logits.shape[1]
        return torch.cat(pieces, dim=1)

    def mistakes(self, inputs: Tensor, labels: Tensor, *, dtype: torch.dtype | None = None) -> Tensor:
        """Which rows each network gets wrong, bool (K, N): those whose margin is not positive (a tie is an error)."""
        return ~(self.margins(inputs, labels, dtype=dtype) > 0)

    def errors(self, inputs: Tensor, labels: Tensor, samples: Samples | None = None, *, dtype: torch.dtype | None = None) -> Tensor:
        """Exact error counts, int64 (K,): over the pool, or over each network's own sample.

        Divided by N, the first is the risk of drawing from the pool with replacement; divided by `samples.sizes()`, the
        second is the empirical risk.
        """
        wrong = self.mistakes(inputs, labels, dtype=dtype)
        if samples is None:
            return wrong.sum(dim=1)
        samples.check(len(self), wrong.shape[1])
        samples = samples.tile(slice(None), self.device)
        if isinstance(samples, CountSamples):
            return (wrong * samples.counts).sum(dim=1)
        return wrong.gather(1, samples.indices.expand(len(self), -1)).sum(dim=1)

    def mean_loss(self, inputs: Tensor, labels: Tensor, samples: Samples | None = None) -> Tensor:
        """Mean training loss in float64, (K,): over the pool, or over each network's own sample."""
        loss, classes = Loss.of(None, self.widths[-1]), self._classes(inputs, labels)
        pieces, start = [], 0
        for logits in self.logits(inputs, dtype=torch.float64):
            pieces.append(loss.values(logits, classes[start : start + logits.shape[1]]))
            start += logits.shape[1]
        values = torch.cat(pieces, dim=1)
        if samples is None:
            return values.mean(dim=1)
        samples.check(len(self), values.shape[1])
        samples = samples.tile(slice(None), self.device)
        if isinstance(samples, IndexSamples):
            return values.gather(1, samples.indices.expand(len(self), -1)).mean(dim=1)
        return (values * samples.counts).sum(dim=1) / samples.sizes()

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

    def _network(self, k: int) -> DenseNetwork:
        if not -len(self) <= k < len(self):
            raise ValueError(f"k must be a row of the ensemble, 0, ..., {len(self) - 1}, got {k}")
        return DenseNetwork(self.widths, self.activation, bias=self.bias, residual=self.residual, tau=self.tau, dtype=self.dtype)

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
        return TileTraining(state, tile_recipe, pool, own, order, self.steps_done, self._draws_done)

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


def _indices(networks: int | Sequence[int] | Tensor) -> list[int]:
    indices = list(range(networks)) if isinstance(networks, int) else [int(index) for index in networks]
    if not indices:
        raise ValueError(f"networks must be at least 1, or a non-empty row of indices, got {networks}")
    return indices
