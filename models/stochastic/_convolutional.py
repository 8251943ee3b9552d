"""Convolutional networks whose weights and biases are independent Gaussians."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.stochastic._chain import Chain, Step, weighted_layers
from genbounds.models.stochastic.gaussian import GaussianLayers, noisy


class GaussianConvolutionalNetwork(GaussianLayers):
    """A distribution over convolutional networks: every weight and bias an independent Gaussian with its own mean and scale.

    Args:
        means: the network at the means, an ``nn.Sequential`` of convolutions, activations, pooling, and dense layers after a flatten (its
            parameters are copied).
        image: channels, height and width of the inputs, which come as vectors (batch, channels * height * width).
        std: the standard deviation of every parameter, positive, to start with.

    A kernel meets every position of an image, so the pre-activations of one example are dependent, and the kernels themselves are drawn.
    Each draw is convolved with its own examples, all draws in one grouped convolution. After the flatten each matrix meets one vector per
    example, and its pre-activations are drawn in its place, as in ``GaussianDenseNetwork``. With as many draws as examples the logits have
    exactly the law under independent weights for each example; with fewer draws examples share kernels, which training may do.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 10))
        >>> prior = GaussianConvolutionalNetwork(network, (1, 8, 8), std=0.1)
        >>> prior.kernels, sum(prior.sizes), prior.noise_shape(batch=20, draws=5)
        (40, 410, (400,))
        >>> prior(torch.zeros(20, 64), torch.zeros(400)).shape
        torch.Size([20, 10])
    """

    def __init__(self, means: nn.Module, image: tuple[int, int, int], std: float) -> None:
        layers = weighted_layers(means)
        super().__init__(layers, std)
        self.chain = Chain(means, image)
        kinds = [step.kind for step in self.chain.steps]
        if "convolution" not in kinds:
            raise ValueError("means must have a convolution, got none: GaussianDenseNetwork is for dense networks")
        self.features, self.outputs = self.chain.features, self.chain.outputs
        self.has_bias = tuple(layer.bias is not None for layer in layers)
        self.convolutions = sum(kind == "convolution" for kind in kinds)
        self.refuse_other(means, image, "means")

    @property
    def architecture(self) -> tuple[Any, ...]:
        """The chain of layers with all their settings."""
        return ("convolutional", self.chain.architecture)

    @property
    def kernels(self) -> int:
        """Weights and biases of the convolutions: the standard normal numbers that one draw takes."""
        means = self._by_layer([mean for mean, _ in self.tensors()])[: self.convolutions]
        return sum(weight.numel() + (0 if bias is None else bias.numel()) for weight, bias in means)

    @property
    def noise_width(self) -> int:
        """Standard normal numbers that one example takes in addition to its draw: the widths of the dense layers."""
        return sum(mean.shape[0] for mean in list(self.weight_means)[self.convolutions :])

    def noise_shape(self, batch: int, draws: int) -> tuple[int, ...]:
        """One vector: the noise of the kernels, draw by draw, then that of the dense layers, example by example."""
        if batch % draws:
            raise ValueError(f"draws must divide the batch of {batch} examples, got {draws}: each is shared by equally many")
        return (draws * self.kernels + batch * self.noise_width,)

    def prepare(self, x: Tensor, layers: list[Any]) -> Tensor:
        """The examples themselves."""
        return x

    def finish(self, prepared: Tensor, noise: Tensor, layers: list[Any]) -> Tensor:
        """Logits of the examples (batch, features) under the kernels and pre-activations that the noise draws."""
        batch = len(prepared)
        draws = (len(noise) - batch * self.noise_width) // self.kernels
        widths = [layer[0].shape[0] for layer in layers[self.convolutions :]]
        drawn = iter(torch.split(noise[: draws * self.kernels].reshape(draws, -1), self._lengths(layers), dim=1))
        dense = iter(torch.split(noise[draws * self.kernels :].reshape(batch, -1), widths, dim=1))

        def affine(position: int, step: Step, x: Tensor) -> Tensor:
            mean, spread, bias, bias_spread = layers[position]
            if step.kind == "dense":
                return noisy(x, mean, spread, bias, bias_spread, next(dense))
            kernels = torch.addcmul(mean, spread, next(drawn).reshape(draws, *mean.shape))
            biases = None if bias is None else torch.addcmul(bias, bias_spread, next(drawn))
            return step.convolve(x, kernels, biases)

        return self.chain.run(prepared, draws, affine)

    def _lengths(self, layers: list[Any]) -> list[int]:
        """Numbers of weights and of biases, convolution by convolution."""
        tensors = [tensor for mean, _, bias, _ in layers[: self.convolutions] for tensor in (mean, bias)]
        return [tensor.numel() for tensor in tensors if tensor is not None]

    def read(self, parts: list[tuple[Tensor, Tensor]]) -> list[tuple[Tensor | None, ...]]:
        """Means and standard deviations of the kernels, means and variances of the dense layers: (W, s, b, s_b) and (W, s^2, b, s_b^2)."""
        made: list[tuple[Tensor | None, ...]] = []
        for position, (weight, bias) in enumerate(self._by_layer(parts)):
            (mean, std), (bias_mean, bias_std) = weight, (None, None) if bias is None else bias
            if position >= self.convolutions:
                std, bias_std = std.square(), None if bias_std is None else bias_std.square()
            made.append((mean, std, bias_mean, bias_std))
        return made

    def _by_layer(self, parts: list[Any]) -> list[tuple[Any, Any]]:
        """The parts of ``tensors``, weights first, as (weight, bias or None) layer by layer."""
        depth = len(self.weight_means)
        biases = iter(parts[depth:])
        return [(parts[position], next(biases) if self.has_bias[position] else None) for position in range(depth)]
