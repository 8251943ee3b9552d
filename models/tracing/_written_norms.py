"""Normalisations that a forward writes out, along the last axis: x / sqrt(mean(x^2) + eps), and the same of x less its mean."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from genbounds.models.tracing._normalisation import normalise
from genbounds.models.tracing.graph import Node, Ref
from genbounds.models.tracing.reader import Call, Reader


def written_normalisation(reader: Reader, call: Call, x: Ref, y: Ref) -> Ref | None:
    """The node of x times y (or x / y in a quotient) if that is a normalisation along the last axis; None if not."""
    wanted = "rsqrt" if call.name == "mul" else "sqrt"
    for value, length in ((x, y), (y, x)) if call.name == "mul" else ((x, y),):
        node = reader.nodes[length.index]
        if node.options.get("of") != wanted or len(node.sources) != 1:
            continue
        eps, squares = _shifted(reader, reader.nodes[node.sources[0]])
        if squares is None or eps is None or not eps > 0 or not _is_mean_of_squares(reader, squares, value):
            continue
        source = _centred(reader, value)
        return normalise(reader, call, source or value, lambda v: v, eps, centred=source is not None, last=True)
    return None


def _shifted(reader: Reader, node: Node) -> tuple[float | None, Node | None]:
    """(eps, m) of m + eps, with a number in the code."""
    moved = node.options.get("shift")
    if node.kind != "shift" or not moved or moved[0] != 1.0 or node.options.get("bias") or len(node.sources) != 1:
        return None, None
    return float(moved[1]), reader.nodes[node.sources[0]]


def _is_mean_of_squares(reader: Reader, node: Node, value: Ref) -> bool:
    if not _is_mean(reader, node):
        return False
    square = reader.nodes[node.sources[0]]
    return square.kind == "product" and square.sources == (value.index, value.index)


def _is_mean(reader: Reader, node: Node) -> bool:
    """Whether it is a mean along the last axis, which stays."""
    axes: Any = node.options.get("means")
    return node.kind == "mean" and len(node.sources) == 1 and axes == [_last(reader.probes[node.sources[0]])]


def _last(probe: Tensor) -> int:
    return probe.ndim - 1


def _centred(reader: Reader, value: Ref) -> Ref | None:
    """The tensor whose mean along the last axis was taken off to give this one."""
    node = reader.nodes[value.index]
    if node.kind != "add" or node.options.get("factors") != (1.0, -1.0) or len(node.sources) != 2:
        return None
    base, mean = node.sources
    found = reader.nodes[mean]
    return Ref(base) if _is_mean(reader, found) and found.sources == (base,) else None
