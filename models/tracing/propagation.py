"""What the norms of the weights say about the whole graph: its Lipschitz constant, and the N_i and D_i of each weight.

Everything here is a sum of products of upper bounds that are not negative, in float64; every step is rounded up by a factor 1 + 2^-48,
which covers the few roundings in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genbounds.models.tracing._attention import attention_slopes
from genbounds.models.tracing._products import Bounds
from genbounds.models.tracing.fused import fused_constants
from genbounds.models.tracing.graph import Graph, Node, Tokens

_UP = 1 + 2.0**-48
_SMALLEST = 2.0**-900
"""Stands for smaller products: near the smallest doubles the factor above would not cover the rounding."""


@dataclass(frozen=True)
class Propagated:
    """Upper bounds that follow from the spectral norms.

    ``lipschitz``: of the network. ``input_norms[i]``: N_i, the Frobenius norm over the sample of the input of weight i, for
    all weights with these norms and biases. ``output_lipschitz[i]``: D_i, from the output of weight i to the logits.
    ``radius``: the bounds hold on inputs of at most this norm; None if everywhere (only attention and products need it, and they do not
    where normalisations or bounded activations stand before them). ``growth[i]``: (l, z), the input of weight i has norm at most
    l ||x|| + z for every x (without products). ``constants``: the Lipschitz constants from the nodes with trained constants to the logits.
    """

    lipschitz: float
    input_norms: tuple[float, ...]
    output_lipschitz: tuple[float, ...]
    radius: float | None
    growth: tuple[tuple[float, float], ...]
    constants: tuple[float, ...]


def propagate(graph: Graph, spectral_norms: Sequence[float], *, data_norm: float, n: int, radius: float) -> Propagated:
    """All of it; ``radius`` bounds the norm of an input, ``data_norm`` the root of the sum of the squares of n of them."""
    gains, sizes, tokens, _ = _resolved(graph, spectral_norms, radius)
    local = any(node.is_local for node in graph.nodes)
    free = local and _resolved(graph, spectral_norms, math.inf)[0] == gains
    norms = _sample_norms(graph, gains, sizes, data_norm, n)
    grown = _growth(graph, gains, data_norm / math.sqrt(n))
    uses = sorted((node.weight, index) for index, node in enumerate(graph.nodes) if node.weight is not None)
    return Propagated(
        lipschitz=min(lipschitz_from(graph, gains, 0), lipschitz_from(graph, gains, 0, tokens)),
        input_norms=tuple(norms[graph.nodes[index].sources[0]] for _, index in uses),
        output_lipschitz=tuple(lipschitz_from(graph, gains, index) for _, index in uses),
        radius=radius if local and not free else None,
        growth=tuple(grown[graph.nodes[index].sources[0]] for _, index in uses),
        constants=tuple(lipschitz_from(graph, gains, index) for index, node in enumerate(graph.nodes) if "trained" in node.options),
    )


def resolved_gains(graph: Graph, spectral_norms: Sequence[float], radius: float) -> list[tuple[float, ...]]:
    """Every node's Lipschitz constants, with the weights' norms in place and attention bounded by the size of its tokens."""
    return _resolved(graph, spectral_norms, radius)[0]


def _resolved(
    graph: Graph, spectral_norms: Sequence[float], radius: float
) -> tuple[list[tuple[float, ...]], list[float], list[float], list[float]]:
    """The Lipschitz constants of every node, and bounds on the norm of one example's value, on those of its tokens, and on its entries."""
    sizes: list[float] = []
    tokens: list[float] = []
    entries: list[float] = []
    result: list[tuple[float, ...]] = []
    for node in graph.nodes:
        gains = node.gains
        if node.weight is not None:
            gains = (spectral_norms[node.weight],)
        elif node.kind == "attention":
            query, key, value = (tokens[source] for source in node.sources)
            if node.options["key_is_transposed"]:
                key = sizes[node.sources[1]]
            slopes = attention_slopes(node.options["scale"], node.options["queries"], query, key, value)
            gains = tuple(max(gain * times * _UP, _SMALLEST) for gain, times in zip(slopes, node.options["repeats"], strict=True))
        if node.options.get("product") is not None:
            found = node.options["product"](*(Bounds(sizes[source], tokens[source], entries[source]) for source in node.sources))
            gains = tuple(max(gain * _UP, _SMALLEST) for gain in found.gains)
            result.append(gains)
            for bounds, value in ((sizes, found.size), (tokens, found.tokens), (entries, found.entries)):
                bounds.append(max(value * _UP, _SMALLEST))
            continue
        result.append(gains)
        sizes.append(_size(node, gains, sizes, tokens, radius))
        tokens.append(_tokens(node, gains, sizes, tokens))
        entries.append(_largest_entry(node, entries, tokens[-1]))
    return result, sizes, tokens, entries


def _size(node: Node, gains: tuple[float, ...], sizes: list[float], tokens: list[float], radius: float) -> float:
    """A bound on the norm of one example's value."""
    if node.kind == "input":
        return radius
    if not node.has_data:
        return 0.0
    if node.kind == "attention":  # its rows are averages of the rows of V
        return math.sqrt(node.options["rows"]) * tokens[node.sources[2]] * _UP
    return min(_combined(node, gains, sizes) + node.at_zero, node.cap) * _UP


def _tokens(node: Node, gains: tuple[float, ...], sizes: list[float], tokens: list[float]) -> float:
    """A bound on the norm of every vector along the last axis."""
    rule: Tokens = node.tokens
    if node.kind == "embedding":
        return gains[0]  # each token is the image of one unit vector
    if node.kind == "input" or rule.factor is None:
        return min(sizes[-1], rule.cap)
    before = [tokens[source] for source in node.sources]
    if not before:
        return sizes[-1]
    combined = {"sum": sum(before), "root": math.hypot(*before), "max": max(before), "last": before[-1]}[rule.combine]
    factor = gains[0] if rule.through_weight else rule.factor
    return min(_times(factor, combined) + rule.offset, rule.cap, sizes[-1]) * _UP


def _largest_entry(node: Node, entries: list[float], token: float) -> float:
    """A bound on the absolute value of every entry, of vectors of norm at most ``token``."""
    rule, before = node.entries, [entries[source] for source in node.sources]
    if rule.factor is None or not before or rule.combine == "last":
        return min(token, rule.cap)
    combined = {"sum": sum(before), "root": math.hypot(*before), "max": max(before)}[rule.combine]
    return min(_times(rule.factor, combined) + rule.offset, rule.cap, token) * _UP


def _times(gain: float, value: float) -> float:
    """The product, 2^-900 if that is more, with 0 * infinity = 0: what does not move has no effect, however steep."""
    return max(gain * value, _SMALLEST) if gain and value else 0.0


def _combined(node: Node, gains: tuple[float, ...], before: Sequence[float]) -> float:
    parts = [_times(gain, before[source]) for gain, source in zip(gains, node.sources, strict=True)]
    return math.hypot(*parts) if node.combine == "root" else sum(parts)


def fused_lipschitz(graph: Graph, spectral_norms: Sequence[float], radius: float) -> float:
    """The Lipschitz constant of the network with its weights as they are, layers one after another bounded together."""
    gains, _sizes, tokens, _entries = _resolved(graph, spectral_norms, radius)
    return lipschitz_from(graph, gains, 0, tokens, fused_constants(graph, spectral_norms))


def lipschitz_from(
    graph: Graph,
    gains: Sequence[tuple[float, ...]],
    start: int,
    tokens: Sequence[float] | None = None,
    fused: Mapping[int, tuple[int, float]] | None = None,
) -> float:
    """The Lipschitz constant from the value of node ``start`` to the output, everything that does not depend on it held fixed.

    With bounds on the ``tokens`` of every node, self-attention is bounded by its weights as they are, where that is less; with ``fused``
    constants, as ``fused_constants`` gives them, so are other nodes.
    """
    values = [0.0] * len(graph.nodes)
    values[start] = 1.0
    for index in range(start + 1, len(graph.nodes)):
        node = graph.nodes[index]
        values[index] = _combined(node, gains[index], values) * _UP
        if tokens is not None and node.anchor is not None and start <= node.anchor and math.isfinite(tokens[node.anchor]):
            values[index] = min(values[index], _times(node.options["anchored"](tokens[node.anchor]), values[node.anchor]) * _UP)
        anchor, constant = (fused or {}).get(index, (-1, math.inf))
        if anchor >= start:
            values[index] = min(values[index], _times(constant, values[anchor]) * _UP)
    return values[graph.output]


def _sample_norms(graph: Graph, gains: Sequence[tuple[float, ...]], sizes: Sequence[float], data_norm: float, n: int) -> list[float]:
    """A bound on the Frobenius norm over the sample of every node's value: ``sizes`` bounds each example's."""
    root = math.sqrt(n) * _UP
    norms: list[float] = []
    for node, constants, size in zip(graph.nodes, gains, sizes, strict=True):
        if node.kind == "input":
            norms.append(data_norm)
        else:
            norms.append(min(_norm(node, constants, norms) + root * node.at_zero, root * size) * _UP if node.has_data else 0.0)
    return norms


def _norm(node: Node, gains: tuple[float, ...], before: Sequence[float]) -> float:
    """How much the value differs from op(0): for a product either factor says it alone, for a blend the pair that is blended."""
    if not node.options.get("product"):
        return _combined(node, gains, before)
    parts = [_times(gain, before[source]) for gain, source in zip(gains, node.sources, strict=True)]
    return parts[0] if node.kind == "blend" else min(parts)


def _growth(graph: Graph, gains: Sequence[tuple[float, ...]], typical: float) -> list[tuple[float, float]]:
    """For every node (l, z) with ||value|| <= l ||x|| + z at every input x; of two such pairs the smaller one at ||x|| = typical."""
    pairs: list[tuple[float, float]] = []
    for node, constants in zip(graph.nodes, gains, strict=True):
        if node.kind == "input":
            pairs.append((1.0, 0.0))
        elif not node.has_data:
            pairs.append((0.0, 0.0))
        elif constants == (1.0,) and not node.at_zero and node.cap == math.inf:
            pairs.append(pairs[node.sources[0]])
        else:
            slope = _combined(node, constants, [pair[0] for pair in pairs])
            offset = _combined(node, constants, [pair[1] for pair in pairs]) + node.at_zero
            capped = node.cap < _times(slope, typical) + offset
            pairs.append((0.0, node.cap * _UP) if capped else (slope * _UP, offset * _UP))
    return pairs
