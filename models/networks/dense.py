"""Dense networks: plain chains and residual chains of linear layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.networks.initialisation import initial_weights
from genbounds.models.randomness.streams import Stream


class DenseNetwork(nn.Module):
    """f(x) = W_L h_{L-1} + b_L, where h_0 = x and a hidden layer l computes sigma(W_l h_{l-1} + b_l).

    With ``residual``, a hidden layer whose input and output widths agree computes h_{l-1} + tau sigma(W_l h_{l-1} + b_l)
    instead; the others, and the last layer, stay plain.

    Args:
        widths: input width, hidden widths, output width; L = len(widths) - 1 >= 1 linear layers.
        activation: a name of ``ACTIVATIONS``, or an ``Activation``.
        bias: whether layers have biases.
        residual: whether hidden layers of equal widths are residual blocks.
        tau: scale of the residual branch.
        dtype, device: of the parameters.

    The linear layers are ordinary ``nn.Linear``s in ``layers``, first to last; ``activations`` holds the hidden layers'
    modules. Parameters start at zero (no global random state is touched); ``initialise`` draws them from a keyed stream.

    Shapes: (..., widths[0]) -> (..., widths[-1]).

    Example:
        >>> network = DenseNetwork([40, 100, 100, 2]).initialise(Stream("demo", "training"), 0)
        >>> sum(p.numel() for p in network.parameters()), network.is_block
        (14402, (False, False, False))
        >>> DenseNetwork([40, 100, 100, 2], residual=True, tau=0.5).is_block
        (False, True, False)
    """

    def __init__(
        self,
        widths: Sequence[int],
        activation: str | Activation = "relu",
        *,
        bias: bool = True,
        residual: bool = False,
        tau: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        super().__init__()
        self.widths = checked_widths(widths)
        self.activation = find_activation(activation)
        self.bias = bias
        self.residual = residual
        self.tau = float(tau)
        self.is_block = residual_blocks(self.widths, residual)
        # Made without storage first: PyTorch's own initialisation would move its global random state.
        self.layers = nn.ModuleList(
            nn.Linear(fan_in, fan_out, bias=bias, dtype=dtype, device="meta").to_empty(device=device)
            for fan_in, fan_out in pairwise(self.widths)
        )
        self.activations = nn.ModuleList(self.activation.module() for _ in range(len(self.widths) - 2))
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.zero_()

    def initialise(self, stream: Stream, network_index: int) -> DenseNetwork:
        """Set the weights to network ``network_index``'s initial values, the biases to zero; returns the network itself.

        The law is stated in ``genbounds.models.networks.initialisation``; an ensemble with the same stream starts its
        network of the same index from the same numbers.
        """
        dtype = self.linear(0).weight.dtype
        stacked = initial_weights(self.widths, self.activation, stream, [network_index], dtype)
        with torch.no_grad():
            for position, weights in enumerate(stacked):
                layer = self.linear(position)
                layer.weight.copy_(weights[0])
                if layer.bias is not None:
                    layer.bias.zero_()
        return self

    def linear(self, position: int) -> nn.Linear:
        """The linear layer at a position, 0 the first."""
        layer = self.layers[position]
        assert isinstance(layer, nn.Linear)
        return layer

    def forward(self, x: Tensor) -> Tensor:
        """Logits (..., widths[-1]) of inputs (..., widths[0])."""
        for linear, sigma, block in zip(self.layers, self.activations, self.is_block, strict=False):
            branch = sigma(linear(x))
            x = x + self.tau * branch if block else branch
        logits: Tensor = self.layers[-1](x)
        return logits

    def extra_repr(self) -> str:
        """The architecture, for ``repr``."""
        shape = "-".join(str(width) for width in self.widths)
        return f"{shape}, {self.activation.name}" + (f", residual, tau={self.tau}" if self.residual else "")


def checked_widths(widths: Sequence[int]) -> tuple[int, ...]:
    """The widths as a tuple of ints; ValueError unless there are two or more, all positive whole numbers."""
    result = tuple(int(width) for width in widths)
    if len(result) < 2 or any(r < 1 or r != w for r, w in zip(result, widths, strict=True)):
        raise ValueError(
            f"widths must be two or more positive whole numbers, got {list(widths)}: input width, hidden widths, "
            "output width, e.g. [64, 100, 10]"
        )
    return result


def residual_blocks(widths: Sequence[int], residual: bool) -> tuple[bool, ...]:
    """For each linear layer, whether it is the branch of a residual block: hidden, and of equal widths."""
    last = len(widths) - 2
    return tuple(residual and position < last and fan_in == fan_out for position, (fan_in, fan_out) in enumerate(pairwise(widths)))
