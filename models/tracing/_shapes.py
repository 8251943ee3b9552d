"""Readers of operations that move entries about: views, permutations, slices, copies and paddings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genbounds.models.tracing._tokens import jump
from genbounds.models.tracing.graph import Ref, Tokens
from genbounds.models.tracing.reader import Call, Handler, Reader, in_double


def _apply(call: Call) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The operation as a function of its arguments in order."""
    names = [argument.name for argument in call.target._schema.arguments]
    keyword = {argument.name for argument in call.target._schema.arguments if argument.kwarg_only}
    fixed = {name: call[name] for name in names if name in keyword}
    arguments = tuple(call[name] for name in names if name not in keyword)
    return lambda *values: call.target(*values, **fixed), arguments


def reshape(reader: Reader, call: Call) -> Ref:
    """The same entries in the same order: an isometry. Vectors along the last axis are cut up or joined."""
    function, arguments = _apply(call)
    if call.name in ("view", "_unsafe_view"):  # strides may differ from those that were traced
        function = torch.reshape
    x = arguments[0]
    old = reader.probe(x)
    new = function(*reader.probe(arguments))
    tokens: Tokens | None = None
    if old.ndim and new.ndim and old.shape[-1] and new.shape[-1]:
        before, after = old.shape[-1], new.shape[-1]
        if before % after == 0:
            tokens = Tokens(1.0)
        elif after % before == 0:
            tokens = Tokens(math.sqrt(after / before) * (1 + 2.0**-50))
    flattens = new.ndim == 2 and len(new) == reader.count
    return reader.emit(call, "shape", function, arguments, tokens=tokens, options={"flattens": flattens})


def permute(reader: Reader, call: Call) -> Ref:
    """Axes in another order, or entries along an axis: an isometry. pixel_shuffle makes its last axis of entries of several channels."""
    function, arguments = _apply(call)
    probe = reader.probe(arguments[0])
    order = _order(call, probe.ndim)
    keeps = call.name != "pixel_shuffle" and (order is None or (bool(order) and order[-1] == probe.ndim - 1))
    swaps = order is not None and probe.ndim >= 2 and order == [*range(probe.ndim - 2), probe.ndim - 1, probe.ndim - 2]
    return reader.emit(call, "shape", function, arguments, tokens=1.0 if keeps else None, options={"swaps_last": swaps})


def _order(call: Call, axes: int) -> list[int] | None:
    """The permutation of the axes; None where the axes stay and the entries of one move."""
    order = list(range(axes))
    if call.name == "permute":
        return [axis % axes for axis in call["dims"]]
    if call.name in ("transpose", "swapaxes", "swapdims"):
        names = list(call.arguments)
        a, b = call[names[1]] % axes, call[names[2]] % axes
        order[a], order[b] = order[b], order[a]
        return order
    if call.name in ("t", "numpy_T", "mT"):
        return order[::-1] if call.name == "numpy_T" or axes <= 2 else [*order[:-2], order[-1], order[-2]]
    return None


def same(reader: Reader, call: Call) -> Any:
    """Copies, casts between floating types (the function is that of real arithmetic), and what is nothing in eval mode."""
    x = call[next(iter(call.arguments))]
    dtype = call.arguments.get("dtype")
    whole = isinstance(x, Ref) and not reader.probe(x).is_floating_point()
    if isinstance(dtype, torch.dtype) and not dtype.is_floating_point and not whole:
        raise call.refuse(f"casts to {dtype}, which rounds: it has no Lipschitz constant")
    if call.arguments.get("train"):
        raise call.refuse("drops units in eval mode (it is called with training=True): pass training=self.training")
    if isinstance(dtype, torch.dtype) and dtype.is_floating_point and whole:
        raise call.refuse("turns whole numbers into floating-point ones: give the network floating-point inputs")
    return x


def filled(reader: Reader, call: Call) -> Ref:
    """A constant of a tensor's shape, whatever its values."""
    function, arguments = _apply(call)
    return reader.fixed(lambda *values: in_double(function(*values)), arguments, {}, call.module)


def restrict(reader: Reader, call: Call) -> Ref:
    """A part of the entries: norm at most 1."""
    function, arguments = _apply(call)
    probe = reader.probe(arguments[0])
    axis = call.arguments.get("dim", 0) % max(probe.ndim, 1)
    along_last = axis == probe.ndim - 1
    shrinks = call.name in ("select", "unbind")
    return reader.emit(call, "restrict", function, arguments, tokens=None if shrinks and along_last else 1.0)


def item(reader: Reader, call: Call) -> Ref:
    """One tensor of several."""
    pieces, position = call["0"], call["1"]
    return reader.emit(
        call, "restrict", lambda parts: parts[position], (pieces,), tokens=1.0 if reader.nodes[pieces.index].tokens.factor else None
    )


def gather(reader: Reader, call: Call) -> Ref:
    """Entries at fixed positions, some perhaps several times: the norm is the root of the largest number of times."""
    function, arguments = _apply(call)
    if call.name == "expand_as":  # of the other tensor only the shape counts
        shape = reader.probe(arguments[1]).shape
        if reader.probe(arguments[0]).shape[:1] == shape[:1] and reader.probe(arguments[0]).ndim == len(shape):
            function, arguments = (lambda v: v.expand(-1, *shape[1:])), arguments[:1]
    if any(reader.data(argument) for argument in arguments[1:]):
        raise call.refuse("takes positions that depend on the input: they have no Lipschitz constant")
    probe = reader.probe(arguments[0])
    if reader.token_nodes(arguments[1:]):
        return _at_places(reader, call, function, arguments)
    with torch.enable_grad():
        leaf = torch.ones_like(probe).requires_grad_(True)
        result = function(leaf, *reader.probe(arguments[1:]))
        (times,) = torch.autograd.grad(result.sum(), leaf)
    kept_last = result.shape[-1:] == probe.shape[-1:] and call.name in ("expand", "repeat", "index", "index_select", "repeat_interleave")
    largest = float(times.max())
    return reader.emit(
        call,
        "shape" if largest == 1 else "copies",
        function,
        arguments,
        gains=math.sqrt(largest) * (1 + 2.0**-50) if largest > 1 else 1.0,
        tokens=1.0 if kept_last and _rows_stay(reader, call, probe) else None,
        options={"expands": call.name in ("expand", "expand_as")},
    )


def _at_places(reader: Reader, call: Call, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Ref:
    """Entries at places that are computed from the tokens: the last one that is not padding, say. Each may be taken at every place."""
    probe, indices = reader.probe(arguments[0]), reader.probe(call["indices"]) if call.name == "index" else [None]
    places = [place for place in indices if place is not None]
    if not places or any(place.dtype == torch.bool for place in places):
        raise call.refuse("must take whole-number places that are computed from the tokens, one for each that it gives")
    count = torch.broadcast_shapes(*(place.shape for place in places)).numel()  # type: ignore[no-untyped-call]
    taken = count // reader.count if indices[0] is not None else count
    chosen = reader.emit(
        call,
        "copies",
        function,
        arguments,
        gains=math.sqrt(taken) * (1 + 2.0**-50),
        tokens=1.0 if _rows_stay(reader, call, probe) else None,
    )
    return jump(reader, call, chosen)


def _rows_stay(reader: Reader, call: Call, probe: Tensor) -> bool:
    """Whether the operation copies whole vectors along the last axis."""
    if call.name == "index":
        places = reader.probe(call["indices"])
        axes = [place.ndim if isinstance(place, Tensor) and place.dtype in (torch.bool, torch.uint8) else 1 for place in places]
        return sum(axes) < probe.ndim or (sum(axes) == probe.ndim and places[-1] is None)
    if call.name in ("index_select", "repeat_interleave"):
        return call.arguments.get("dim") is not None and int(call["dim"]) % probe.ndim != probe.ndim - 1
    return probe.ndim > 0


def pad(reader: Reader, call: Call) -> Ref:
    """Padding by a constant, or by the entries at the border (circular, replicate, reflect)."""
    mode = call.arguments.get("mode") or "constant"
    wide = [int(width) for width in call["pad"]]
    if mode == "constant":
        value = call.arguments.get("value") or 0.0
        cuts = all(width <= 0 for width in wide)
        return reader.emit(
            call,
            "restrict" if cuts else "pad",
            lambda v: torch.nn.functional.pad(v, wide, value=value),
            (call["self"],),
            homogeneous=value == 0,
        )
    ref = gather(reader, call)
    if all(wide[i] == wide[i + 1] >= 0 for i in range(0, len(wide), 2)):
        node = reader.nodes[ref.index]
        padding = tuple(wide[i] for i in reversed(range(0, len(wide), 2)))
        node.options.update({"padding_mode": mode, "padding": padding})
    return ref


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "_unsafe_view", "view_as", "reshape_as"), reshape),
    **dict.fromkeys(
        (
            "permute",
            "transpose",
            "swapaxes",
            "swapdims",
            "t",
            "numpy_T",
            "mT",
            "flip",
            "roll",
            "pixel_shuffle",
            "pixel_unshuffle",
            "channel_shuffle",
        ),
        permute,
    ),
    **dict.fromkeys(
        (
            "clone",
            "contiguous",
            "alias",
            "detach",
            "detach_",
            "lift_fresh_copy",
            "_to_copy",
            "to",
            "dropout",
            "feature_dropout",
            "alpha_dropout",
            "feature_alpha_dropout",
            "type_as",
        ),
        same,
    ),
    **dict.fromkeys(("full_like", "zeros_like", "ones_like", "new_full", "new_zeros", "new_ones"), filled),
    **dict.fromkeys(
        ("slice", "select", "narrow", "chunk", "split", "split_with_sizes", "unsafe_split", "unsafe_chunk", "unbind", "tensor_split"),
        restrict,
    ),
    **dict.fromkeys(
        (
            "expand",
            "repeat",
            "index",
            "index_select",
            "repeat_interleave",
            "upsample_nearest1d",
            "upsample_nearest2d",
            "expand_as",
            "tile",
            "im2col",
            "unfold",
        ),
        gather,
    ),
    "getitem": item,
    "pad": pad,
    "constant_pad_nd": pad,
}
