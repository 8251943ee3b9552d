"""One spatial axis of a convolution or a pooling: which input position each window reads, as a table of indices.

A two-dimensional operator whose weight is any array is built from two such tables, so that padding modes, strides and
dilations are written once, and everything else (rows, columns, tori) is read off the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

Indices: TypeAlias = npt.NDArray[np.int64]

PADDING_MODES = ("zeros", "circular", "replicate", "reflect")


@dataclass(frozen=True)
class Axis:
    """Windows along one axis: window i, tap t reads position ``stride i + dilation t - left`` of the padded input.

    ``outputs`` is the number of windows (all that fit, if not given). ``ValueError`` where none fits.

    >>> Axis(size=3, kernel=2, left=1, right=0).table.tolist()
    [[-1, 0], [0, 1], [1, 2]]
    """

    size: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    left: int = 0
    right: int = 0
    mode: str = "zeros"
    limit: int | None = None

    @property
    def extent(self) -> int:
        """How many positions a window spans, k_eff = dilation (kernel - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """The size after padding."""
        return self.size + self.left + self.right

    @property
    def outputs(self) -> int:
        """How many windows there are."""
        fitting = (self.padded - self.extent) // self.stride + 1
        return fitting if self.limit is None else min(fitting, self.limit)

    @cached_property
    def sources(self) -> Indices:
        """The input position that each padded position copies, -1 for a zero."""
        inside = np.arange(self.size)
        if self.mode == "zeros":
            return np.pad(inside, (self.left, self.right), constant_values=-1)
        if not self.left and not self.right:
            return inside
        padded = functional.pad(torch.arange(self.size, dtype=torch.float64)[None, None], (self.left, self.right), mode=self.mode)
        sources: Indices = padded[0, 0].numpy().astype(np.int64)
        return sources

    @cached_property
    def table(self) -> Indices:
        """The input position that window i reads with tap t, -1 for a zero: shape (outputs, kernel)."""
        starts = self.stride * np.arange(self.outputs)
        read: Indices = self.sources[starts[:, None] + self.dilation * np.arange(self.kernel)]
        return read

    @property
    def copies(self) -> int:
        """The most often that one input position occurs after padding: the squared norm of the padding map."""
        return int(np.bincount(self.sources[self.sources >= 0]).max())

    @property
    def patterns(self) -> dict[tuple[int, ...], int]:
        """The windows up to relabelling of what they read, each with how often it occurs.

        Two taps with one label read one input position, so that their weights add up in the matrix; -1 is a zero.
        """
        found: dict[tuple[int, ...], int] = {}
        for row in self.table.tolist():
            labels: dict[int, int] = {}
            key = tuple(-1 if source < 0 else labels.setdefault(source, len(labels)) for source in row)
            found[key] = found.get(key, 0) + 1
        return found

    @property
    def readers(self) -> dict[tuple[int, ...], int]:
        """The sets of taps that read one input position (zero padding: each tap at most once), with how often each
        occurs.
        """
        found: dict[tuple[int, ...], int] = {}
        for position in range(self.size):
            key = tuple(np.nonzero((self.table == position).any(axis=0))[0].tolist())
            found[key] = found.get(key, 0) + 1
        return found


def axes_of(
    kernel: Sequence[int],
    *,
    input_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    padding_mode: str = "zeros",
    limits: Sequence[int | None] | None = None,
    name: str = "convolution",
) -> tuple[Axis, ...]:
    """The axes of a window operator from torch's arguments; ``ValueError`` naming ``name`` for what does not fit."""
    count = len(kernel)
    sizes, strides, dilations = (
        whole(value, count, what, name) for value, what in ((input_size, "input_size"), (stride, "stride"), (dilation, "dilation"))
    )
    if padding_mode not in PADDING_MODES:
        raise ValueError(f"{name}: padding_mode must be one of {', '.join(PADDING_MODES)}, got {padding_mode!r}")
    result = []
    pads = _padding(padding, kernel, strides, dilations, name)
    for position, (size, (left, right)) in enumerate(zip(sizes, pads, strict=True)):
        _check_padding(size, max(left, right), padding_mode, name)
        limit = None if limits is None else limits[position]
        axis = Axis(size, kernel[position], strides[position], dilations[position], left, right, padding_mode, limit)
        if axis.padded < axis.extent:
            raise ValueError(
                f"{name}: input_size {size} with padding {left} + {right} must hold one window of {axis.extent}: it gives no output"
            )
        result.append(axis)
    return tuple(result)


def whole(value: Any, count: int, what: str, name: str, least: int = 1) -> tuple[int, ...]:
    """``count`` whole numbers, at least ``least``, from one number or a sequence; ``ValueError`` naming ``what``."""
    values = tuple(value) if isinstance(value, Sequence) else (value,) * count
    if len(values) == 1:
        values = values * count
    if len(values) != count or any(int(v) != v or v < least for v in values):
        raise ValueError(f"{name}: {what} must be {count} whole number(s) of at least {least}, one per axis, got {value!r}")
    return tuple(int(v) for v in values)


def _padding(padding: Any, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int], name: str) -> list[tuple[int, int]]:
    """Left and right padding of each axis; the words ``same`` and ``valid`` as torch reads them."""
    if padding == "valid":
        return [(0, 0) for _ in kernel]
    if padding == "same":
        if any(stride != 1 for stride in strides):
            raise ValueError(f"{name}: padding='same' needs stride 1, as in torch, got stride {tuple(strides)}")
        totals = [dilation * (taps - 1) for taps, dilation in zip(kernel, dilations, strict=True)]
        return [(total // 2, total - total // 2) for total in totals]
    if isinstance(padding, str):
        raise ValueError(f"{name}: padding must be whole numbers, 'same' or 'valid', got {padding!r}")
    return [(p, p) for p in whole(padding, len(kernel), "padding", name, least=0)]


def _check_padding(size: int, pad: int, mode: str, name: str) -> None:
    """What torch asks of padding that copies the input."""
    most = {"reflect": size - 1, "circular": size}.get(mode)
    if most is not None and pad > most:
        raise ValueError(f"{name}: {mode} padding of an axis of {size} must be at most {most}, got {pad}: there is nothing more to copy")
