"""Activations that a forward writes out: GELU by erf, by tanh (in either way of writing the cubic) and by sigmoid, and Mish.

Read operation by operation they are products of two tensors, whose slopes grow with the radius; recognised they have one slope for all
inputs. Each is s x (1 + F(p(x))) / 2 or s x F(p(x)), with a polynomial p and a number s. Its slope does not change if x is measured in
another unit: s/2 x (1 + erf(c x)) is s/(sqrt(2) c) GELU(sqrt(2) c x), of slope at most |s| 1.12891, whatever c is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.tracing._elementwise import Activation, emit_activation
from genbounds.models.tracing.graph import Node, Ref
from genbounds.models.tracing.reader import Call, Reader

_CUBIC = 0.044715
_SAME = 1e-8
"""Two writings of a constant (0.7978845608 and sqrt(2 / pi)) may differ by this part: the slopes are rounded up by more than it changes."""
_TERMS = 4


@dataclass(frozen=True)
class Polynomial:
    """c_1 x + c_3 x^3 + ... of the node ``base``, by power."""

    base: int
    terms: dict[int, float]

    def times(self, number: float) -> Polynomial:
        """Each coefficient times a number."""
        return Polynomial(self.base, {power: number * value for power, value in self.terms.items()})

    def at(self, v: Tensor) -> Tensor:
        """Its values."""
        result = torch.zeros_like(v)
        for power, value in self.terms.items():
            result = result + value * v**power
        return result


def written_activation(reader: Reader, call: Call, x: Ref, y: Ref) -> Ref | None:
    """The node of x times y if that is an activation of one tensor; None if not."""
    for first, second in ((x, y), (y, x)):
        gate, slope, shift = _affine(reader, second)
        inner = reader.nodes[gate.index]
        if inner.kind not in _GATES or len(inner.sources) != 1:
            continue
        inside = Ref(inner.sources[0])
        found = _mish(reader, first, inside) if inner.kind == "tanh" and shift == 0 else None
        for base in _bases(reader, first):
            outer, argument = polynomial(reader, first, base), polynomial(reader, inside, base)
            if found is None and outer is not None and argument is not None:
                found = _GATES[inner.kind](outer, argument, slope, shift)
        if found is not None:
            base, number, sigma, function = found
            return _emitted(reader, call, Ref(base), slope * number if shift == 0 else number, sigma, function)
    return None


_Found = tuple[int, float, Activation, Callable[[Tensor], Tensor]]


def _emitted(reader: Reader, call: Call, base: Ref, number: float, sigma: Activation, function: Callable[[Tensor], Tensor]) -> Ref:
    lipschitz = sigma.lipschitz * abs(number) * (1 + 2.0**-50)
    scaled = Activation(sigma.name if number == 1 else f"{number:g} {sigma.name}", lipschitz, ulps=32.0 * max(1.0, abs(number)))
    return emit_activation(reader, call, scaled, function if number == 1 else lambda v: number * function(v), base)


def _affine(reader: Reader, ref: Ref) -> tuple[Ref, float, float]:
    """(g, a, b) with the node a g + b, as far as it is one."""
    slope, shift = 1.0, 0.0
    node = reader.nodes[ref.index]
    while len(node.sources) == 1 and not node.options.get("bias"):
        factor, moved = _factor(node), node.options.get("shift")
        if factor is not None:
            slope *= factor
        elif node.kind == "shift" and moved:
            slope, shift = slope * moved[0], shift + slope * moved[1]
        else:
            break
        ref = Ref(node.sources[0])
        node = reader.nodes[ref.index]
    return ref, slope, shift


def _factor(node: Node) -> float | None:
    """The number that the node multiplies by, if that is all it does."""
    if node.kind != "scale" or len(node.sources) != 1:
        return None
    factors, divisor = node.options.get("factors"), node.options.get("divisor")
    return 1 / divisor if divisor else factors[0] if factors and len(factors) == 1 else None


def _bases(reader: Reader, ref: Ref) -> list[int]:
    """The nodes that the factor before the gate may be a multiple of: itself, and what it scales."""
    base, _, shift = _affine(reader, ref)
    return [ref.index] if base == ref or shift else [base.index, ref.index]


def polynomial(reader: Reader, ref: Ref, base: int) -> Polynomial | None:
    """The node as a polynomial in the node ``base`` without a constant term; None if it is none, or one of many terms."""
    if ref.index == base:
        return Polynomial(base, {1: 1.0})
    node = reader.nodes[ref.index]
    if ref.index < base or len(node.sources) not in (1, 2):
        return None
    factor, factors = _factor(node), node.options.get("factors")
    if factor is not None:
        inside = polynomial(reader, Ref(node.sources[0]), base)
        return None if inside is None else inside.times(factor)
    if len(node.sources) != 2 or node.kind not in ("add", "product"):
        return _one_plus(reader, node, base)
    parts = [polynomial(reader, Ref(source), base) or _one_plus(reader, reader.nodes[source], base) for source in node.sources]
    if parts[0] is None or parts[1] is None:
        return None
    if node.kind == "add":
        return None if not factors or len(factors) != 2 else _sum(parts[0].times(factors[0]), parts[1].times(factors[1]))
    return _product(parts[0], parts[1])


def _one_plus(reader: Reader, node: Node, base: int) -> Polynomial | None:
    """A polynomial with a constant term, as in x (1 + c x x): its power 0."""
    moved = node.options.get("shift")
    if node.kind != "shift" or not moved or len(node.sources) != 1 or node.options.get("bias"):
        return None
    inside = polynomial(reader, Ref(node.sources[0]), base)
    return None if inside is None else _sum(inside.times(moved[0]), Polynomial(base, {0: moved[1]}))


def _sum(a: Polynomial, b: Polynomial) -> Polynomial | None:
    powers = {*a.terms, *b.terms}
    return (
        Polynomial(a.base, {power: a.terms.get(power, 0.0) + b.terms.get(power, 0.0) for power in powers})
        if len(powers) <= _TERMS
        else None
    )


def _product(a: Polynomial, b: Polynomial) -> Polynomial | None:
    terms: dict[int, float] = {}
    for power, value in a.terms.items():
        for other, factor in b.terms.items():
            terms[power + other] = terms.get(power + other, 0.0) + value * factor
    return Polynomial(a.base, terms) if len(terms) <= _TERMS else None


def _by_erf(outer: Polynomial, inside: Polynomial, slope: float, shift: float) -> _Found | None:
    """s x (1 + erf(c x)) / 2."""
    if set(outer.terms) != {1} or set(inside.terms) != {1} or slope != shift or not inside.terms[1] > 0:
        return None
    c = inside.terms[1]
    return outer.base, 2 * outer.terms[1] * slope, Activation("gelu", 1.12891), lambda v: 0.5 * v * (1 + torch.erf(c * v))


def _by_tanh(outer: Polynomial, inside: Polynomial, slope: float, shift: float) -> _Found | None:
    """s x (1 + tanh(c (x + .044715 x^3))) / 2 in any unit of x."""
    if set(outer.terms) != {1} or set(inside.terms) != {1, 3} or slope != shift:
        return None
    c, cubic = inside.terms[1], inside.terms[3]
    unit = c / math.sqrt(2 / math.pi)  # x is measured in 1 / unit
    if not c > 0 or abs(cubic / (c * _CUBIC * unit**2) - 1) > _SAME:
        return None
    return outer.base, 2 * outer.terms[1] * slope, Activation("gelu", 1.12900), lambda v: 0.5 * v * (1 + torch.tanh(inside.at(v)))


def _by_sigmoid(outer: Polynomial, inside: Polynomial, slope: float, shift: float) -> _Found | None:
    """s x sigmoid(c x)."""
    if set(outer.terms) != {1} or set(inside.terms) != {1} or shift != 0 or not inside.terms[1] > 0:
        return None
    c = inside.terms[1]
    return outer.base, outer.terms[1], Activation("silu", 1.09984), lambda v: v * torch.sigmoid(c * v)


def _mish(reader: Reader, outer: Ref, inside: Ref) -> _Found | None:
    """x tanh(softplus(x)), of the softplus with slope 1."""
    node = reader.nodes[inside.index]
    if node.kind != "softplus" or node.sources != (outer.index,) or node.options.get("parameters") != (1.0,):
        return None
    return outer.index, 1.0, Activation("mish", 1.08850), torch.nn.functional.mish


_GATES: dict[str, Callable[[Polynomial, Polynomial, float, float], _Found | None]] = {
    "erf": _by_erf,
    "tanh": _by_tanh,
    "sigmoid": _by_sigmoid,
}
