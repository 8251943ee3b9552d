"""K dense networks of one architecture, trained and measured at once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from genbounds.models.ensemble.backpropagation import DenseKind
from genbounds.models.ensemble.recipe import Recipe
from genbounds.models.ensemble.stacked import StackedNetworkEnsemble, checked_indices
from genbounds.models.ensemble.tiles import plan_tiles
from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.networks.dense import DenseNetwork, checked_widths, residual_blocks
from genbounds.models.networks.initialisation import initial_weights
from genbounds.models.randomness.streams import Stream


class Ensemble(StackedNetworkEnsemble):
    """K dense networks of one architecture with stacked parameters.

    Networks with ReLU or leaky ReLU train on the CPU in compiled loops (``compiled``), one after another, so that a network's result does
    not depend, to the last bit, on the tiles or on the other networks. All others, and full batches, train as one batched tensor program.

    Args:
        widths, activation, bias, residual, tau: the architecture, as for ``DenseNetwork``.
        networks: how many (their indices are then 0, ..., K-1), or the K indices. An index decides the draws (initial
            weights, order of the examples) whatever the other indices are; the same index twice gives twins.
        stream: the experiment's stream; initial weights come from ``stream.sub("initialisation")``, the order of the
            examples from ``stream.sub("batches")``.
        dtype: torch.float32, or torch.float64 where runs must agree to 1e-9.
        device: "cpu", or "cuda".

    Attributes: ``weights`` (one (K, out, in) tensor per layer), ``biases`` (one (K, out) tensor per layer, or none), ``parameters``
    (all of these), ``networks`` (the K indices), ``steps_done``.

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
        self.bias, self.residual, self.tau = bias, residual, float(tau)
        self.blocks = residual_blocks(self.widths, residual)
        kind = DenseKind(tuple(self.widths), self.activation, tuple(self.blocks), self.tau)
        super().__init__(kind, checked_indices(networks), stream, self.widths[0], self.widths[-1], dtype, device)
        self.weights = list(initial_weights(self.widths, self.activation, self.stream, self.networks, dtype))
        self.biases = [w.new_zeros(w.shape[:2]) for w in self.weights] if bias else []
        self.parameters = [*self.weights, *self.biases]

    def extract(self, k: int) -> DenseNetwork:
        """A copy of row k as a network of its own, on the CPU (row k is the network of index ``networks[k]``)."""
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

    def _plan(self, recipe: Recipe, threads: int) -> list[slice]:
        return plan_tiles(
            self.widths,
            len(self),
            max(1, recipe.batch_size),
            bias=self.bias,
            averages=bool(recipe.momentum) + 2 * (recipe.adam is not None),
            dtype=self.dtype,
            device=self.device,
            threads=threads,
        )
