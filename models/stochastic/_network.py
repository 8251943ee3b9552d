"""Dense networks whose weights and biases are independent Gaussians."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from genbounds.models.networks import DenseNetwork
from genbounds.models.networks.activations import Activation
from genbounds.models.networks.activations import activation as find_activation
from genbounds.models.stochastic.gaussian import GaussianLayers, mean_and_scale, noisy


class GaussianDenseNetwork(GaussianLayers):
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
        >>> from genbounds.models.randomness.streams import Stream
        >>> network = DenseNetwork([4, 3, 2]).initialise(Stream("demo", "training"), 0)
        >>> prior = GaussianDenseNetwork(network, std=0.1)
        >>> posterior = prior.copy()
        >>> float(posterior.kl(prior).detach()), prior.noise_width, sum(prior.sizes)
        (0.0, 5, 23)
    """

    def __init__(self, means: DenseNetwork, std: float) -> None:
        if means.residual:
            raise ValueError("means must be a plain chain, got a residual network: build it with residual=False")
        super().__init__([means.linear(position) for position in range(len(means.layers))], std)
        self.widths = means.widths
        self.features, self.outputs = self.widths[0], self.widths[-1]
        self.activation: Activation = find_activation(means.activation)
        self.refuse_other(means, (self.features,), "means")

    @property
    def architecture(self) -> tuple[Any, ...]:
        """Widths, activation, and whether there are biases."""
        return ("dense", self.widths, self.activation.name, len(self.bias_means) > 0)

    @property
    def noise_width(self) -> int:
        """Standard normal numbers that one example takes: the widths of all layers but the input."""
        return sum(self.widths[1:])

    def noise_shape(self, batch: int, draws: int) -> tuple[int, ...]:
        """(batch, noise_width): every example has weights of its own, whatever ``draws``."""
        return batch, self.noise_width

    def prepare(self, x: Tensor, layers: list[Any]) -> Tensor:
        """The means and the standard deviations of the first layer's pre-activations, side by side."""
        return torch.cat(mean_and_scale(x, *layers[0]), dim=1)

    def finish(self, prepared: Tensor, noise: Tensor, layers: list[Any]) -> Tensor:
        """Logits from the first layer's means and standard deviations and the noise of all layers."""
        stop = self.widths[1]
        x = torch.addcmul(prepared[:, :stop], prepared[:, stop:], noise[:, :stop])
        for mean, variance, bias, bias_variance in layers[1:]:
            start, stop = stop, stop + len(mean)
            x = noisy(self.activation.module()(x), mean, variance, bias, bias_variance, noise[:, start:stop])
        return x

    def read(self, parts: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor | None, ...]]:
        """Means and variances (W, sigma^2, b, sigma_b^2) of every layer."""
        depth = len(self.weight_means)
        squared = [(mean, std.square()) for mean, std in parts]
        biases: list[Any] = squared[depth:] or [(None, None)] * depth
        return [(*weight, *bias) for weight, bias in zip(squared[:depth], biases, strict=True)]
