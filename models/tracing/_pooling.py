"""Readers of pooling and interpolation."""

from __future__ import annotations

import math
from typing import Any

import torch

from genbounds.models.norms import pooling_lipschitz, spectral_norm
from genbounds.models.tracing._shapes import _apply
from genbounds.models.tracing.graph import Ref, Rounding
from genbounds.models.tracing.reader import Call, Handler, Pieces, Reader

_LARGEST_MATRIX = 1024


def pool(reader: Reader, call: Call) -> Any:
    """Average and maximum pooling, adaptive ones too, by the windows that they really have."""
    function, arguments = _apply(call)
    kind = call.name.removeprefix("_").removesuffix("1d").removesuffix("2d").removesuffix("_pool")
    probe = reader.probe(arguments[0])
    size = tuple(probe.shape[-(1 if call.name.endswith("1d") else 2) :])
    if kind.startswith("adaptive"):
        options = {"kernel": call["output_size"]}
    else:
        names = {"stride", "dilation", "padding", "ceil_mode", "count_include_pad", "divisor_override"} & set(call.arguments)
        options = {"kernel": call["kernel_size"], "stride": call["stride"] or None} | {name: call[name] for name in names - {"stride"}}
    gain = float(pooling_lipschitz(kind, input_size=size, name=call.module, **_unlisted(options)))
    if kind == "adaptive_max":
        return Pieces({0: reader.emit(call, "max_pool", lambda *values: function(*values)[0], arguments, gains=gain)})
    if kind == "max":
        return reader.emit(call, "max_pool", function, arguments, gains=gain)
    return reader.emit(call, "average_pool", function, arguments, gains=gain, rounding=Rounding(inputs=(math.prod(size) + 4) * gain))


def _unlisted(options: dict[str, Any]) -> dict[str, Any]:
    """One number instead of a list of one."""
    return {name: value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value for name, value in options.items()}


def interpolate(reader: Reader, call: Call) -> Ref:
    """Linear interpolation, the same for every channel, with entries that are not negative.

    Up to 1024 entries per channel: the norm of the matrix for one channel. Above: the root of the largest row sum times the
    largest column sum.
    """
    function, arguments = _apply(call)
    probe = reader.probe(arguments[0])
    size = tuple(probe.shape[-(1 if call.name.endswith("1d") else 2) :])
    count, others = math.prod(size), arguments[1:]
    with torch.enable_grad():
        leaf = torch.ones((1, 1, *size), dtype=torch.float64, device=probe.device).requires_grad_(True)
        image = function(leaf, *others)
        (columns,) = torch.autograd.grad(image.sum(), leaf)
    gain = math.sqrt(float(image.max()) * float(columns.max())) * (1 + 2.0**-30)
    if count <= _LARGEST_MATRIX:
        unit = torch.eye(count, dtype=torch.float64, device=probe.device).reshape(count, 1, *size)
        matrix = function(unit, *others).reshape(count, -1).T
        gain = min(gain, float(spectral_norm(matrix, name=call.module)[0]) * (1 + 2.0**-40))
    return reader.emit(call, "interpolation", function, arguments, gains=gain, rounding=Rounding(inputs=(count + 4) * gain))


def maximum_along(reader: Reader, call: Call) -> Any:
    """amax, amin, and max or min along an axis: each output moves by at most the largest move of its entries."""
    if "dim" not in call.arguments:
        raise call.refuse("needs an axis: without one it is the extremum of the whole batch")
    function, arguments = _apply(call)
    if call.name in ("amax", "amin"):
        return reader.emit(call, "max_pool", function, arguments)
    return Pieces({0: reader.emit(call, "max_pool", lambda *values: function(*values)[0], arguments)})


_POOLS = ("avg_pool", "max_pool", "adaptive_avg_pool", "adaptive_max_pool")

HANDLERS: dict[str, Handler] = {
    **{f"{name}{axes}d": pool for name in _POOLS for axes in (1, 2)},
    "_adaptive_avg_pool2d": pool,
    **dict.fromkeys(("upsample_linear1d", "upsample_bilinear2d"), interpolate),
    **dict.fromkeys(("amax", "amin", "max", "min"), maximum_along),
}
