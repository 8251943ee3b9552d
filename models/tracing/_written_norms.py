"""Normalisations written by hand: x / sqrt(mean(x^2) + eps), (x - mean(x)) / (std(x) + eps), x / max(||x||, eps), as products or quotients.

A sub-graph is taken for a normalisation if it is one node by node: the numerator u is a value of the graph, or x - mean(x) over some axes;
the denominator is sqrt(k s + eps), sqrt(k s) + eps or max(sqrt(k s), eps), where s is the mean of u^2 over the same axes, k a number (the
number of entries for a sum, d / (d - 1) for an unbiased variance) and eps > 0 a number that stands in the code. Each of these is read off
the nodes that compute it (a mean with its axes, a product of a value with itself, a shift by a number, a square root); two values are the
same if they are one node, or means and differences over the same axes of the same ones. So the quotient is u / l(rms(u)) by definition,
with ``Length`` for l, and the nodes that led to it drop out of the graph, as nothing else uses them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from genbounds.models.tracing._normalisation import Length, normalise
from genbounds.models.tracing.graph import Node, Ref
from genbounds.models.tracing.reader import Call, Reader


@dataclass(frozen=True)
class _Divisor:
    """A length of ``value`` (of its deviations from its mean, if ``deviations``) over ``axes``; no ``way`` yet: sqrt(k s)."""

    value: Ref
    axes: tuple[int, ...]
    deviations: bool
    factor: float
    way: str = ""
    eps: float = 0.0


def written_normalisation(reader: Reader, call: Call, x: Any, y: Any) -> Ref | None:
    """The product or quotient as a normalisation, None if it is none. A gain may stand before it: g u / l = g (u / l), entry by entry."""
    pairs = [(x, y)] if call.name == "div" else [(x, y), (y, x)]
    if (found := _without_gain(reader, call, pairs)) is not None:
        return found
    for numerator, other in pairs:
        gain = reader.nodes[numerator.index]
        weight = None if gain.weight is None else reader.weights[gain.weight]
        if weight is None or weight.kind != "diagonal" or weight.bias is not None:
            continue
        if (found := _without_gain(reader, call, [(_source(gain), other)])) is not None:
            return reader.emit_weight(call, weight, gain.function, (found,), tokens=True)
    return None


def _without_gain(reader: Reader, call: Call, pairs: list[tuple[Any, Any]]) -> Ref | None:
    for numerator, other in pairs:
        divisor = _divisor(reader, other) if call.name == "div" else _inverse(reader, other)
        if divisor is None or not divisor.way or not divisor.eps > 0:
            continue
        centre = _centred(reader, numerator)
        if divisor.deviations:
            agrees = centre is not None and centre[1] == divisor.axes and _same(reader, centre[0], divisor.value)
        else:
            agrees = _same(reader, numerator, divisor.value)
        if agrees:
            centred = centre is not None and centre[1] == divisor.axes
            source = centre[0] if centre is not None and centred else numerator
            length = Length(divisor.way, divisor.eps, divisor.factor)
            return _emit(reader, call, source, divisor.axes, length, centred)
    return None


def _emit(reader: Reader, call: Call, x: Ref, axes: tuple[int, ...], length: Length, centred: bool) -> Ref:
    probe = reader.probe(x)
    order = [*(axis for axis in range(probe.ndim) if axis not in axes), *axes]
    back = [order.index(axis) for axis in range(probe.ndim)]
    count = len(axes)

    def grouped(v: Tensor) -> Tensor:
        return v.permute(order).flatten(v.ndim - count)

    def restored(groups: Tensor, like: Tensor) -> Tensor:
        return groups.reshape([like.shape[axis] for axis in order]).permute(back)

    return normalise(reader, call, x, grouped, length, centred=centred, last=axes == (probe.ndim - 1,), restored=restored)


def _node(reader: Reader, value: Any) -> Node | None:
    return reader.nodes[value.index] if isinstance(value, Ref) and reader.nodes[value.index].has_data else None


def _source(node: Node) -> Ref:
    return Ref(node.sources[0])


def _operation(node: Node) -> tuple[str, dict[str, Any]]:
    """The name and the constant arguments of an operation that has no bound by itself."""
    name, fixed = node.options.get("operation", ("", {}))
    return name, fixed


def _centred(reader: Reader, value: Any) -> tuple[Ref, tuple[int, ...]] | None:
    """(x, axes) of x - mean(x)."""
    node = _node(reader, value)
    if node is None or node.kind != "add" or node.options.get("factors") != (1.0, -1.0) or len(node.sources) != 2:
        return None
    mean = reader.nodes[node.sources[1]]
    if mean.kind != "mean" or not mean.options["keep"] or not _same(reader, _source(mean), _source(node)):
        return None
    return _source(node), mean.options["axes"]


def _same(reader: Reader, a: Any, b: Any) -> bool:
    """Whether two values are one, computed once or twice in the same way by means and differences."""
    first, second = _node(reader, a), _node(reader, b)
    if first is None or second is None:
        return False
    if a == b:
        return True
    if first.kind != second.kind or len(first.sources) != len(second.sources):
        return False
    wanted = {"mean": ("axes", "keep"), "add": ("factors",)}.get(first.kind)
    if wanted is None or any(first.options[name] != second.options[name] for name in wanted):
        return False
    return all(_same(reader, Ref(i), Ref(j)) for i, j in zip(first.sources, second.sources, strict=True))


def _mean_square(reader: Reader, value: Any) -> _Divisor | None:
    """k times the mean of the squares of something, or of its deviations from its mean."""
    node = _node(reader, value)
    if node is None:
        return None
    if node.kind == "scale" and len(node.options.get("factors", ())) == 1:
        inner = _mean_square(reader, _source(node))
        factor = node.options["factors"][0]
        return replace(inner, factor=inner.factor * factor) if inner is not None and factor > 0 else None
    if node.kind in ("mean", "sum") and node.options["keep"]:
        square = reader.nodes[node.sources[0]]
        if square.kind == "product" and square.sources[0] == square.sources[1]:
            return _Divisor(_source(square), node.options["axes"], False, float(node.options["count"]) if node.kind == "sum" else 1.0)
    return _variance(reader, node) if _operation(node)[0] == "var" else None


def _variance(reader: Reader, node: Node) -> _Divisor | None:
    """A variance or standard deviation with its correction; the axis must be kept."""
    _, fixed = _operation(node)
    probe = reader.probe(_source(node))
    axes, correction = fixed.get("dim"), fixed.get("correction", 1)
    correction = 1 if correction is None else correction
    if "unbiased" in fixed:
        correction = int(fixed["unbiased"])
    axes = [axes] if isinstance(axes, int) else axes
    if not axes or not fixed.get("keepdim"):
        return None
    places = tuple(axis % probe.ndim for axis in axes)
    count = math.prod(probe.shape[axis] for axis in places)
    return _Divisor(_source(node), places, True, count / (count - correction)) if count > correction else None


def _divisor(reader: Reader, value: Any) -> _Divisor | None:
    """What stands below the line."""
    node = _node(reader, value)
    if node is None:
        return None
    name, fixed = _operation(node)
    if node.options.get("expands"):
        return _divisor(reader, _source(node))
    if name == "sqrt" or (name == "pow" and fixed.get("exponent") == 0.5):
        return _root(reader, _source(node))
    if name == "std":
        return _variance(reader, node)
    if name == "linalg_vector_norm" and fixed.get("ord") == 2 and fixed.get("dim") and fixed.get("keepdim"):
        probe = reader.probe(_source(node))
        places = tuple(axis % probe.ndim for axis in fixed["dim"])
        return _Divisor(_source(node), places, False, float(math.prod(probe.shape[axis] for axis in places)))
    if node.kind == "scale" and len(node.options.get("factors", ())) == 1:
        inner, factor = _divisor(reader, _source(node)), node.options["factors"][0]
        return replace(inner, factor=inner.factor * factor**2) if inner is not None and not inner.way and factor > 0 else None
    if (moved := _moved(node)) is not None:
        inner = _divisor(reader, _source(node))
        return replace(inner, way="outside", eps=moved) if inner is not None and not inner.way else None
    if _is_floor(node):
        inner = _divisor(reader, _source(node))
        return replace(inner, way="floor", eps=node.options["parameters"][0]) if inner is not None and not inner.way else None
    return None


def _root(reader: Reader, value: Any) -> _Divisor | None:
    """sqrt of a mean square, perhaps with a number added, or bounded below by one."""
    node = _node(reader, value)
    if node is None:
        return None
    if (moved := _moved(node)) is not None:
        inner = _mean_square(reader, _source(node))
        return None if inner is None else replace(inner, way="inside", eps=moved)
    if _is_floor(node) and node.options["parameters"][0] > 0:
        inner = _mean_square(reader, _source(node))
        return None if inner is None else replace(inner, way="floor", eps=math.sqrt(node.options["parameters"][0]))
    return _mean_square(reader, value)


def _inverse(reader: Reader, value: Any) -> _Divisor | None:
    """What the value is one over."""
    node = _node(reader, value)
    if node is None:
        return None
    name, fixed = _operation(node)
    if node.options.get("expands") or (node.kind == "scale" and node.options.get("factors") == (1.0,)):
        return _inverse(reader, _source(node))
    if name == "rsqrt" or (name == "pow" and fixed.get("exponent") == -0.5):
        return _root(reader, _source(node))
    return _divisor(reader, _source(node)) if name == "reciprocal" else None


def _moved(node: Node) -> float | None:
    """The number that stands in the code and is added to a value."""
    shift = node.options.get("shift")
    if node.kind != "shift" or not shift or shift[0] != 1.0 or node.options.get("bias"):
        return None
    return float(shift[1])


def _is_floor(node: Node) -> bool:
    """Whether it bounds a value below, by a number that stands in the code."""
    return node.kind == "hardtanh" and node.options["parameters"][1] == math.inf and not node.options.get("learned")
