"""What a network computes from its whole-number tokens in addition to embedding them: masks, positions, the place of the last token.

Such a value is any function d of the tokens. An operation f(v, d) on it and on a tensor v is read as if d were constant, and then a node is
added for what another d may change: tokens that give another d differ in at least one place, so that their one-hot codes are at least
sqrt(2) apart, and two values of norm at most s differ by at most 2 s. So ||f(v, d) - f(v', d')|| is at most that for one d, or at most
sqrt(2) s times the distance of the codes: at most the sum of both.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from genbounds.models.tracing._products import Bounded, Bounds
from genbounds.models.tracing.graph import Ref, Tokens
from genbounds.models.tracing.reader import Call, Reader, flat

_UP = 1 + 2.0**-40


NOT_HERE = (
    "takes what is computed from the tokens (a mask, say), which is bounded only as a mask of attention, as that of masked_fill, as "
    "positions in a table and as the place of a token: write it as one of these"
)
_MOVES = frozenset(
    {
        "view",
        "reshape",
        "_unsafe_view",
        "flatten",
        "unflatten",
        "squeeze",
        "unsqueeze",
        "permute",
        "transpose",
        "t",
        "flip",
        "slice",
        "clone",
        "alias",
        "detach",
    }
)
_AWARE = frozenset({"scaled_dot_product_attention", "masked_fill", "embedding", "index", "add", "sub"})
"""Operations whose readers know what to do with it."""


def is_computed_of_tokens(reader: Reader, call: Call) -> bool:
    """Whether the operation makes something of the tokens that is not an embedding: ``ValueError`` where it can't be bounded.

    The tokens themselves are not made floating-point numbers: a network on such inputs is not a function of one-hot codes.
    """
    arguments = tuple(call.arguments.values())
    if not reader.is_of_tokens(arguments):
        if reader.token_nodes(arguments) and call.name not in _AWARE:
            raise call.refuse(NOT_HERE)
        return False
    if any(isinstance(part, Tensor) and part.is_floating_point() and reader.is_trained(part) for part in flat(arguments)):
        if call.name != "embedding":
            raise call.refuse(NOT_HERE)
        return False
    if call.name in ("_local_scalar_dense", "item"):
        raise call.refuse("reads a number off the tokens, for the whole batch at once: keep it a tensor, one entry per example")
    casts = call.name in ("_to_copy", "to", "type_as") and not reader.token_nodes(arguments)
    return call.name != "embedding" and not (casts and is_floating(call.arguments.get("dtype")))


def is_whole(reader: Reader, ref: Ref) -> bool:
    """Whether these are the network's own inputs, perhaps in another shape or order."""
    return ref == Ref(0) or "whole" in reader.nodes[ref.index].options


def remembered(reader: Reader, call: Call, ref: Ref) -> Ref:
    """The node, which is known to hold all tokens if they were only moved."""
    before = call.arguments[next(iter(call.arguments))]
    if call.name not in _MOVES or not isinstance(before, Ref) or not is_whole(reader, before):
        return ref
    whole = reader.probe(ref).numel() == reader.probe(before).numel() and not reader.probe(ref).is_floating_point()
    return reader.changed(ref, options={"whole": True}) if whole and reader.probe(ref).dtype != torch.bool else ref


def is_floating(dtype: Any) -> bool:
    """Whether it is a floating-point dtype; that of another tensor is taken for one."""
    return not isinstance(dtype, torch.dtype) or dtype.is_floating_point


def jump(reader: Reader, call: Call, value: Ref) -> Ref:
    """The value again, as something that also depends on the tokens through what was taken for a constant in it."""
    probe = reader.probe(value)
    rows = probe.numel() // reader.count // max(probe.shape[-1], 1)
    return reader.emit(
        call,
        "jump",
        lambda tokens, v: v,
        (Ref(0), value),
        gains=(math.inf, 1.0),
        homogeneous=False,
        options={"product": lambda tokens, value: bounded_jump(rows, value)},
    )


def bounded_jump(rows: int, value: Bounds) -> Bounded:
    """The slopes in the one-hot codes and in the value, which has so many rows along its last axis.

    >>> round(bounded_jump(4, Bounds(size=10.0, tokens=1.0, entries=1.0)).gains[0], 6)  # 2 sqrt(4) over sqrt(2)
    2.828427
    """
    longest = min(value.size, math.sqrt(rows) * value.tokens) if math.isfinite(value.size + value.tokens) else value.size
    return Bounded((math.sqrt(2) * longest * _UP, 1.0), value.size, value.tokens, value.entries)


def look_up(reader: Reader, call: Call, table: Tensor, places: Ref) -> Ref:
    """Rows of a table at places that are computed from the tokens: a function of them that is bounded by the largest row."""
    rows = reader.probe(places).numel() // reader.count
    longest = float(table.norm(dim=-1).max()) * _UP
    bound = math.sqrt(rows) * longest * _UP
    ref = reader.emit(
        call,
        "look_up",
        lambda tokens, chosen: torch.nn.functional.embedding(chosen, table),
        (Ref(0), places),
        gains=math.sqrt(2) * bound * _UP,
        cap=bound,
        homogeneous=False,
        options={"learned": True},
    )
    return reader.changed(ref, at_zero=bound, tokens=Tokens(0.0, longest, cap=longest), entries=Tokens(0.0, longest, cap=longest))
