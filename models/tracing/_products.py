"""Products of two tensors that both depend on the input, Lipschitz where both are bounded: gates times states, squeeze-and-excite, GLU.

Entry by entry, d(x y) = y dx + x dy. With |x_i| <= e_x and |y_i| <= e_y, where broadcasting repeats the entries of x and y k_x and k_y
times: ||y dx|| <= e_y sqrt(k_x) ||dx||, and also <= sqrt(k_y) ||y|| ||dx||, as an entry of dx meets entries of y that are no longer than
all of y together; the same with x and y exchanged. So the slopes in x and y are min(e_y sqrt(k_x), sqrt(k_y) ||y||) and its mirror image,
and ||x y|| <= min(e_y sqrt(k_x) ||x||, e_x sqrt(k_y) ||y||, e_x e_y sqrt(entries)). Both points of a pair must have such bounds; on the
segment between their factors every point has them, since balls and cubes are convex.

A blend z a + (1 - z) b with a gate z between 0 and 1 is bounded better: entry by entry |z u + (1 - z) v| <= max(|u|, |v|), so that the
slope in the pair (a, b) is 1 in l2, whatever the gate; and the slope in the gate is that of a product with a - b.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genbounds.models.norms.rounding import EPS
from genbounds.models.tracing._building import broadcast_shapes
from genbounds.models.tracing.graph import Node, Ref, Tokens
from genbounds.models.tracing.reader import Call, Reader

_UP = 1 + 2.0**-48


@dataclass(frozen=True)
class Bounds:
    """Bounds on the norm of one example's value, on those of its vectors along the last axis, and on the size of its entries."""

    size: float
    tokens: float
    entries: float


@dataclass(frozen=True)
class Bounded:
    """What bounds on the factors say about a product: its Lipschitz constants and its own bounds."""

    gains: tuple[float, ...]
    size: float
    tokens: float
    entries: float


def _times(*factors: float) -> float:
    """A product of bounds in which 0 times infinity is 0, rounded up."""
    return 0.0 if 0.0 in factors else math.prod(factors) * _UP


def bounded_product(x: Bounds, y: Bounds, whole: int, last: int, repeats: tuple[int, int], rows: tuple[bool, bool]) -> Bounded:
    """The product of x and y.

    One example's product has ``whole`` entries, in vectors of ``last`` along the last axis. ``repeats`` are k_x and k_y, ``rows`` says of
    each factor whether broadcasting keeps its vectors along the last axis as they are (it may copy them).

    >>> gate, state = Bounds(size=2.0, tokens=2.0, entries=1.0), Bounds(size=9.0, tokens=4.0, entries=3.0)
    >>> bounded_product(gate, state, 20, 4, (1, 1), (True, True)).gains
    (3.0000000000000107, 1.0000000000000036)
    """
    (k_x, k_y), entries = (math.sqrt(times) for times in repeats), _times(x.entries, y.entries)
    return Bounded(
        gains=(
            min(_times(y.entries, k_x), _times(y.size, k_y)),
            min(_times(x.entries, k_y), _times(x.size, k_x)),
        ),
        size=min(_times(y.entries, x.size, k_x), _times(x.entries, y.size, k_y), _times(entries, math.sqrt(whole))),
        tokens=min(
            _times(y.entries, x.tokens) if rows[0] else math.inf,
            _times(x.entries, y.tokens) if rows[1] else math.inf,
            _times(entries, math.sqrt(last)),
            _times(y.entries, x.size, k_x),
        ),
        entries=entries,
    )


def bounded_blend(pair: Bounds, whole: int, last: int, repeats: int) -> Bounded:
    """z a + (1 - z) b from bounds on the pair (a, b): |a_i - b_i| <= 2 e, ||a - b|| <= sqrt(2) ||(a, b)||."""
    root = math.sqrt(repeats)
    return Bounded(
        gains=(1.0, min(_times(2.0, pair.entries, root), _times(math.sqrt(2), pair.size))),
        size=min(pair.size, _times(pair.entries, math.sqrt(whole))),
        tokens=min(_times(math.sqrt(2), pair.tokens), pair.size, _times(pair.entries, math.sqrt(last))),
        entries=pair.entries,
    )


def product(reader: Reader, call: Call, x: Ref, y: Ref) -> Ref:
    """x times y, entry by entry."""
    probes = [reader.probe(part) for part in (x, y)]
    shape = broadcast_shapes(*(probe.shape for probe in probes))
    repeats = (shape.numel() // probes[0].numel(), shape.numel() // probes[1].numel())
    rows = (probes[0].shape[-1:] == shape[-1:], probes[1].shape[-1:] == shape[-1:])
    k_x, k_y = (math.sqrt(times) * _UP for times in repeats)
    whole, last = shape.numel() // reader.count, (1, *shape)[-1]

    def local(inputs: list[Tensor], errors: list[float]) -> tuple[tuple[float, ...], float]:
        """Slopes for the largest entries near the computed ones; one rounding."""
        largest = [float(value.abs().max()) * _UP + error for value, error in zip(inputs, errors, strict=True)]
        return (largest[1] * k_x, largest[0] * k_y), EPS * float((inputs[0] * inputs[1]).norm()) * _UP

    return reader.emit(
        call,
        "product",
        torch.mul,
        (x, y),
        gains=math.inf,
        homogeneous=False,
        local=local,
        options={"product": lambda first, second: bounded_product(first, second, whole, last, repeats, rows)},
    )


def blend(reader: Reader, call: Call, x: Any, y: Any, sign: float) -> Ref | None:
    """x + sign y as z a + (1 - z) b, if that is what it is, with a gate z between 0 and 1; None if not.

    b + z (a - b) and b - z (b - a) are z a + (1 - z) b, and so is z a + (1 - z) b itself in either order.
    """
    found = None
    for first, second in ((x, y), (y, x)) if sign == 1 else ((x, y),):
        found = found or _interpolation(reader, first, second, sign) or (_mixture(reader, first, second) if sign == 1 else None)
    if found is None:
        return None
    gate, a, b = found
    shape, own = reader.probe(a).shape, reader.probe(gate).shape
    if reader.probe(b).shape != shape or broadcast_shapes(shape, own) != shape:
        return None
    repeats = shape.numel() // own.numel()
    whole, last, root = shape.numel() // reader.count, (1, *shape)[-1], math.sqrt(repeats) * _UP
    pair = reader.emit(
        call, "cat", lambda u, v: torch.stack((u, v)), (a, b), combine="root", tokens=Tokens(1.0, combine="max"), homogeneous=True
    )

    def local(inputs: list[Tensor], errors: list[float]) -> tuple[tuple[float, ...], float]:
        """The slope in the gate for the entries near the computed ones; three roundings of at most twice the larger entry."""
        largest = float(inputs[0].abs().max()) * _UP + errors[0]
        return (1.0, 2 * largest * root), 8 * EPS * float(inputs[0].norm()) * _UP

    return reader.emit(
        call,
        "blend",
        lambda both, z: both[1] + z * (both[0] - both[1]),
        (pair, gate),
        gains=(1.0, math.inf),
        homogeneous=False,
        local=local,
        options={"product": lambda both, z: bounded_blend(both, whole, last, repeats)},
    )


def _interpolation(reader: Reader, base: Any, moved: Any, sign: float) -> tuple[Ref, Ref, Ref] | None:
    """(z, a, b) of b + z (a - b), or of b - z (b - a)."""
    for gate, change in _factors(reader, moved):
        node = reader.nodes[change.index]
        if not isinstance(base, Ref) or node.kind != "add" or node.options.get("factors") != (1.0, -1.0) or len(node.sources) != 2:
            continue
        first, second = (Ref(source) for source in node.sources)
        if sign == 1 and second == base:
            return gate, first, base
        if sign == -1 and first == base:
            return gate, second, base
    return None


def _mixture(reader: Reader, first: Any, second: Any) -> tuple[Ref, Ref, Ref] | None:
    """(z, a, b) of z a + (1 - z) b."""
    for gate, a in _factors(reader, first):
        for other, b in _factors(reader, second, gates=False):
            node = reader.nodes[other.index]
            if node.kind == "shift" and node.options.get("shift") == (-1.0, 1.0) and node.sources == (gate.index,):
                return gate, a, b
    return None


def _factors(reader: Reader, value: Any, gates: bool = True) -> list[tuple[Ref, Ref]]:
    """A product's factors in either order, the first of them between 0 and 1 if ``gates``; none if ``value`` is not a product."""
    if not isinstance(value, Ref) or reader.nodes[value.index].kind != "product":
        return []
    x, y = (Ref(source) for source in reader.nodes[value.index].sources)
    return [(u, v) for u, v in ((x, y), (y, x)) if not gates or _is_gate(reader, reader.nodes[u.index])]


def _is_gate(reader: Reader, node: Node) -> bool:
    """Whether every entry is between 0 and 1: a sigmoid, or entries of one."""
    if node.kind in ("sigmoid", "hardsigmoid"):
        return True
    moves = node.kind in ("shape", "restrict", "copies") and "bias" not in node.options
    return moves and len(node.sources) == 1 and _is_gate(reader, reader.nodes[node.sources[0]])
