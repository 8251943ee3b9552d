"""Initial weights, drawn from a keyed stream: one network or ten thousand, the same numbers.

Those of dense networks (``initial_weights``) are uniform on [-b, b]; biases are zero. For relu, leaky_relu and elu b = sqrt(6 / fan_in)
(He, Zhang, Ren, Sun, ICCV 2015: variance 2/fan_in); for sigmoid and tanh b = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, AISTATS
2010); the last layer, which no activation follows, takes b = sqrt(3 / fan_in) (variance 1/fan_in, LeCun). Those of every other module are
normal (``initial_parameter``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Self

import torch
from torch import Tensor, nn

from genbounds.models.networks.activations import Activation
from genbounds.models.randomness.streams import Networks, Stream

_PURPOSE = "initialisation"
_HE = ("relu", "leaky_relu", "elu")
_CHUNK_ELEMENTS = 1 << 22  # float64 draws at a time: a stack of many networks is filled 32 MiB after 32 MiB


def weight_bounds(widths: Sequence[int], activation: Activation) -> list[float]:
    """The half-width b of each layer's uniform law, first layer first.

    Example:
        >>> from genbounds.models.networks import ACTIVATIONS
        >>> weight_bounds([6, 3, 1], ACTIVATIONS["relu"])
        [1.0, 1.0]
    """
    bounds = []
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
        if layer == len(widths) - 2:
            bounds.append(math.sqrt(3.0 / fan_in))
        elif activation.name in _HE:
            bounds.append(math.sqrt(6.0 / fan_in))
        else:
            bounds.append(math.sqrt(6.0 / (fan_in + fan_out)))
    return bounds


def initial_weights(
    widths: Sequence[int], activation: Activation, stream: Stream, networks: Networks, dtype: torch.dtype
) -> Iterator[Tensor]:
    """Yield each layer's stacked weights (K, out, in), in ``dtype``, on the stream's device.

    Layer after layer takes the next out * in positions of the stream ``stream.sub("initialisation")``, row by row; what a
    network draws depends on its index and the widths alone.
    """
    draws = stream.sub(_PURPOSE).draws(networks)
    bounds = weight_bounds(widths, activation)
    start = 0
    for fan_in, fan_out, bound in zip(widths[:-1], widths[1:], bounds, strict=True):
        size = fan_in * fan_out
        weights = torch.empty((len(draws.keys), fan_out, fan_in), dtype=dtype, device=stream.device)
        height = max(1, _CHUNK_ELEMENTS // size)
        for top in range(0, len(weights), height):
            rows = slice(top, top + height)
            values = draws.rows(rows).uniform(start, size).mul_(2.0).sub_(1.0).mul_(bound)
            weights[rows] = values.reshape(-1, fan_out, fan_in)
        start += size
        yield weights


def initial_parameter(name: str, value: Tensor, stream: Stream, networks: Networks) -> Tensor:
    """The stacked initial values (K, ...) of one parameter of a module that is not a dense network, in float64, on the stream's device.

    A parameter of two or more dimensions is drawn from ``stream.sub("initialisation").sub(name)``, normal with variance 2/fan_in (He et
    al.), fan_in being its size without the first dimension; a vector (a bias, the gain of a normalisation) starts as ``value``.
    """
    draws = stream.sub(_PURPOSE).sub(name).draws(networks)
    if value.dim() < 2:
        return value.to(device=draws.keys.device, dtype=torch.float64).expand(len(draws.keys), *value.shape).clone()
    scale = math.sqrt(2.0 / value[0].numel())
    return draws.normal(0, value.numel()).mul_(scale).view(-1, *value.shape)


def initialise_module(module: nn.Module, stream: Stream, network_index: int) -> None:
    """Set the parameters to network ``network_index``'s initial values: those that a ``ModuleEnsemble`` of this module would start from."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(initial_parameter(name, parameter.detach(), stream, [network_index])[0])


class Initialised(nn.Module):
    """A module whose weights can be drawn from a keyed stream."""

    def initialise(self, stream: Stream, network_index: int) -> Self:
        """Set the weights to network ``network_index``'s initial values, as a ``ModuleEnsemble`` has them; returns the network itself."""
        initialise_module(self, stream, network_index)
        return self


def unset(kind: Callable[..., nn.Module], *arguments: object, **options: object) -> nn.Module:
    """A layer whose parameters are zero. PyTorch's own initialisation would move its global random state."""
    layer: nn.Module = nn.utils.skip_init(kind, *arguments, **options)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
    return layer
