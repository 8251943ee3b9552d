"""The networks of the studies of MNIST and Fashion-MNIST, and the priors around them."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import nn

from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    Distortion,
    Fit,
    GaussianConvolutionalNetwork,
    GaussianDenseNetwork,
    GaussianNetwork,
    GaussianSubspaceNetwork,
    fit_images,
)
from genbounds.verification.studies.mnist.cell import MnistCell
from genbounds.verification.studies.posteriors.data_set import DataSet

IMAGE, CLASSES = (1, 28, 28), 10
DISTORTIONS = {
    "digits": Distortion(),
    "clothes": Distortion(shift=1.5, rotation=4.0, scale=0.1, shear=0.05, elastic=0.5, mirror=True),
}


def prior_of_cell(cell: MnistCell, data: DataSet, stream: Stream) -> GaussianNetwork:
    """The prior of a cell: means at the initialisation, or fitted on the split's prior part."""
    means = initial_network(cell, stream)
    if data.split is not None:
        fit = Fit(cell.epochs, learning_rate=cell.fit_rate, distortion=DISTORTIONS[cell.distortion])
        fit_images(means, *data.prior_part, fit, stream, image=IMAGE, outputs=CLASSES, network=cell.seed)
    if cell.dimension:
        return GaussianSubspaceNetwork(means, cell.dimension, cell.std, stream, network=cell.seed, image=IMAGE)
    if isinstance(means, DenseNetwork):
        return GaussianDenseNetwork(means, cell.std)
    return GaussianConvolutionalNetwork(means, IMAGE, cell.std)


def initial_network(cell: MnistCell, stream: Stream) -> nn.Module:
    """The network at its initialisation: biases zero, weights uniform with variance 2/fan_in; of a convolutional network that is to be
    fitted, within 1/sqrt(fan_in), PyTorch's own range.
    """
    if cell.layers == "dense":
        return DenseNetwork((math.prod(IMAGE), *cell.widths, CLASSES)).initialise(stream, cell.seed)
    channels, dense = cell.widths[: cell.convolutions], cell.widths[cell.convolutions :]
    kernel, padding = (5, 0) if cell.layers == "convolutional" else (3, 1)
    size = IMAGE[1]
    with torch.device("meta"):  # PyTorch's own initialisation would move its global random state
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise((IMAGE[0], *channels)):
            layers += [nn.Conv2d(fan_in, fan_out, kernel, padding=padding), nn.ReLU(), nn.MaxPool2d(2)]
            size = (size + 2 * padding - kernel + 1) // 2
        layers.append(nn.Flatten())
        for fan_in, fan_out in pairwise((size * size * channels[-1], *dense, CLASSES)):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    network = nn.Sequential(*layers[:-1]).to_empty(device="cpu")
    start, spread = 0, 6 if cell.prior == "data-free" else 1
    with torch.no_grad():
        for layer in network:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                fan_in = layer.weight[0].numel()
                draws = stream.sub("initialisation").uniform([cell.seed], start, layer.weight.numel())[0]
                layer.weight.copy_((2 * draws.reshape(layer.weight.shape) - 1) * math.sqrt(spread / fan_in))
                start += layer.weight.numel()
                if layer.bias is not None:
                    layer.bias.zero_()
    return network
