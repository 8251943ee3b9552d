"""Normalisation as an option of every kind of network: by the batch, by groups of channels, or by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

Normalisation = Literal["batch", "group", "layer"]
"""Batch (Ioffe and Szegedy, ICML 2015), group (Wu and He, ECCV 2018), layer (Ba, Kiros and Hinton, 2016)."""
GROUPS = 2
"""Groups of channels of group normalisation."""


class TokenNormalisation(nn.Module):
    """A normalisation of channels for tokens (n, T, d): the channels are the last axis, as they are in attention."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        """The normalised tokens, of the same shape."""
        normalised: Tensor = self.inner(x.transpose(1, 2))
        return normalised.transpose(1, 2)


def of_vectors(name: Normalisation | None, width: int, dtype: torch.dtype, device: str | torch.device) -> nn.Module:
    """The normalisation of vectors (n, width); the identity for None.

    Example:
        >>> x = torch.tensor([[1.0, 3.0, 2.0, 6.0]])
        >>> of_vectors("group", 4, torch.float32, "cpu")(x).round(decimals=3).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]
    """
    if name == "layer":
        return nn.LayerNorm(width, dtype=dtype, device=device)
    return _of_channels(name, width, nn.BatchNorm1d, dtype, device)


def of_images(name: Normalisation | None, channels: int, dtype: torch.dtype, device: str | torch.device) -> nn.Module:
    """The normalisation of images (n, channels, height, width); by layer all entries of an image together, with one gain per channel."""
    if name == "layer":
        return nn.GroupNorm(1, channels, dtype=dtype, device=device)
    return _of_channels(name, channels, nn.BatchNorm2d, dtype, device)


def of_tokens(name: Normalisation | None, width: int, dtype: torch.dtype, device: str | torch.device) -> nn.Module:
    """The normalisation of tokens (n, T, width); by layer each token by itself, by groups all tokens of an example together."""
    found = of_vectors(name, width, dtype, device)
    return TokenNormalisation(found) if name in ("batch", "group") else found


def _of_channels(
    name: Normalisation | None, channels: int, batch: Callable[..., nn.Module], dtype: torch.dtype, device: str | torch.device
) -> nn.Module:
    if name is None:
        return nn.Identity()
    if name == "batch":
        return batch(channels, dtype=dtype, device=device)
    if name != "group":
        raise ValueError(f"normalisation must be None, 'batch', 'group' or 'layer', got {name!r}")
    if channels % GROUPS:
        raise ValueError(f"width must be a multiple of {GROUPS} for group normalisation, got {channels}: the groups are of equal size")
    return nn.GroupNorm(GROUPS, channels, dtype=dtype, device=device)
