"""Convolutional networks: plain chains and residual chains of 3 x 3 convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.networks.initialisation import Initialised, unset
from genbounds.models.networks.normalisation import Normalisation, of_images


class ConvolutionalNetwork(Initialised):
    """Layers h_l = sigma(N(W_l * h_{l-1} + b_l)) on images, and a linear layer on all entries of the last of them.

    W_l is a 3 x 3 convolution with zero padding, so that images keep their size; N is the normalisation, if any. With ``residual``, a layer
    with as many output as input channels computes h_{l-1} + tau sigma(N(W_l * h_{l-1} + b_l)) instead.

    Args:
        input_shape: channels, height and width of an image.
        channels: of the convolutions, one or more.
        outputs: how many logits.
        activation: a name of ``ACTIVATIONS``, or an ``Activation``.
        normalisation: None, "batch", "group" (``GROUPS`` groups of channels) or "layer".
        residual, tau: whether layers of equal channels are residual blocks, and the scale of their branch.
        dtype, device: of the parameters.

    Parameters start at zero, gains of the normalisation at one; ``initialise`` draws the weights from a keyed stream.

    Shapes: (n, *input_shape) -> (n, outputs).

    Example:
        >>> from genbounds.models.randomness.streams import Stream
        >>> network = ConvolutionalNetwork((1, 8, 8), [8, 8], 10, residual=True).initialise(Stream("demo", "training"), 0)
        >>> sum(p.numel() for p in network.parameters()), network.is_block
        (5794, (False, True))
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        channels: Sequence[int],
        outputs: int,
        activation: str | Activation = "relu",
        *,
        normalisation: Normalisation | None = None,
        residual: bool = False,
        tau: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        super().__init__()
        if len(input_shape) != 3 or not channels or min(*input_shape, *channels, outputs) < 1:
            raise ValueError(
                f"input_shape must be (channels, height, width) and channels one or more, all positive as outputs is, got {input_shape}, "
                f"{list(channels)} and {outputs}: for example (1, 8, 8), [8, 8] and 10"
            )
        self.activation = find_activation(activation)
        self.tau = float(tau)
        widths = (input_shape[0], *channels)
        self.is_block = tuple(residual and fan_in == fan_out for fan_in, fan_out in pairwise(widths))
        options = {"dtype": dtype, "device": device}
        self.layers = nn.ModuleList(
            nn.Sequential(
                unset(nn.Conv2d, fan_in, fan_out, 3, padding=1, **options),
                of_images(normalisation, fan_out, dtype, device),
                self.activation.module(),
            )
            for fan_in, fan_out in pairwise(widths)
        )
        self.head = unset(nn.Linear, widths[-1] * input_shape[1] * input_shape[2], outputs, **options)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, outputs) of images (n, channels, height, width)."""
        for layer, block in zip(self.layers, self.is_block, strict=True):
            x = x + self.tau * layer(x) if block else layer(x)
        logits: Tensor = self.head(x.flatten(1))
        return logits
