"""Readers of pooling and interpolation."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import torch

from genbounds.models.norms._spectral import spectral_bounds
from genbounds.models.tracing._shapes import _apply
from genbounds.models.tracing.graph import Ref, Rounding
from genbounds.models.tracing.reader import Call, Handler, Pieces, Reader

_LARGEST_MATRIX = 1024


def average_pool(reader: Reader, call: Call) -> Ref:
    """Averages over windows, the same for every channel: the norm of the matrix for one channel.

    Up to 1024 entries a channel by its singular values; above, by the root of the largest row sum times the largest column sum (the
    entries are not negative). The norm is at most 1 only with divisor k^2 and zero padding.
    """
    function, arguments = _apply(call)
    probe = reader.probe(arguments[0])
    axes = 1 if call.name.endswith("1d") else 2
    size = tuple(probe.shape[-axes:])
    count = math.prod(size)
    others = arguments[1:]
    single = torch.ones((1, 1, *size), dtype=torch.float64, device=probe.device)
    with torch.enable_grad():
        leaf = single.clone().requires_grad_(True)
        image = function(leaf, *others)
        (columns,) = torch.autograd.grad(image.sum(), leaf)
    gain = math.sqrt(float(image.max()) * float(columns.max())) * (1 + 2.0**-30)
    if count <= _LARGEST_MATRIX:
        unit = torch.eye(count, dtype=torch.float64, device=probe.device).reshape(count, 1, *size)
        matrix = function(unit, *others).reshape(count, -1).T.cpu().numpy()
        gain = min(gain, float(spectral_bounds(np.ascontiguousarray(matrix)[None], call.module)[0][0]) * (1 + 2.0**-40))
    return reader.emit(call, "average_pool", function, arguments, gains=gain, rounding=Rounding(inputs=(count + 4) * gain))


def max_pool(reader: Reader, call: Call) -> Ref:
    """Maxima over windows: the root of the number of windows that one entry can be in."""
    function, arguments = _apply(call)
    axes = 1 if call.name.endswith("1d") else 2
    kernel, dilation = (_numbers(call[name], axes) for name in ("kernel_size", "dilation"))
    stride = _numbers(call["stride"] or call["kernel_size"], axes)
    times = 1
    for k, s, d in zip(kernel, stride, dilation, strict=True):
        times *= -(-k * math.gcd(d, s) // s)
    return reader.emit(call, "max_pool", function, arguments, gains=math.sqrt(times) * (1 + 2.0**-50) if times > 1 else 1.0)


def adaptive_max_pool(reader: Reader, call: Call) -> Pieces:
    """Maxima over windows that divide the input into as many parts as there are outputs."""
    function, arguments = _apply(call)
    axes = 1 if call.name.endswith("1d") else 2
    wanted = _numbers(call["output_size"], axes)
    times = 1
    for size, parts in zip(reader.probe(arguments[0]).shape[-axes:], wanted, strict=True):
        seen: Counter[int] = Counter()
        for part in range(parts):
            seen.update(range(part * size // parts, -(-(part + 1) * size // parts)))
        times *= max(seen.values())
    gain = math.sqrt(times) * (1 + 2.0**-50) if times > 1 else 1.0
    return Pieces({0: reader.emit(call, "max_pool", lambda *values: function(*values)[0], arguments, gains=gain)})


def maximum_along(reader: Reader, call: Call) -> Any:
    """amax, amin, and max or min along an axis: each output moves by at most the largest move of its entries."""
    if "dim" not in call.arguments:
        raise call.refuse("needs an axis: without one it is the extremum of the whole batch")
    function, arguments = _apply(call)
    if call.name in ("amax", "amin"):
        return reader.emit(call, "max_pool", function, arguments)
    return Pieces({0: reader.emit(call, "max_pool", lambda *values: function(*values)[0], arguments)})


def _numbers(value: Any, axes: int) -> tuple[int, ...]:
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return numbers * axes if len(numbers) == 1 else numbers


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(
        (
            "avg_pool1d",
            "avg_pool2d",
            "adaptive_avg_pool1d",
            "adaptive_avg_pool2d",
            "_adaptive_avg_pool2d",
            "upsample_linear1d",
            "upsample_bilinear2d",
        ),
        average_pool,
    ),
    **dict.fromkeys(("max_pool1d", "max_pool2d"), max_pool),
    **dict.fromkeys(("adaptive_max_pool1d", "adaptive_max_pool2d"), adaptive_max_pool),
    **dict.fromkeys(("amax", "amin", "max", "min"), maximum_along),
}
