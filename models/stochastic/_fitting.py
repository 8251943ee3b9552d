"""Fitting a network of any architecture on its part of the sample, with distorted images: for the means of a prior."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic._distortion import Distortion
from genbounds.models.stochastic._normals import keyed_generator
from genbounds.models.stochastic._sample import Sample

_BLOCK = 1000  # images distorted at a time: they stay in the cache


@dataclass(frozen=True)
class Fit:
    """How a network is fitted to images.

    Args:
        epochs: passes over the sample.
        batch_size: examples per step.
        learning_rate: Adam's, falling to 0 along half a cosine.
        distortion: of the images, anew in every batch; None for none.

    >>> Fit(epochs=3).distortion is None, Fit(epochs=3, distortion=Distortion(shift=2.0)).distortion.shift
    (True, 2.0)
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float = 1e-3
    distortion: Distortion | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.epochs < 1 or self.batch_size < 1 or not self.learning_rate > 0:
            raise ValueError(f"epochs, batch_size and learning_rate must be positive, got {self}: correct the one that is not")


def fit_images(
    model: nn.Module,
    inputs: Any,
    labels: Any,
    fit: Fit,
    stream: Stream,
    *,
    image: tuple[int, int, int],
    outputs: int,
    network: int = 0,
) -> nn.Module:
    """Fit a network in place by Adam on cross-entropy over batches of freshly distorted images.

    Args:
        inputs, labels: the prior's part of the sample alone, vectors (n, channels * height * width) and classes 0, ..., outputs - 1.
            The network gets images (batch, channels, height, width), or vectors if its first layer is dense.
        image: channels (one, with a distortion), height and width.
        stream, network: orders and distortions come from ``stream.sub("fit")``, those of network 0, 1, ...

    Returns:
        the network itself.

    Raises:
        ValueError: data that do not fit.

    >>> x = torch.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])  # two images of 2 x 2 pixels
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> fit = Fit(epochs=50, batch_size=2, learning_rate=0.1)
    >>> fit_images(network, x, [0, 1], fit, Stream("demo", "prior"), image=(1, 2, 2), outputs=2)(x).argmax(1).tolist()
    [0, 1]
    """
    first = next(model.parameters())
    features = image[0] * image[1] * image[2]
    sample = Sample.of(inputs, labels, None, (features, outputs), first.dtype, first.device)
    if fit.distortion is not None and (image[0] != 1 or image[1] != image[2]):
        raise ValueError(f"image must be one channel and square to be distorted, got {image}: fit without a distortion")
    generator, flat = keyed_generator(stream.sub("fit"), network), _takes_vectors(model)
    batches = max(1, sample.n // fit.batch_size)
    optimiser = torch.optim.Adam(model.parameters(), lr=fit.learning_rate, fused=True)
    steps = fit.epochs * batches
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 0.5 * (1 + math.cos(math.pi * min(step / steps, 1.0))))
    # Kernels with their channels last are what the CPU's convolutions are fastest with.
    model.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    for _ in range(fit.epochs):
        order = torch.from_numpy(generator.permutation(sample.n))
        pictures = _distorted(sample.inputs[order], fit.distortion, image, generator)
        for batch in range(batches):
            rows = slice(batch * fit.batch_size, (batch + 1) * fit.batch_size)
            logits = model(pictures[rows].flatten(1) if flat else pictures[rows])
            loss = nn.functional.cross_entropy(logits, sample.labels[order[rows]])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return model.eval()


def _distorted(inputs: Tensor, distortion: Distortion | None, image: tuple[int, int, int], generator: Any) -> Tensor:
    if distortion is None:
        return inputs.reshape(-1, *image)
    moved = [distortion.apply(block.reshape(-1, *image[1:]), generator) for block in torch.split(inputs, _BLOCK)]
    return torch.cat(moved).reshape(-1, *image)


def _takes_vectors(network: nn.Module) -> bool:
    """Whether the first layer with parameters is dense."""
    return isinstance(next(module for module in network.modules() if any(True for _ in module.parameters(recurse=False))), nn.Linear)
