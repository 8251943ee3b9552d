"""What an architecture on trial is: how to build it, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

EXAMPLES, CLASSES, TOKENS, LENGTH = 4, 5, 30, 8


@dataclass(frozen=True)
class Architecture:
    """One network with random weights.

    Args:
        name, package: as the table calls it, and where it comes from.
        build: makes the module; torch's seed is set before.
        shape: of one example; of token ids where ``tokens`` is true.
    """

    name: str
    package: str
    build: Callable[[], nn.Module]
    shape: tuple[int, ...] = (3, 32, 32)
    tokens: bool = False

    def examples(self, seed: int = 1, count: int = EXAMPLES) -> Tensor:
        """Random inputs."""
        random = torch.Generator().manual_seed(seed)
        if self.tokens:
            return torch.randint(3, TOKENS, (count, *self.shape), generator=random)
        return torch.randn(count, *self.shape, generator=random)


def tuple_of(package: str, shape: tuple[int, ...], builds: dict[str, Callable[[], Any]], tokens: bool = False) -> tuple[Architecture, ...]:
    """Architectures of one package that take the same inputs."""
    return tuple(Architecture(name, package, build, shape, tokens) for name, build in builds.items())
