"""Readers of sorting, choosing and thresholds: operations that take each entry from one place or another."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from genbounds.models.tracing._attention import continued
from genbounds.models.tracing._building import repeated
from genbounds.models.tracing._elementwise import Activation, emit_activation, not_lipschitz
from genbounds.models.tracing._shapes import _apply
from genbounds.models.tracing.graph import Ref, Tokens
from genbounds.models.tracing.reader import Call, Handler, Pieces, Reader


def order_statistics(reader: Reader, call: Call) -> Pieces:
    """sort, topk, kthvalue and median along an axis: the values.

    Sorting does not increase distances: of all pairings of the entries of two vectors, the one in order has the least sum of squares
    (the rearrangement inequality). The others are entries of the sorted vector.
    """
    if call.arguments.get("dim") is None and call.name == "median":
        raise call.refuse("needs an axis: without one it is the median of the whole batch")
    function, arguments = _apply(call)
    probe = reader.probe(arguments[0])
    along_last = int(call["dim"]) % probe.ndim == probe.ndim - 1
    return Pieces(
        {
            0: reader.emit(
                call,
                "sort",
                lambda *values: function(*values)[0],
                arguments,
                tokens=1.0 if call.name == "sort" and along_last else None,
                entries=Tokens(1.0, combine="max"),
            )
        }
    )


def where(reader: Reader, call: Call) -> Any:
    """Entries of one tensor or the other at fixed places: the squares of the moves add."""
    mask, x, y = call["condition"], call["self"], call["other"]
    if reader.data(mask):
        return not_lipschitz(reader, call)
    if not reader.data(y) and isinstance(mask, Tensor) and not isinstance(y, Ref):
        found = continued(reader, call, x, lambda v: torch.where(mask, v, y))
        if found is not None:
            return found
    if not reader.data(x) and isinstance(mask, Tensor) and not isinstance(x, Ref):
        found = continued(reader, call, y, lambda v: torch.where(mask, x, v))
        if found is not None:
            return found
    written = [reader.probe(part) for part in (x, y) if not reader.data(part)]
    if not all(bool(torch.isfinite(torch.as_tensor(value)).all()) for value in written):
        raise call.refuse("writes infinities: the output would not be finite; write a large number")
    factors = (1.0,) * len(reader.data((x, y)))
    gains, keeps_size = repeated(reader, (mask, x, y), factors)
    return reader.emit(
        call,
        "mask",
        lambda m, u, v: torch.where(m, u, v),
        (mask, x, y),
        gains=gains,
        combine="root",
        tokens=Tokens(1.0, combine="root") if keeps_size else None,
        homogeneous=not any(bool(torch.as_tensor(value).any()) for value in written),
        options={"bias": True} if any(reader.is_trained(value) for value in written) else {},
    )


def extremum(reader: Reader, call: Call) -> Ref:
    """maximum and minimum of two tensors: each entry moves by at most the larger of the two moves. Of one and a constant: by its move."""
    x, y = call["self"], call["other"]
    both = len(reader.data((x, y))) == 2
    if both and reader.probe(x).shape != reader.probe(y).shape:
        raise call.refuse("needs two tensors of one shape: expand the smaller one first")
    gains, keeps_size = repeated(reader, (x, y), (1.0,) * (1 + both))
    constants = [reader.probe(part) for part in (x, y) if not reader.data(part)]
    return reader.emit(
        call,
        "extremum",
        lambda u, v: call.target(u, v),
        (x, y),
        gains=gains,
        combine="root",
        tokens=Tokens(1.0, combine="root") if keeps_size else None,
        homogeneous=not any(bool(torch.as_tensor(value).any()) for value in constants),
        options={"learned": True} if any(reader.is_trained(value) for value in constants) else {},
    )


def threshold(reader: Reader, call: Call) -> Any:
    """x above the threshold t and v elsewhere: continuous only where v = t, and then the maximum with t."""
    level, value = float(call["threshold"]), float(call["value"])
    if level != value or not isinstance(call["self"], Ref):
        return not_lipschitz(reader, call)
    sigma = Activation("hardtanh", 1.0, homogeneous=level == 0, ulps=0.0, options=(level, math.inf))
    if level == 0:
        sigma = Activation("relu", 1.0, homogeneous=True, ulps=0.0)
    return emit_activation(reader, call, sigma, lambda v: v.clamp_min(level), call["self"])


def prelu(reader: Reader, call: Call) -> Ref:
    """x where x is positive, a x elsewhere, with one trained a for all or for each channel: slope max(1, |a|)."""
    x, slope = call["self"], call["weight"]
    if not isinstance(x, Ref) or not isinstance(slope, Tensor):
        raise call.refuse("needs slopes that do not depend on the input")
    steepest = max(1.0, float(slope.abs().max()))
    sigma = Activation("prelu", steepest, homogeneous=True, ulps=1.0)
    return emit_activation(reader, call, sigma, lambda v: torch.nn.functional.prelu(v, slope), x)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("sort", "topk", "kthvalue", "median"), order_statistics),
    "where": where,
    "maximum": extremum,
    "minimum": extremum,
    "threshold": threshold,
    "prelu": prelu,
}
