"""The exact Lipschitz constant of a piecewise linear network of one input: the largest slope over all pieces, in exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.quantity import Quantity
from genbounds.models.tracing.graph import Graph, Node

_MOST_PRODUCTS = 2_000_000  # of long integers: about a second
_HOW = "largest slope over all linear pieces, whose kinks are found in exact arithmetic"


class _TooLong(Exception):
    """The network has too many pieces, or an operation that is not piecewise linear."""


@dataclass
class _Value:
    """On each piece the value is (slope t + offset) 2^-exponent, in integers: arrays (pieces, units) of Python ints."""

    slope: Any
    offset: Any
    exponent: int


class _Line:
    """Piecewise affine functions of one variable on a common partition, refined wherever an activation has a kink."""

    def __init__(self) -> None:
        self.kinks: list[Fraction] = []
        self.values: dict[int, _Value] = {}
        self.work = 0

    def linear(self, value: _Value, weight: Any, bias: Any) -> _Value:
        """W v + b."""
        self.work += len(value.slope) * weight.size
        self._check()
        matrix, exponent = _integers(weight)
        shifted, shift = _integers(bias)
        total = max(value.exponent + exponent, shift)
        up = 1 << (total - value.exponent - exponent)
        return _Value(value.slope @ matrix.T * up, value.offset @ matrix.T * up + shifted * (1 << (total - shift)), total)

    def activate(self, value: _Value, cut: float, below: float, low: float, above: float, high: float) -> _Value:
        """z -> below z + low for z < cut, above z + high beyond: the two agree at the cut."""
        value = self._refined(value, cut)
        numbers, exponent = _integers(np.array([below, low, above, high, cut]))
        under, floor, over, ceiling, _ = numbers
        positive = self._above(value, cut)
        side = positive.astype(int)
        factor, constant = np.array([under, over], object)[side], np.array([floor, ceiling], object)[side] * (1 << value.exponent)
        total = value.exponent + exponent
        return _Value(value.slope * factor, value.offset * factor + constant, total)

    def _above(self, value: _Value, cut: float) -> Any:
        """Whether each unit lies above the cut inside each piece."""
        cut_at = Fraction(cut) * (1 << value.exponent)
        result = np.empty(value.slope.shape, bool)
        for piece, t in enumerate(self._inside()):
            result[piece] = [
                a * t.numerator + b * t.denominator > cut_at * t.denominator
                for a, b in zip(value.slope[piece], value.offset[piece], strict=True)
            ]
        return result

    def _inside(self) -> list[Fraction]:
        """A point inside each piece."""
        if not self.kinks:
            return [Fraction(0)]
        return [self.kinks[0] - 1, *((a + b) / 2 for a, b in zip(self.kinks, self.kinks[1:], strict=False)), self.kinks[-1] + 1]

    def _refined(self, value: _Value, cut: float) -> _Value:
        """Cut every piece where a unit crosses; all values kept so far are cut along."""
        cut_at = Fraction(cut) * (1 << value.exponent)
        kinks: list[Fraction] = []
        origin: list[int] = []
        ends: list[Fraction | None] = [None, *self.kinks, None]
        for piece in range(len(self.kinks) + 1):
            left, right = ends[piece], ends[piece + 1]
            slopes, offsets = value.slope[piece], value.offset[piece]
            crossings = {Fraction(cut_at - b) / a for a, b in zip(slopes, offsets, strict=True) if a}
            new = sorted(t for t in crossings if (left is None or t > left) and (right is None or t < right))
            kinks += [*new, *([] if right is None else [right])]
            origin += [piece] * (len(new) + 1)
        self.kinks = kinks
        self.work += len(origin) * value.slope.shape[1] * 4
        self._check()
        self.values = {index: _Value(old.slope[origin], old.offset[origin], old.exponent) for index, old in self.values.items()}
        return _Value(value.slope[origin], value.offset[origin], value.exponent)

    def _check(self) -> None:
        if self.work > _MOST_PRODUCTS:
            raise _TooLong


def _integers(numbers: Any) -> tuple[Any, int]:
    """Doubles as integers over one power of two."""
    array = np.asarray(numbers, np.float64)
    ratios = [number.as_integer_ratio() for number in array.reshape(-1).tolist()]
    exponent = max((denominator.bit_length() - 1 for _, denominator in ratios), default=0)
    whole = np.empty(len(ratios), object)
    for index, (numerator, denominator) in enumerate(ratios):
        whole[index] = numerator * ((1 << exponent) // denominator)
    return whole.reshape(array.shape), exponent


def lipschitz_on_a_line(graph: Graph) -> Quantity | None:
    """The network's Lipschitz constant if its input is one number and it is piecewise linear and small; else None.

    Weights are dyadic, so the slopes of all pieces are computed without rounding. For one output the Quantity is ``exact``; for more it is
    the root of an exact sum of squares, ``exact`` where that is a double and else rounded up, ``upper``.
    """
    if graph.nodes[0].size != 1 or graph.one_hot is not None:
        return None
    line = _Line()
    try:
        for index, node in enumerate(graph.nodes):
            if node.has_data:
                line.values[index] = _value(line, graph, node)
    except _TooLong:
        return None
    output = line.values[graph.output]
    square = max(sum(int(a) ** 2 for a in row) for row in output.slope)
    scale = 1 << output.exponent
    root = math.isqrt(square)
    if root * root == square:
        found = Fraction(root, scale)
        return Quantity(float(found) if Fraction(float(found)) == found else found, "exact", _HOW)
    above = float(Fraction(math.isqrt(square << 128) + 1, scale << 64))
    return Quantity(math.nextafter(above, math.inf), "upper", f"{_HOW}, the root rounded up")


def _value(line: _Line, graph: Graph, node: Node) -> _Value:
    """The node's value on every piece; ``_TooLong`` for an operation that is not known here."""
    if node.kind == "input":
        one = np.array([[1]], dtype=object)
        return _Value(one, one * 0, 0)
    before = [line.values[source] for source in node.sources]
    if (
        node.kind == "linear"
        and node.weight is not None
        and graph.weights[node.weight].copies == 1
        and not graph.weights[node.weight].slack
    ):
        weight = graph.weights[node.weight]
        matrix = weight.matrix.detach().cpu().numpy()
        bias = np.zeros(len(matrix)) if weight.bias is None else weight.bias.detach().cpu().numpy()
        return line.linear(before[0], matrix, bias)
    if node.kind == "shape" and node.options.get("flattens"):
        return before[0]
    if node.kind in ("add", "scale") and node.options.get("factors"):
        return _sum(before, node.options["factors"])
    pieces = _PIECES.get(node.kind)
    if pieces is None:
        raise _TooLong
    value = before[0]
    for cut in pieces(node.options.get("parameters", ())):
        value = line.activate(value, *cut)
    return value


def _sum(values: list[_Value], factors: tuple[float, ...]) -> _Value:
    numbers, exponent = _integers(np.array(factors))
    total = exponent + max(value.exponent for value in values)
    slope, offset = 0, 0
    for value, factor in zip(values, numbers, strict=True):
        up = factor * (1 << (total - exponent - value.exponent))
        slope, offset = slope + value.slope * up, offset + value.offset * up
    return _Value(slope, offset, total)


_Cuts = list[tuple[float, float, float, float, float]]


def _hardtanh(parameters: tuple[float, ...]) -> _Cuts:
    low, high = parameters
    cuts: _Cuts = [] if low == -math.inf else [(low, 0.0, low, 1.0, 0.0)]
    return cuts + ([] if high == math.inf else [(high, 1.0, 0.0, 0.0, high)])


_PIECES: dict[str, Callable[[tuple[float, ...]], _Cuts]] = {
    "relu": lambda parameters: [(0.0, 0.0, 0.0, 1.0, 0.0)],
    "leaky_relu": lambda parameters: [(0.0, parameters[0], 0.0, 1.0, 0.0)],
    "abs": lambda parameters: [(0.0, -1.0, 0.0, 1.0, 0.0)],
    "hardtanh": _hardtanh,
    "identity": lambda parameters: [],
}
"""For each activation, where it is cut and its slope and offset below and above."""
