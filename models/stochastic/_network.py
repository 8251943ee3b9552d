"""Dense networks whose weights and biases are independent Gaussians."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.networks import DenseNetwork
from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation


class GaussianDenseNetwork(nn.Module):
    """A distribution over dense networks: every weight and bias an independent Gaussian with its own mean and scale.

    Args:
        means: the network at the means, a plain ``DenseNetwork`` (its parameters are copied).
        std: the standard deviation of every parameter, positive, to start with.

    Parameters, layer by layer: ``weight_means`` (out, in), ``weight_log_stds`` (out, in), ``bias_means`` (out,) and
    ``bias_log_stds`` (out,), the last two empty lists without biases. Logarithms are natural.

    One forward pass draws the pre-activations of each example, not the weights: given the layer's input x they are
    independent Gaussians of mean W x + b and variance sum sigma^2 x^2 + sigma_b^2 (local reparametrisation; Kingma,
    Salimans and Welling 2015). For one example that is exactly the law under drawn weights, since each matrix meets one
    vector; different examples then have different weights, which is what independent pairs (weights, example) need.

    Example:
        >>> from genbounds.models.streams import Stream
        >>> network = DenseNetwork([4, 3, 2]).initialise(Stream("demo", "training"), 0)
        >>> prior = GaussianDenseNetwork(network, std=0.1)
        >>> posterior = prior.copy()
        >>> float(posterior.kl(prior).detach()), prior.noise_width, sum(prior.sizes)
        (0.0, 5, 23)
    """

    def __init__(self, means: DenseNetwork, std: float) -> None:
        super().__init__()
        if means.residual:
            raise ValueError("means must be a plain chain, got a residual network: build it with residual=False")
        if not (math.isfinite(std) and std > 0):
            raise ValueError(f"std must be positive and finite, got {std}: it is the scale of every weight")
        self.widths = means.widths
        self.activation: Activation = find_activation(means.activation)
        linears = [means.linear(position) for position in range(len(means.layers))]
        weights = [linear.weight.detach() for linear in linears]
        biases = [linear.bias.detach() for linear in linears if linear.bias is not None]
        self.weight_means = _parameters(weight.clone() for weight in weights)
        self.bias_means = _parameters(bias.clone() for bias in biases)
        self.weight_log_stds = _parameters(torch.full_like(weight, math.log(std)) for weight in weights)
        self.bias_log_stds = _parameters(torch.full_like(bias, math.log(std)) for bias in biases)

    @property
    def noise_width(self) -> int:
        """Standard normal numbers that one example takes: the widths of all layers but the input."""
        return sum(self.widths[1:])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of parameters, tensor by tensor, in the order of ``moments``."""
        return tuple(mean.numel() for mean in (*self.weight_means, *self.bias_means))

    def copy(self) -> GaussianDenseNetwork:
        """An independent copy, to be trained while this one stays the prior."""
        return copy.deepcopy(self)

    def rescale(self, factor: float) -> GaussianDenseNetwork:
        """Multiply every standard deviation by ``factor``, in place; returns the network itself."""
        with torch.no_grad():
            for log_std in (*self.weight_log_stds, *self.bias_log_stds):
                log_std += math.log(factor)
        return self

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """Logits (batch, outputs) of inputs (batch, widths[0]), given standard normal ``noise`` (batch,
        noise_width).
        """
        return self.propagate(x, noise, self._layers())

    def propagate(self, x: Tensor, noise: Tensor, layers: Sequence[tuple[Tensor, Tensor, Tensor | None, Tensor | None]]) -> Tensor:
        """``forward`` with the means and variances (W, sigma^2, b, sigma_b^2) of every layer given."""
        start = 0
        for position, (mean, variance, bias, bias_variance) in enumerate(layers):
            stop = start + self.widths[position + 1]
            centre = nn.functional.linear(x, mean, bias)
            spread = nn.functional.linear(x.square(), variance, bias_variance)
            # The square root has no derivative at 0 (a blank example in a layer without biases): there z is its mean.
            present = spread > 0
            scale = torch.where(present, torch.where(present, spread, 1.0).sqrt(), 0.0)
            z = centre + scale * noise[:, start:stop]
            x = self.activation.module()(z) if position < len(layers) - 1 else z
            start = stop
        return x

    def _layers(self) -> list[tuple[Tensor, Tensor, Tensor | None, Tensor | None]]:
        has_bias = len(self.bias_means) > 0
        return [
            (
                mean,
                torch.exp(2 * self.weight_log_stds[position]),
                self.bias_means[position] if has_bias else None,
                torch.exp(2 * self.bias_log_stds[position]) if has_bias else None,
            )
            for position, mean in enumerate(self.weight_means)
        ]

    def kl(self, prior: GaussianDenseNetwork) -> Tensor:
        """KL(self || prior) in nats, differentiable, in the parameters' dtype: for training. Certificates take
        ``gaussian_kl``.
        """
        total: Tensor = self.weight_means[0].new_zeros(())
        pairs = zip(self._tensors(), prior._tensors(), strict=True)
        for (mean, log_std), (prior_mean, prior_log_std) in pairs:
            ratio = 2 * (log_std - prior_log_std)
            shift = (mean - prior_mean).square() * torch.exp(-2 * prior_log_std)
            total = total + 0.5 * (torch.expm1(ratio) - ratio + shift).sum()
        return total

    def _tensors(self) -> list[tuple[Tensor, Tensor]]:
        """(mean, log std) of every parameter tensor, weights first."""
        weights = list(zip(self.weight_means, self.weight_log_stds, strict=True))
        return weights + list(zip(self.bias_means, self.bias_log_stds, strict=True))

    def moments(self) -> tuple[Tensor, Tensor]:
        """The means and the standard deviations of all parameters, float64 vectors: what KL and sampling both use,
        exactly.
        """
        means = torch.cat([mean.detach().flatten() for mean, _ in self._tensors()]).to(torch.float64)
        stds = torch.cat([log_std.detach().flatten() for _, log_std in self._tensors()]).to(torch.float64).exp()
        return means, stds

    def measured_layers(self, dtype: torch.dtype) -> list[Any]:
        """The layers for ``propagate`` without gradients, from ``moments``."""
        means, stds = self.moments()
        mean_parts: list[Any] = []
        variance_parts: list[Any] = []
        start = 0
        for mean, _ in self._tensors():
            window = slice(start, start + mean.numel())
            mean_parts.append(means[window].view(mean.shape).to(dtype))
            variance_parts.append(stds[window].square().view(mean.shape).to(dtype))
            start = window.stop
        depth = len(self.weight_means)
        biases = mean_parts[depth:] or [None] * depth
        bias_variances = variance_parts[depth:] or [None] * depth
        return list(zip(mean_parts[:depth], variance_parts[:depth], biases, bias_variances, strict=True))


def _parameters(tensors: Any) -> nn.ParameterList:
    return nn.ParameterList([nn.Parameter(tensor) for tensor in tensors])
