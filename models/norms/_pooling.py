"""How much pooling can stretch a difference of inputs in l2, computed for the windows that it really has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from genbounds.bounds.quantity import Quantity
from genbounds.models.norms._axis import whole
from genbounds.models.norms.rounding import Array, inflate
from genbounds.models.norms.spectral import spectral_norm

POOLINGS = ("max", "avg", "adaptive_max", "adaptive_avg")
_LARGEST = 2**22

_Windows: TypeAlias = list[tuple[range, int]]
"""For each window the input positions that it reads, and its extent with the padding that it may count."""


def pooling_lipschitz(
    kind: str,
    kernel: Any,
    *,
    input_size: Any,
    stride: Any = None,
    dilation: Any = 1,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    name: str = "pooling",
) -> Quantity:
    """The Lipschitz constant in l2 of max or average pooling at its real input size, rounded up.

    Args:
        kind: ``max``, ``avg``, ``adaptive_max`` or ``adaptive_avg``.
        kernel: window size; for the adaptive kinds the output size. A number, or one per axis.
        input_size: spatial size of the input; its length (a number is one) is the number of axes.
        stride, dilation, padding, ceil_mode, count_include_pad, divisor_override: as in torch; ``stride=None`` is the kernel.

    Average pooling is linear and a product of its axes: its norm is the product of the axes' norms, exact up to
    rounding (for axes of many thousands sqrt(one-norm * inf-norm)). It exceeds 1 where windows overlap at a border that is not counted.
    Max pooling: each window moves by at most the largest move in it, so that an input position counts as often as
    windows read it: sqrt of the largest number of windows over one position, at most sqrt(prod ceil(k gcd(d, s) / s)).

    Raises ``ValueError`` naming ``name`` for what does not fit.

    >>> float(pooling_lipschitz("max", 2, input_size=(8, 8)))
    1.0
    >>> float(pooling_lipschitz("max", 2, stride=2, dilation=2, input_size=(8, 8)))
    2.0
    >>> round(float(pooling_lipschitz("avg", 2, input_size=(8, 8))), 12)
    0.5
    """
    if kind not in POOLINGS:
        raise ValueError(f"{name}: kind must be one of {', '.join(POOLINGS)}, got {kind!r}")
    sizes = whole(input_size, len(input_size) if isinstance(input_size, Sequence) else 1, "input_size", name)
    count = len(sizes)
    kernels = whole(kernel, count, "kernel", name)
    if kind.startswith("adaptive"):
        axes = [_adaptive(size, outputs) for size, outputs in zip(sizes, kernels, strict=True)]
    else:
        strides = kernels if stride is None or stride == () else whole(stride, count, "stride", name)
        dilations, pads = whole(dilation, count, "dilation", name), whole(padding, count, "padding", name, least=0)
        axes = [_windows(*one, ceil_mode, name) for one in zip(sizes, kernels, strides, dilations, pads, strict=True)]
    if kind.endswith("max"):
        most = int(np.prod([_reads(windows, size)[1].max() for windows, size in zip(axes, sizes, strict=True)]))
        root = float(np.sqrt(most))
        value = root if root * root == most and most < 2**40 else float(np.nextafter(root, np.inf))
        return Quantity(value, "upper", f"max pooling: at most {most} windows read one input position, square root rounded up")
    if divisor_override is None:
        divisors = [[max(len(reads), 1) if not count_include_pad else extent for reads, extent in windows] for windows in axes]
    else:
        divisors = [[1] * len(windows) for windows in axes]
    norms = [_norm(windows, by, size) for windows, by, size in zip(axes, divisors, sizes, strict=True)]
    value = float(np.prod(norms)) / (divisor_override or 1) * inflate(2 * count)
    return Quantity(value, "upper", "average pooling: product of the norms of its axes, float64 singular values, rounded up")


def _windows(size: int, kernel: int, stride: int, dilation: int, padding: int, ceil_mode: bool, name: str) -> _Windows:
    """The windows of one axis as torch lays them."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    beyond = ceil_mode and room + stride > 0  # the one window that torch lays then ends outside
    if (room < 0 and not beyond) or 2 * padding > kernel:
        raise ValueError(
            f"{name}: input_size {size} must hold one window of {dilation * (kernel - 1) + 1}, and padding be at most half the kernel, "
            f"got padding {padding}"
        )
    count = (room + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (count - 1) * stride >= size + padding:  # the last window must start inside the input or its left padding
        count -= 1
    windows = []
    for start in range(-padding, count * stride - padding, stride):
        positions = range(start, start + dilation * (kernel - 1) + 1, dilation)
        inside = range(positions[next(i for i, p in enumerate(positions) if p >= 0)], min(positions[-1] + 1, size), dilation)
        windows.append((inside, min(start + kernel, size + padding) - start))
    return windows


def _adaptive(size: int, outputs: int) -> _Windows:
    """The windows of adaptive pooling: floor(i n / m) to ceil((i + 1) n / m)."""
    ends = [(i * size // outputs, -(-(i + 1) * size // outputs)) for i in range(outputs)]
    return [(range(start, end), end - start) for start, end in ends]


def _reads(windows: _Windows, size: int) -> tuple[int, Array]:
    """The number of windows, and how many of them read each position."""
    counts = np.zeros(size)
    for reads, _ in windows:
        counts[reads.start : reads.stop : reads.step] += 1
    return len(windows), counts


def _norm(windows: _Windows, divisors: list[int], size: int) -> float:
    """The norm of one axis of average pooling, rounded up."""
    if len(windows) * size > _LARGEST:
        columns = np.zeros(size)
        for (reads, _), divisor in zip(windows, divisors, strict=True):
            columns[reads.start : reads.stop : reads.step] += 1 / divisor
        rows = max(len(reads) / divisor for (reads, _), divisor in zip(windows, divisors, strict=True))
        return float(np.sqrt(rows * columns.max()) * inflate(len(windows) + 2))
    matrix = np.zeros((len(windows), size))
    for row, ((reads, _), divisor) in enumerate(zip(windows, divisors, strict=True)):
        matrix[row, reads.start : reads.stop : reads.step] = 1 / divisor
    # Entries are non-negative and each is rounded once, by 2^-53 of itself at most: so is the norm.
    return float(spectral_norm(matrix, name="average pooling")[0]) * inflate(0)
