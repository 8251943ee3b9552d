"""Nodes that several readers make: weights that can be made again with something folded in, diagonal weights, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from genbounds.models.tracing.graph import Ref
from genbounds.models.tracing.reader import Call, Reader
from genbounds.models.tracing.weights import Weight


def broadcast_shapes(*shapes: torch.Size) -> torch.Size:
    """The shape that tensors of these shapes broadcast to."""
    shape: torch.Size = torch.broadcast_shapes(*shapes)  # type: ignore[no-untyped-call]
    return shape


def repeated(reader: Reader, parts: tuple[Any, ...], factors: tuple[float, ...]) -> tuple[tuple[float, ...], bool]:
    """For an operation entry by entry on ``parts``, constants included: the slopes in those that depend on the input, ``factors`` times the
    root of how often broadcasting repeats each, and whether it repeats none.
    """
    values = [torch.as_tensor(reader.probe(part)) for part in parts]
    size = broadcast_shapes(*(value.shape for value in values)).numel()
    sizes = [value.numel() for part, value in zip(parts, values, strict=True) if reader.data(part)]
    gains = tuple(
        factor * math.sqrt(size / own) * (1 + 2.0**-50) if size != own else factor for factor, own in zip(factors, sizes, strict=True)
    )
    return gains, all(own == size for own in sizes)


def emit_buildable(
    reader: Reader, call: Call, weight: Weight, build: Callable[..., Any], arguments: tuple[Any, ...], *, tokens: bool, channel_axis: int
) -> Ref:
    """Add a weight's node, with what is needed to make it again with a normalisation or a bias folded in."""
    ref = reader.emit_weight(call, weight, build(weight.matrix, weight.bias), arguments, tokens)
    options = {"build": build, "tokens": tokens, "channel_axis": channel_axis}
    reader.nodes[ref.index] = replace(reader.nodes[ref.index], options=options)
    return ref


def rebuilt(reader: Reader, call: Call, old: Ref, matrix: Tensor, bias: Tensor, slack: float) -> Ref:
    """The weight node ``old`` again with another matrix and bias; the old one is dropped if nothing else uses it."""
    node = reader.nodes[old.index]
    assert node.weight is not None
    before = reader.weights[node.weight]
    copies = before.outputs // bias.numel()
    weight = replace(before, matrix=matrix, bias=bias, bias_copies=copies, slack=before.slack + slack)
    options = node.options
    return emit_buildable(
        reader, call, weight, options["build"], node.arguments, tokens=options["tokens"], channel_axis=options["channel_axis"]
    )


def diagonal(reader: Reader, call: Call, x: Ref, factor: Tensor, shift: Tensor | None, *, slack: float, name: str) -> Ref:
    """A trained factor (and shift) an entry, shared over the axes along which it is broadcast."""
    probe = reader.probe(x)
    shape = broadcast_shapes(probe.shape, factor.shape)
    if shape != probe.shape:
        raise call.refuse("must not make its input larger by broadcasting: expand it first")
    size = probe.numel() // reader.count
    vector = factor.expand(broadcast_shapes(factor.shape, torch.Size() if shift is None else shift.shape)).reshape(-1)
    bias = None if shift is None else shift.reshape(-1)
    weight = Weight(
        name,
        "diagonal",
        vector,
        bias,
        size // vector.numel(),
        size,
        size,
        bias_copies=1 if bias is None else size // bias.numel(),
        slack=slack,
    )
    function = (lambda v: v * factor) if shift is None else (lambda v: v * factor + shift)
    return reader.emit_weight(call, weight, function, (x,), tokens=True)


def refused(reader: Reader, call: Call, arguments: tuple[Any, ...], function: Callable[..., Any], reason: str, **options: Any) -> Ref:
    """A node that may not be used; it is an error only if the output depends on it."""
    return reader.emit(call, "refused", function, arguments, gains=math.inf, options={"refused": str(call.refuse(reason)), **options})
