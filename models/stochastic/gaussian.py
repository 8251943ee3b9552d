"""What all Gaussian networks share: independent Gaussian coordinates, their KL, and how training and sampling read them."""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from genbounds.models.tracing.own_copy import OwnNetwork

_POINTS = 8  # at which the network at the means is compared with the user's


class GaussianNetwork(nn.Module, ABC):
    """A distribution over networks: every coordinate an independent Gaussian with its own mean and scale.

    ``GaussianDenseNetwork`` is one.

    A subclass says what its coordinates are (``tensors``), how many standard normal numbers it takes (``noise_shape``), and how they become
    logits, in two steps: ``prepare`` computes what depends on the example alone, and ``finish`` adds the noise.

    Attributes:
        features, outputs: inputs and outputs of the network.
    """

    features: int
    outputs: int

    @property
    @abstractmethod
    def architecture(self) -> tuple[Any, ...]:
        """What two distributions must share to be posterior and prior of one family of networks."""

    @abstractmethod
    def tensors(self) -> list[tuple[Tensor, Tensor]]:
        """(mean, natural logarithm of the standard deviation) of every tensor of coordinates."""

    @abstractmethod
    def noise_shape(self, batch: int, draws: int) -> tuple[int, ...]:
        """The shape of the standard normal numbers that ``batch`` examples take under ``draws`` independent draws of the weights.

        Consecutive examples share a draw: ``draws`` divides ``batch``. Pairs have as many draws as examples.
        """

    @abstractmethod
    def read(self, parts: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor | None, ...]]:
        """The layers as ``prepare`` and ``finish`` take them, from (mean, standard deviation) of every tensor of ``tensors``."""

    @abstractmethod
    def prepare(self, x: Tensor, layers: list[Any]) -> Tensor:
        """What the examples x (rows, features) alone decide: a tensor with one row per example."""

    @abstractmethod
    def finish(self, prepared: Tensor, noise: Tensor, layers: list[Any]) -> Tensor:
        """Logits (batch, outputs) from rows of ``prepare`` and standard normal noise."""

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """Logits (batch, outputs) of inputs (batch, features), given standard normal ``noise`` of ``noise_shape(batch, draws)``."""
        return self.propagate(x, noise, self.layers())

    def propagate(self, x: Tensor, noise: Tensor, layers: list[Any]) -> Tensor:
        """``forward`` with the layers given."""
        return self.finish(self.prepare(x, layers), noise, layers)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of coordinates, tensor by tensor, in the order of ``moments``."""
        return tuple(mean.numel() for mean, _ in self.tensors())

    @property
    def device(self) -> torch.device:
        """Where the coordinates are."""
        return self.tensors()[0][0].device

    @property
    def dtype(self) -> torch.dtype:
        """Their floating-point type."""
        return self.tensors()[0][0].dtype

    def copy(self) -> Self:
        """An independent copy, to be trained while this one stays the prior."""
        return copy.deepcopy(self)

    def rescale(self, factor: float) -> Self:
        """Multiply every standard deviation by ``factor``, in place; returns the network itself."""
        with torch.no_grad():
            for _, log_std in self.tensors():
                log_std += math.log(factor)
        return self

    def kl(self, prior: GaussianNetwork) -> Tensor:
        """KL(self || prior) in nats, differentiable in this distribution alone, in the parameters' dtype: for training, which leaves no
        gradient on the prior. Certificates take ``gaussian_kl``.
        """
        total: Tensor = self.tensors()[0][0].new_zeros(())
        for (mean, log_std), (prior_mean, prior_log_std) in zip(self.tensors(), prior.tensors(), strict=True):
            ratio = 2 * (log_std - prior_log_std.detach())
            shift = (mean - prior_mean.detach()).square() * torch.exp(-2 * prior_log_std.detach())
            total = total + 0.5 * (torch.expm1(ratio) - ratio + shift).sum()
        return total

    def moments(self) -> tuple[Tensor, Tensor]:
        """The means and the standard deviations of all coordinates, float64 vectors: what KL and sampling both use,
        exactly.
        """
        means = torch.cat([mean.detach().flatten() for mean, _ in self.tensors()]).to(torch.float64)
        stds = torch.cat([log_std.detach().flatten() for _, log_std in self.tensors()]).to(torch.float64).exp()
        return means, stds

    def refuse_other(self, network: nn.Module, shape: tuple[int, ...], name: str) -> None:
        """``ValueError`` unless ``network`` computes on inputs of ``shape`` about what this distribution computes at its means.

        Only the layers of a network are read. A network with changed code around them, or code that looks at its dtype, may compute
        something else.
        """
        own = OwnNetwork.of(network, name)
        generator = torch.Generator().manual_seed(0)
        points = torch.randn((_POINTS, *shape), generator=generator, dtype=torch.float64).to(self.device)
        layers = self.fixed_layers(self.moments()[0], torch.float64)
        noise = torch.zeros(self.noise_shape(_POINTS, _POINTS), dtype=torch.float64, device=self.device)
        own.compare_function(lambda x: self.propagate(x.flatten(1), noise, layers), points)

    def layers(self) -> list[Any]:
        """The layers, differentiable, in the parameters' dtype."""
        return self.read([(mean, log_std.exp()) for mean, log_std in self.tensors()])

    def measured_layers(self, dtype: torch.dtype) -> list[Any]:
        """The layers without gradients, from ``moments``."""
        return self._read_vectors(*self.moments(), dtype)

    def fixed_layers(self, coordinates: Tensor, dtype: torch.dtype) -> list[Any]:
        """The layers of the one network with these coordinates, a vector in the order of ``moments``: no noise moves it."""
        return self._read_vectors(coordinates, torch.zeros_like(coordinates), dtype)

    def _read_vectors(self, means: Tensor, stds: Tensor, dtype: torch.dtype) -> list[Any]:
        shapes, sizes = [mean.shape for mean, _ in self.tensors()], list(self.sizes)
        pieces = zip(torch.split(means, sizes), torch.split(stds, sizes), shapes, strict=True)
        layers = self.read([(mean.view(shape), std.view(shape)) for mean, std, shape in pieces])
        return [tuple(None if tensor is None else tensor.to(dtype) for tensor in layer) for layer in layers]


class GaussianLayers(GaussianNetwork):
    """A distribution whose coordinates are the weights and biases of layers, around those of given ones."""

    def __init__(self, layers: Sequence[nn.Linear | nn.Conv2d], std: float) -> None:
        super().__init__()
        scale = math.log(checked_std(std))
        weights = [layer.weight.detach() for layer in layers]
        biases = [layer.bias.detach() for layer in layers if layer.bias is not None]
        self.weight_means = _parameters(weight.clone() for weight in weights)
        self.bias_means = _parameters(bias.clone() for bias in biases)
        self.weight_log_stds = _parameters(torch.full_like(weight, scale) for weight in weights)
        self.bias_log_stds = _parameters(torch.full_like(bias, scale) for bias in biases)

    def tensors(self) -> list[tuple[Tensor, Tensor]]:
        """(mean, log std) of every parameter tensor, weights first."""
        weights = list(zip(self.weight_means, self.weight_log_stds, strict=True))
        return weights + list(zip(self.bias_means, self.bias_log_stds, strict=True))


def checked_std(std: float) -> float:
    """``std`` itself; ``ValueError`` unless it is positive and finite."""
    if not (math.isfinite(std) and std > 0):
        raise ValueError(f"std must be positive and finite, got {std}: it is the scale of every weight")
    return float(std)


def _parameters(tensors: Iterable[Tensor]) -> nn.ParameterList:
    """The tensors as parameters of a module."""
    return nn.ParameterList([nn.Parameter(tensor) for tensor in tensors])


def noisy(x: Tensor, mean: Tensor, variance: Tensor, bias: Tensor | None, bias_variance: Tensor | None, noise: Tensor) -> Tensor:
    """Pre-activations of a layer whose weights are independent Gaussians, one independent draw of them for each row of ``x``.

    Given x they are independent Gaussians of mean W x + b and variance sum sigma^2 x^2 + sigma_b^2.
    """
    return shifted(*mean_and_scale(x, mean, variance, bias, bias_variance), noise)


def mean_and_scale(x: Tensor, mean: Tensor, variance: Tensor, bias: Tensor | None, bias_variance: Tensor | None) -> tuple[Tensor, Tensor]:
    """The means and standard deviations of those pre-activations."""
    if not variance.any() and (bias_variance is None or not bias_variance.any()):
        # One network, of which nothing is random: the product with x^2 and its root would be 0, and NaN where x is not finite.
        nothing = x.sum(dim=-1, keepdim=True) * 0
        return nn.functional.linear(x, mean, bias), nothing.expand(*x.shape[:-1], len(mean))
    spread = nn.functional.linear(x.square(), variance, bias_variance)
    # The square root has no derivative at 0 (a blank example in a layer without biases): there z is its mean. NaN stays NaN, an error.
    still = spread == 0
    scale = spread.masked_fill(still, 1.0).sqrt().masked_fill(still, 0.0)
    return nn.functional.linear(x, mean, bias), scale


def shifted(centre: Tensor, scale: Tensor, noise: Tensor) -> Tensor:
    """centre + scale * noise."""
    return torch.addcmul(centre, scale, noise)
