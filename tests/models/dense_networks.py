"""Dense networks and samples that the tests of summaries share."""

import math

import torch

from genbounds.models.networks import DenseNetwork


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def dense(widths: list[int], activation: str = "relu", seed: int = 0, **options: object) -> DenseNetwork:
    network = DenseNetwork(widths, activation, **options)  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator(seed)) / math.sqrt(parameter.shape[-1]))
            seed += 1
    return network


def sample(n: int, d: int, outputs: int, seed: int = 9) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, d, generator=generator(seed))
    y = torch.randint(0, max(outputs, 2), (n,), generator=generator(seed + 1))
    return x, y if outputs > 1 else 2 * y - 1
