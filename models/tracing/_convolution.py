"""Readers of convolutions, with the padding that stands before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from genbounds.models.tracing._building import emit_buildable
from genbounds.models.tracing.graph import Ref
from genbounds.models.tracing.reader import Call, Handler, Reader
from genbounds.models.tracing.weights import Weight


def convolution(reader: Reader, call: Call) -> Ref:
    """conv1d, conv2d: the operator at its real input size; a circular, replicate or reflect padding before it is part of it."""
    axes, (kernel, bias, x) = _checked(call)
    stride, dilation = _pair(call["stride"], axes), _pair(call["dilation"], axes)
    padding, mode = call["padding"], "zeros"
    if isinstance(padding, str):
        x, padding = _named_padding(reader, call, x, padding, kernel, dilation)
    padding = _pair(padding, axes)
    if all(pad == 0 for pad in padding) and call.only_user_of(x):
        before = reader.nodes[x.index]
        if "padding_mode" in before.options:
            mode, padding, x = before.options["padding_mode"], before.options["padding"], Ref(before.sources[0])
    size = tuple(reader.probe(x).shape[-axes:])
    convolve = F.conv1d if axes == 1 else F.conv2d
    groups = call["groups"]
    wide = [pad for axis in reversed(padding) for pad in (axis, axis)]

    def build(kernel: Tensor, bias: Tensor | None) -> Callable[..., Any]:
        if mode == "zeros":
            return lambda v: convolve(v, kernel, bias, stride, padding, dilation, groups)
        return lambda v: convolve(F.pad(v, wide, mode=mode), kernel, bias, stride, 0, dilation, groups)

    options = {
        "input_size": size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "padding_mode": mode,
        "transposed": False,
        "output_padding": (0,) * axes,
    }
    return _emit(reader, call, x, kernel, bias, build, options)


def transposed_convolution(reader: Reader, call: Call) -> Ref:
    """conv_transpose1d, conv_transpose2d."""
    axes, (kernel, bias, x) = _checked(call)
    stride, dilation = _pair(call["stride"], axes), _pair(call["dilation"], axes)
    padding, extra = _pair(call["padding"], axes), _pair(call["output_padding"], axes)
    groups = call["groups"]
    convolve = F.conv_transpose1d if axes == 1 else F.conv_transpose2d

    def build(kernel: Tensor, bias: Tensor | None) -> Callable[..., Any]:
        return lambda v: convolve(v, kernel, bias, stride, padding, extra, groups, dilation)

    options = {
        "input_size": tuple(reader.probe(x).shape[-axes:]),
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "padding_mode": "zeros",
        "transposed": True,
        "output_padding": extra,
    }
    return _emit(reader, call, x, kernel, bias, build, options)


def _checked(call: Call) -> tuple[int, tuple[Tensor, Tensor | None, Ref]]:
    kernel, bias, x = call["weight"], call["bias"], call["input"]
    if not isinstance(kernel, Tensor) or isinstance(bias, Ref) or not isinstance(x, Ref):
        raise call.refuse("needs a constant kernel and bias: a kernel that depends on the input has no norm")
    return kernel.ndim - 2, (kernel, bias, x)


def _emit(
    reader: Reader, call: Call, x: Ref, kernel: Tensor, bias: Tensor | None, build: Callable[..., Any], options: dict[str, Any]
) -> Ref:
    probe = reader.probe(x)
    if probe.ndim != kernel.ndim:
        raise call.refuse(f"needs inputs with a batch axis and a channel axis, got shape {tuple(probe.shape)}")
    outputs = build(kernel, bias)(probe).numel() // reader.count
    copies = len(probe) // reader.count  # images that one example is made of
    weight = Weight(
        reader.name_of(kernel, call),
        "convolution",
        kernel,
        bias,
        copies,
        probe.numel() // reader.count,
        outputs,
        bias_copies=1 if bias is None else outputs // bias.numel(),
        options=options,
    )
    return emit_buildable(reader, call, weight, build, (x,), tokens=False, channel_axis=1)


def _named_padding(
    reader: Reader, call: Call, x: Ref, padding: str, kernel: Tensor, dilation: tuple[int, ...]
) -> tuple[Ref, tuple[int, ...]]:
    """ "same" and "valid" in numbers; where "same" pads the two ends differently, the input is padded with zeros first."""
    axes = kernel.ndim - 2
    if padding == "valid":
        return x, (0,) * axes
    totals = [d * (k - 1) for d, k in zip(dilation, kernel.shape[2:], strict=True)]
    if all(total % 2 == 0 for total in totals):
        return x, tuple(total // 2 for total in totals)
    wide = [end for total in reversed(totals) for end in (total // 2, total - total // 2)]
    return reader.emit(call, "pad", lambda v: F.pad(v, wide), (x,)), (0,) * axes


def _pair(value: Any, axes: int) -> tuple[int, ...]:
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return numbers * axes if len(numbers) == 1 else numbers


def three_axes(reader: Reader, call: Call) -> Ref:
    """Refuse volumes by name."""
    raise call.refuse("over three axes is not supported: one- and two-dimensional ones are")


HANDLERS: dict[str, Handler] = {
    "conv1d": convolution,
    "conv2d": convolution,
    "conv_transpose1d": transposed_convolution,
    "conv_transpose2d": transposed_convolution,
    "conv3d": three_axes,
    "conv_transpose3d": three_axes,
}
