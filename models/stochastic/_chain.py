"""Chains of convolutions, dense layers and parameter-free maps, run under several draws of their weights at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.networks import DenseNetwork
from genbounds.models.tracing.own_copy import copy_of

_MAPS = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.Tanh, nn.Sigmoid, nn.MaxPool2d, nn.AvgPool2d)
Affine = Callable[[int, "Step", Tensor], Tensor]


@dataclass(frozen=True)
class Step:
    """One step of a chain: ``kind`` is "convolution", "dense", "map" or "flatten"; ``settings`` tell two steps of one kind apart."""

    kind: str
    settings: tuple[Any, ...] = ()
    module: nn.Module | None = None

    def convolve(self, x: Tensor, weights: Tensor, biases: Tensor | None) -> Tensor:
        """The convolution of x (batch, draws * in, h, w) with the kernels (draws, out, in, kh, kw) of each draw: channels by draw."""
        stride, padding, dilation = self.settings[1:]
        flat = None if biases is None else biases.flatten()
        return nn.functional.conv2d(x, weights.flatten(0, 1), flat, stride, padding, dilation, groups=len(weights))


class Chain:
    """A chain of layers without its weights: ``nn.Sequential`` of Conv2d, Linear, activations and pooling, or a ``DenseNetwork``.

    Args:
        network: the chain; a convolution may have a stride, a padding with zeros and a dilation, but no groups.
        image: channels, height and width of an input that begins as an image; None where it begins as a vector.

    ``network`` is copied, and never run. ``ValueError`` for a layer of another kind, or with forward hooks, naming it.

    >>> chain = Chain(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)), (1, 4, 4))
    >>> [step.kind for step in chain.steps], chain.features, chain.outputs
    (['convolution', 'map', 'flatten', 'dense'], 16, 3)
    """

    def __init__(self, network: nn.Module, image: tuple[int, int, int] | None) -> None:
        network = copy_of(network, "network")
        layers = weighted_layers(network)
        self.image = image
        self.steps = tuple(step for module in _modules(network) for step in [_step(module)] if step is not None)
        kinds = [step.kind for step in self.steps if step.kind != "map"]
        if ("convolution", "dense") in itertools.pairwise(kinds):
            raise ValueError("network must have nn.Flatten between its last convolution and its first dense layer, got none: put it there")
        first = layers[0]
        if isinstance(first, nn.Linear):
            self.features = first.in_features
        elif image is None or len(image) != 3 or image[0] != first.in_channels:
            raise ValueError(
                f"image must be (channels, height, width) with {first.in_channels} channels, as the first convolution has, got {image}"
            )
        else:
            self.features = image[0] * image[1] * image[2]
        self.outputs = _outputs(self, layers)

    @property
    def architecture(self) -> tuple[Any, ...]:
        """What tells two chains apart."""
        return (self.image, *((step.kind, step.settings) for step in self.steps))

    def run(self, x: Tensor, draws: int, affine: Affine) -> Tensor:
        """Logits (batch, outputs) of x (batch, features); consecutive examples share one of the ``draws``.

        ``affine(position, step, h)`` applies the layer with weights at that position: to images (batch/draws, draws * channels, h, w) or
        to vectors (batch, features).
        """
        grouped = False
        if any(step.kind == "convolution" for step in self.steps):
            assert self.image is not None
            x, grouped = _by_channel(x.reshape(len(x), *self.image), draws), True
        position = 0
        for step in self.steps:
            if step.kind in ("convolution", "dense"):
                x = affine(position, step, x)
                position += 1
            elif step.kind == "flatten":
                x, grouped = (_by_row(x, draws) if grouped else x.flatten(1)), False
            else:
                assert step.module is not None
                x = step.module(x)
        return x


def weighted_layers(network: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    """The convolutions and dense layers of a chain, first to last; ``ValueError`` if there are none."""
    layers = [module for module in _modules(network) if isinstance(module, nn.Conv2d | nn.Linear)]
    if not layers:
        raise ValueError("network must have a layer with weights, got none: give a chain of nn.Conv2d and nn.Linear")
    return layers


def _by_channel(images: Tensor, draws: int) -> Tensor:
    """Images (draws * b, channels, h, w) as (b, draws * channels, h, w)."""
    size = images.shape[1:]
    return images.reshape(draws, -1, *size).transpose(0, 1).reshape(-1, draws * size[0], *size[1:])


def _by_row(grouped: Tensor, draws: int) -> Tensor:
    """Images (b, draws * channels, h, w) as vectors (draws * b, channels * h * w)."""
    batch, channels, *size = grouped.shape
    return grouped.reshape(batch, draws, channels // draws, *size).transpose(0, 1).reshape(draws * batch, -1)


def _modules(network: nn.Module) -> list[nn.Module]:
    if isinstance(network, DenseNetwork):
        if network.residual:
            raise ValueError("network must be a plain chain, got a residual network: build it with residual=False")
        hidden = [module for pair in zip(network.layers, network.activations, strict=False) for module in pair]
        return [*hidden, network.layers[-1]]
    if isinstance(network, nn.Sequential):
        return [inner for module in network for inner in (_modules(module) if isinstance(module, nn.Sequential) else [module])]
    raise ValueError(f"network must be an nn.Sequential or a DenseNetwork, got {type(network).__name__}: write it as a chain of layers")


def _step(module: nn.Module) -> Step | None:
    """The step of a module; None for one that does nothing when a trained network is used."""
    if isinstance(module, nn.Dropout):
        return None
    if isinstance(module, nn.Linear):
        return Step("dense", (tuple(module.weight.shape), module.bias is not None))
    if isinstance(module, nn.Conv2d):
        if module.groups != 1 or module.padding_mode != "zeros" or isinstance(module.padding, str):
            raise ValueError(f"a convolution must have one group and numbers of zeros as padding, got {module}: write it so")
        return Step("convolution", ((tuple(module.weight.shape), module.bias is not None), module.stride, module.padding, module.dilation))
    if isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) == (1, -1):
        return Step("flatten")
    if isinstance(module, _MAPS):
        return Step("map", (repr(module),), _out_of_place(module))
    names = ", ".join(kind.__name__ for kind in (nn.Conv2d, nn.Linear, nn.Flatten, nn.Dropout, *_MAPS))
    raise ValueError(f"network must be a chain of {names}, got {type(module).__name__}: fold or leave out other layers")


def _out_of_place(module: nn.Module) -> nn.Module:
    if getattr(module, "inplace", False):
        raise ValueError(f"activations must not work in place, got {module}: build them with inplace=False")
    return module


def _outputs(chain: Chain, layers: list[nn.Conv2d | nn.Linear]) -> int:
    """The number of outputs, by running the chain once; a chain that does not fit together is named."""

    def plain(position: int, step: Step, x: Tensor) -> Tensor:
        layer = layers[position]
        return layer(x) if isinstance(layer, nn.Linear) else step.convolve(x, layer.weight[None], _stacked(layer.bias))

    try:
        with torch.no_grad():
            logits = chain.run(layers[0].weight.new_zeros(1, chain.features), 1, plain)
    except RuntimeError as error:
        raise ValueError(f"network must fit together and to its inputs, got {' '.join(str(error).split())}: check the shapes") from error
    if logits.ndim != 2:
        raise ValueError(f"network must end in one vector per example, got {tuple(logits.shape)}: end it with nn.Flatten and nn.Linear")
    return int(logits.shape[1])


def _stacked(bias: Tensor | None) -> Tensor | None:
    return None if bias is None else bias[None]
