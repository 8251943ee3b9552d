"""Networks whose weights move in a low-dimensional random subspace, Gaussian within it."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic._chain import Chain, Step, weighted_layers
from genbounds.models.stochastic._normals import Normals
from genbounds.models.stochastic.gaussian import GaussianNetwork, checked_std

_ROWS = 1 << 12  # hashed at a time: a projection may be the largest tensor by far


class GaussianSubspaceNetwork(GaussianNetwork):
    """A distribution over networks with weights origin + P z: P a fixed random matrix, z Gaussian with independent coordinates.

    Args:
        origin: the network at z = 0, an ``nn.Sequential`` or a ``DenseNetwork`` (its parameters are copied).
        dimension: the number of coordinates d of z.
        std: the standard deviation of every coordinate of z, positive, to start with.
        stream, network: where the entries of P come from (``stream.sub("projection")``): independent normal numbers of variance 1/d, so
            that at the start every weight has a standard deviation of about std.
        image: channels, height and width of the inputs, for a network that begins with a convolution.

    Prior and posterior share origin and P, which are fixed before the data, and the KL is that of z: d numbers instead of one per weight.
    The weights are dependent, so z itself is drawn and all weights with it, one z for each pair of weights and example.

    Attributes: ``means`` and ``log_stds`` of z, (d,) each; ``origin`` and ``projection`` (weights, d), which no training touches.

    Example:
        >>> chain = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
        >>> prior = GaussianSubspaceNetwork(chain, dimension=5, std=0.1, stream=Stream("demo", "prior"))
        >>> prior.projection.shape, prior.sizes, prior.noise_shape(batch=8, draws=2)
        (torch.Size([23, 5]), (5,), (2, 5))
    """

    origin: Tensor
    projection: Tensor

    def __init__(
        self,
        origin: nn.Module,
        dimension: int,
        std: float,
        stream: Stream,
        *,
        network: int = 0,
        image: tuple[int, int, int] | None = None,
    ) -> None:
        super().__init__()
        scale = math.log(checked_std(std))
        self.chain = Chain(origin, image)
        self.features, self.outputs = self.chain.features, self.chain.outputs
        layers = weighted_layers(origin)
        self.shapes = [(layer.weight.shape, None if layer.bias is None else layer.bias.shape) for layer in layers]
        start = torch.cat([tensor.detach().flatten() for layer in layers for tensor in (layer.weight, layer.bias) if tensor is not None])
        if isinstance(dimension, bool) or dimension != int(dimension) or not 1 <= dimension <= len(start):
            raise ValueError(f"dimension must be a whole number from 1 to {len(start)}, the number of weights, got {dimension}")
        normals = Normals(stream.sub("projection"), network).draw((len(start), int(dimension)), start)
        self.register_buffer("origin", start)
        self.register_buffer("projection", normals / math.sqrt(dimension))
        self.means = nn.Parameter(start.new_zeros(int(dimension)))
        self.log_stds = nn.Parameter(start.new_full((int(dimension),), scale))
        self.refuse_other(origin, (self.features,) if image is None else image, "origin")

    @property
    def architecture(self) -> tuple[Any, ...]:
        """The chain, and the numbers of origin and projection as they are now (a state dict may have replaced them)."""
        return ("subspace", self.chain.architecture, _digest(self.origin), _digest(self.projection))

    def noise_shape(self, batch: int, draws: int) -> tuple[int, ...]:
        """(draws, d): one z for each draw."""
        if batch % draws:
            raise ValueError(f"draws must divide the batch of {batch} examples, got {draws}: each is shared by equally many")
        return draws, len(self.means)

    def prepare(self, x: Tensor, layers: list[Any]) -> Tensor:
        """The examples themselves."""
        return x

    def finish(self, prepared: Tensor, noise: Tensor, layers: list[Any]) -> Tensor:
        """Logits of the examples (batch, features) under the weights that the draws of z give."""
        ((mean, std, origin, projection),) = layers
        draws = len(noise)
        weights = torch.addmm(origin, torch.addcmul(mean, std, noise), projection.T)
        sizes = [shape.numel() for pair in self.shapes for shape in pair if shape is not None]
        parts = iter(torch.split(weights, sizes, dim=1))

        def affine(position: int, step: Step, x: Tensor) -> Tensor:
            shape, bias_shape = self.shapes[position]
            matrix = next(parts).reshape(draws, *shape)
            bias = None if bias_shape is None else next(parts)
            if step.kind == "convolution":
                return step.convolve(x, matrix, bias)
            z = torch.bmm(x.reshape(draws, -1, x.shape[1]), matrix.transpose(1, 2))
            return (z if bias is None else z + bias[:, None, :]).flatten(0, 1)

        return self.chain.run(prepared, draws, affine)

    def read(self, parts: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor | None, ...]]:
        """Means and standard deviations of z, origin and projection."""
        ((mean, std),) = parts
        return [(mean, std, self.origin, self.projection)]

    def tensors(self) -> list[tuple[Tensor, Tensor]]:
        """(mean, log std) of z."""
        return [(self.means, self.log_stds)]


def _digest(tensor: Tensor) -> str:
    """A hash of the shape and the numbers of a tensor, whatever their dtype."""
    found = hashlib.blake2b(repr(tuple(tensor.shape)).encode(), digest_size=16)
    for rows in torch.split(tensor, _ROWS):
        found.update(rows.double().cpu().numpy().tobytes())
    return found.hexdigest()
