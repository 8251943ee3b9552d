"""Recurrent networks: plain and residual Elman networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.networks.initialisation import Initialised, unset
from genbounds.models.networks.normalisation import Normalisation, of_vectors


class RecurrentNetwork(Initialised):
    """h_t = sigma(N(W x_t + b + U h_{t-1})) from h_0 = 0 (Elman, 1990), and a linear layer on the last state.

    N is the normalisation, if any: the same at every step. With ``residual``, h_t = h_{t-1} + tau sigma(N(W x_t + b + U h_{t-1})).

    Args:
        features: numbers in a step of the sequence.
        width: of the state.
        outputs: how many logits.
        activation: a name of ``ACTIVATIONS``, or an ``Activation``.
        normalisation: None, "batch", "group" (``GROUPS`` groups of the state's entries) or "layer".
        residual, tau: whether a step adds to the state, and the scale of what it adds.
        dtype, device: of the parameters.

    Parameters start at zero, gains of the normalisation at one; ``initialise`` draws the weights from a keyed stream.

    Shapes: (n, T, features) -> (n, outputs), for any T >= 1.

    Example:
        >>> from genbounds.models.randomness.streams import Stream
        >>> network = RecurrentNetwork(8, 16, 10, "tanh").initialise(Stream("demo", "training"), 0)
        >>> sum(p.numel() for p in network.parameters())
        570
    """

    def __init__(
        self,
        features: int,
        width: int,
        outputs: int,
        activation: str | Activation = "tanh",
        *,
        normalisation: Normalisation | None = None,
        residual: bool = False,
        tau: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        super().__init__()
        if min(features, width, outputs) < 1:
            raise ValueError(
                f"features, width and outputs must be positive, got {features}, {width} and {outputs}: for example 8, 16 and 10"
            )
        self.activation = find_activation(activation)
        self.residual, self.tau = residual, float(tau)
        options = {"dtype": dtype, "device": device}
        self.into = unset(nn.Linear, features, width, **options)
        self.across = unset(nn.Linear, width, width, bias=False, **options)
        self.normalise = of_vectors(normalisation, width, dtype, device)
        self.sigma = self.activation.module()
        self.head = unset(nn.Linear, width, outputs, **options)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, outputs) of sequences (n, T, features)."""
        entering = self.into(x)
        # The state is 0 before the first step, and so is what U makes of it.
        state: Tensor = self.sigma(self.normalise(entering[:, 0])) * (self.tau if self.residual else 1.0)
        for time in range(1, x.shape[1]):
            new = self.sigma(self.normalise(entering[:, time] + self.across(state)))
            state = state + self.tau * new if self.residual else new
        logits: Tensor = self.head(state)
        return logits
