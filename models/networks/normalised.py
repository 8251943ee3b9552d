"""Dense networks with normalisation: plain and residual chains of linear layers, normalised before their activation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.networks.dense import checked_widths, residual_blocks
from genbounds.models.networks.initialisation import Initialised, unset
from genbounds.models.networks.normalisation import Normalisation, of_vectors


class NormalisedDenseNetwork(Initialised):
    """A ``DenseNetwork`` whose hidden layers compute sigma(N(W_l h_{l-1} + b_l)), N being a normalisation.

    It is a class of its own because it is not a chain of affine maps and activations: it is measured by tracing, and trains as a
    ``ModuleEnsemble``.

    Args:
        widths, activation, residual, tau, dtype, device: as for ``DenseNetwork``.
        normalisation: "batch", "group" (``GROUPS`` groups of a layer's units) or "layer".

    Parameters start at zero, gains of the normalisation at one; ``initialise`` draws the weights from a keyed stream.

    Shapes: (n, widths[0]) -> (n, widths[-1]).

    Example:
        >>> from genbounds.models.randomness.streams import Stream
        >>> network = NormalisedDenseNetwork([64, 32, 32, 10], "layer").initialise(Stream("demo", "training"), 0)
        >>> sum(p.numel() for p in network.parameters())
        3594
    """

    def __init__(
        self,
        widths: Sequence[int],
        normalisation: Normalisation,
        activation: str | Activation = "relu",
        *,
        residual: bool = False,
        tau: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        super().__init__()
        self.widths = checked_widths(widths)
        self.activation = find_activation(activation)
        self.tau = float(tau)
        self.is_block = residual_blocks(self.widths, residual)[:-1]
        options = {"dtype": dtype, "device": device}
        self.layers = nn.ModuleList(
            nn.Sequential(
                unset(nn.Linear, fan_in, fan_out, **options), of_vectors(normalisation, fan_out, dtype, device), self.activation.module()
            )
            for fan_in, fan_out in pairwise(self.widths[:-1])
        )
        self.head = unset(nn.Linear, self.widths[-2], self.widths[-1], **options)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, widths[-1]) of inputs (n, widths[0])."""
        for layer, block in zip(self.layers, self.is_block, strict=True):
            x = x + self.tau * layer(x) if block else layer(x)
        logits: Tensor = self.head(x)
        return logits
