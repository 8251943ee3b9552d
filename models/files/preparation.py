"""What is done to inputs and labels of a file before a network gets them; a module in front of it that does so would rename its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Channels = Literal["first", "last", "add"]


@dataclass(frozen=True)
class Preparation:
    """In this order: ``inputs / divide_by``, the channel axis, ``(inputs - mean) / std``, and one vector for each input; labels from 0 on.

    Attributes:
        divide_by: a positive number, such as 255 for images of bytes.
        channels: where the channels are: "first" (n, C, ...), "last" (n, ..., C), which is moved, or "add": nowhere, one is put in.
        mean, std: one number, or one for each channel; std positive.
        flatten: whether each input becomes one vector.
        first_label: the number of the first class in the file.

    >>> images = np.full((5, 2, 2), 255, dtype=np.uint8)
    >>> made = Preparation(divide_by=255.0, channels="add", mean=(0.5,), std=(0.25,)).inputs(images, "images")
    >>> made.shape, float(made[0, 0, 0, 0])
    ((5, 1, 2, 2), 2.0)
    """

    divide_by: float = 1.0
    channels: Channels | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    flatten: bool = False
    first_label: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.divide_by < float("inf"):
            raise ValueError(f"--divide-by must be a positive number, got {self.divide_by}: 255 for images of bytes")
        if not all(np.isfinite(self.mean)) or not all(0 < one < float("inf") for one in self.std):
            raise ValueError(
                f"--mean must be finite and --std positive, got {_listed(self.mean)} and {_listed(self.std)}: 0.1307 and 0.3081, say"
            )

    def given(self) -> list[str]:
        """The options that change something, as they are written."""
        default = Preparation()
        names = ("divide_by", "channels", "mean", "std", "flatten", "first_label")
        return [f"--{name.replace('_', '-')}" for name in names if getattr(self, name) != getattr(default, name)]

    def said(self) -> tuple[str, ...]:
        """The same in words."""
        words = []
        if self.divide_by != 1:
            words.append(f"inputs divided by {self.divide_by:.12g}")
        if self.channels in ("add", "last"):
            words.append("a channel axis put in" if self.channels == "add" else "the channel axis moved to the front")
        if self.mean or self.std:
            words.append(f"mean {_listed(self.mean) or 0} taken off and divided by {_listed(self.std) or 1}")
        if self.flatten:
            words.append("each input made one vector")
        if self.first_label:
            words.append(f"labels counted from {self.first_label}")
        return tuple(words)

    def inputs(self, found: Array, name: str) -> Array:
        """The inputs as the network gets them; ``ValueError`` where the file of that name has other axes."""
        made = found / self.divide_by if self.divide_by != 1 else found
        if made.dtype.kind != "f" and (made.ndim > 2 or self.mean or self.std):
            made = made.astype("float64")  # images of bytes; whole numbers in rows may be words of a vocabulary
        if self.channels is not None:
            made = self._with_channels(made, name)
        for values, option in ((self.mean, "--mean"), (self.std, "--std")):
            if len(values) > 1 and len(values) != made.shape[1]:
                raise ValueError(
                    f"{option} must be one number, or one for each of the {made.shape[1]} entries of axis 1, got {len(values)} for inputs "
                    f"of shape {made.shape} of {name}: check --channels"
                )
        if self.mean:
            made = made - _along_axis_1(self.mean, made.ndim)
        if self.std:
            made = made / _along_axis_1(self.std, made.ndim)
        return made.reshape(len(made), -1) if self.flatten else made

    def labels(self, found: Array, name: str) -> Array:
        """The labels counted from 0; ``ValueError`` if there are smaller ones than the first."""
        if self.first_label == 0:
            return found
        if found.size and found.min() < self.first_label:
            raise ValueError(
                f"labels of {name} must be at least {self.first_label} with --first-label {self.first_label}, got {found.min()}: leave "
                "it out"
            )
        return found.astype(np.int64) - self.first_label if found.dtype.kind != "f" else found - self.first_label

    def _with_channels(self, made: Array, name: str) -> Array:
        if self.channels == "add":
            return made[:, None]
        if made.ndim < 3:
            raise ValueError(
                f"--channels {self.channels} must be given for inputs with a channel axis, got shape {made.shape} of {name}: --channels "
                "add puts one in"
            )
        return np.moveaxis(made, -1, 1) if self.channels == "last" else made


def _along_axis_1(values: Sequence[float], axes: int) -> Array:
    array = np.asarray(values, dtype=np.float64)
    return array.reshape(-1, *[1] * (axes - 2))


def _listed(values: Sequence[float]) -> str:
    return ",".join(f"{value:.12g}" for value in values)
